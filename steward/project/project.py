"""The project as a whole: read it, plan edits of it, apply them."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from steward.errors import ProjectChanged, ProjectError
from steward.project import checks, topics
from steward.project.changeset import ChangeSet, FileChange
from steward.project.conversations import Conversation
from steward.project.draft import Draft, Parsed
from steward.project.facts import FactSheet, facts_on
from steward.project.git import Author, GitState, Prepared, Repository
from steward.project.journal import Journal, Journals, Stage
from steward.project.operations import Operation
from steward.project.plan import carry_out, conversations
from steward.project.topics import Topic

_READ = (
    "domain.yml",
    "data/**/*.yml",
    "data/**/*.yaml",
    "data/catalogue/*.csv",
    "data/conversations/*.csv",
)
_LEARNED_FROM = ("domain.yml", "config.yml", "data")
_TRIES = 5
_LOG = logging.getLogger("steward.project")


@dataclass(frozen=True)
class Commit:
    """A commit with edits of the shop's files."""

    id: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """Whether the files can be edited, and how they stand in git; None outside of it."""

    writable: bool
    git: GitState | None


@dataclass(frozen=True)
class Applied:
    """Edits that were applied with a note, and are not settled yet; `commit` is None outside of git."""

    note: str
    commit: str | None
    files: tuple[str, ...]


class Project:
    """The shop's files below a root. Plans change nothing; `apply` writes all of a plan or nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._journals = Journals(root)
        self._parsed: Parsed = {}

    def topics(self) -> tuple[Topic, ...]:
        """Every topic, in the order of the domain."""
        return tuple(topics.topics(self._draft()))

    def topic(self, name: str) -> Topic | None:
        """The topic of this name."""
        return next((topic for topic in self.topics() if topic.name == name), None)

    def facts(self, topic: str) -> FactSheet | None:
        """The facts on a built-in topic that can be set; None where there are none."""
        return facts_on(self._draft(), topic)

    def conversations(self) -> tuple[Conversation, ...]:
        """The regression conversations; raises ProjectError, naming file and line, for what cannot be one."""
        return conversations(self._draft())

    def plan(self, operations: Sequence[Operation]) -> ChangeSet:
        """What these wishes come to, one after the other.

        Raises ProjectError naming the field, or file and line, that stands against one of them.
        """
        planned, refused = self.attempt(operations)
        if refused:
            raise refused[min(refused)]
        return planned

    def attempt(self, operations: Sequence[Operation]) -> tuple[ChangeSet, dict[int, ProjectError]]:
        """A plan without the wishes that cannot be, and why each of those, by its place, cannot.

        Raises ProjectError when the files as edited would not hold together.
        """
        draft = self._draft()
        refused: dict[int, ProjectError] = {}
        done: list[Operation] = []
        for place, operation in enumerate(operations):
            try:
                draft.attempt(partial(carry_out, draft, operation))
                done.append(operation)
            except ProjectError as error:
                refused[place] = error
        checks.expect_whole(draft, self.root)
        return ChangeSet(tuple(done), draft.changes(), checks.warnings(draft, done)), refused

    def apply(self, planned: ChangeSet, author: Author, message: str = "", note: str = "") -> Commit | None:
        """Write a plan's files, and commit them in the author's name where the project is in git.

        Raises ProjectChanged when a file is no longer what the plan was made on, and ProjectError, with
        nothing changed, when it cannot be written. An edit with a `note` is told of by `unsettled` until it
        is settled.
        """
        with self._journals.alone():
            self._recover()
            self._expect_unchanged(planned.files)
            if not planned.files:
                return None
            self._expect_whole(planned.files)
            repository = Repository.find(self.root)
            rest = {"author": asdict(author), "message": message.strip() or planned.message, "note": note}
            journal = self._journals.begin(planned.files, rest)
            try:
                journal = self._prepare(journal, planned.files, repository)
            except ProjectError:
                self._journals.undo(journal)
                raise
            return self._finish(self._journals.write(journal), repository)

    def recover(self) -> None:
        """Finish what was cut off in the middle, or undo it; harmless when there is nothing of the kind."""
        with self._journals.alone():
            self._recover()

    def on_the_way(self) -> frozenset[str]:
        """The names of the edits that somebody is at work on, or was until they were cut off."""
        return self._journals.on_the_way()

    def unsettled(self) -> tuple[Applied, ...]:
        """The edits with a note that nobody has settled, after recovering what was cut off."""
        self.recover()
        done = [one for one in self._journals.all() if one.stage is Stage.DONE]
        return tuple(
            Applied(one.rest["note"], one.rest.get("commit"), tuple(entry.path for entry in one.entries))
            for one in done
        )

    def settle(self, note: str) -> None:
        """Whoever made the note has drawn the consequences."""
        with self._journals.alone():
            for journal in self._journals.all():
                if journal.stage is Stage.DONE and journal.rest["note"] == note:
                    self._journals.forget(journal)

    def state(self) -> State:
        """Whether the files can be edited, and how they stand in git."""
        places = [self.root, *(path for path in self.root.glob("data/*") if path.is_dir())]
        writable = all(os.access(place, os.W_OK) for place in places)
        repository = Repository.find(self.root)
        return State(writable, repository.state() if repository else None)

    def data_commit(self) -> str | None:
        """The commit of what the bot learns from, with a "+" if it was changed since; None outside of git."""
        repository = Repository.find(self.root)
        commit = repository.last_change(_LEARNED_FROM) if repository else None
        if repository is None or commit is None:
            return None
        dirty = repository.state().dirty
        changed = any(path in _LEARNED_FROM or path.startswith("data/") for path in dirty)
        return f"{commit}+" if changed else commit

    def _draft(self) -> Draft:
        return Draft(dict(_files(self.root)), self._parsed)

    def _expect_unchanged(self, files: Iterable[FileChange]) -> None:
        for file in files:
            try:
                now: bytes | None = (self.root / file.path).read_bytes()
            except FileNotFoundError:
                now = None
            if now != file.before:
                raise ProjectChanged("changed by somebody else since this was planned", file=file.path)

    def _expect_whole(self, files: Iterable[FileChange]) -> None:
        """The edits hold together with the files that they leave as they are, as these are now."""
        draft = self._draft()
        for file in files:
            draft.put(file.path, file.after)
        checks.expect_whole(draft, self.root)

    def _prepare(
        self, journal: Journal, files: Sequence[FileChange], repository: Repository | None
    ) -> Journal:
        """Make the commit that the edit becomes; it is on no branch yet."""
        if repository is None:
            return journal
        made = repository.prepare(files, Author(**journal.rest["author"]), journal.rest["message"])
        return self._journals.note(journal, commit=made.commit, parent=made.parent)

    def _recover(self) -> None:
        journals = [one for one in self._journals.all() if one.stage is not Stage.DONE]
        repository = Repository.find(self.root) if journals else None
        for journal in journals:
            try:
                if journal.stage is Stage.READY:
                    journal = self._resumed(journal, repository)
                self._finish(journal, repository)
            except (ProjectError, OSError) as error:
                _LOG.warning("An edit that was cut off is not applied: %s.", error)
        self._journals.tidy()

    def _resumed(self, journal: Journal, repository: Repository | None) -> Journal:
        """The edit with its files written, or undone where that cannot be any more."""
        try:
            # It may have been cut off before there was a commit; then nothing is replaced yet.
            if "commit" not in journal.rest:
                journal = self._prepare(journal, self._journals.changes(journal), repository)
            return self._journals.write(journal)
        except ProjectError:
            self._journals.undo(journal)
            raise

    def _finish(self, journal: Journal, repository: Repository | None) -> Commit | None:
        """Bring an edit whose files are written to its end."""
        if journal.stage is Stage.WRITTEN:
            journal = self._commit(journal, repository)
        commit = journal.rest.get("commit")
        if journal.stage is Stage.COMMITTED and self._index_caught_up(journal, repository):
            journal = self._journals.advance(journal, Stage.DONE)
            if not journal.rest["note"]:
                self._journals.forget(journal)
        return Commit(commit, tuple(entry.path for entry in journal.entries)) if commit else None

    def _commit(self, journal: Journal, repository: Repository | None) -> Journal:
        if repository is not None and journal.rest.get("commit"):
            journal = self._on_the_branch(journal, repository)
        return self._journals.advance(journal, Stage.COMMITTED)

    def _on_the_branch(self, journal: Journal, repository: Repository) -> Journal:
        """Let the branch go on with the edit's commit, made anew where others have committed meanwhile."""
        for _ in range(_TRIES):
            if repository.advance(Prepared(journal.rest["commit"], journal.rest["parent"])):
                return journal
            try:
                journal = self._prepare(journal, self._as_changes(journal, repository), repository)
            except ProjectError as error:
                _LOG.warning("The edit is written but not committed: %s.", error)
                break
        return self._journals.note(journal, commit=None)

    def _as_changes(self, journal: Journal, repository: Repository) -> list[FileChange]:
        """The edit's files as the first commit has them, and as its parent has."""
        return [
            FileChange(
                entry.path,
                repository.content(journal.rest["parent"], entry.path),
                repository.content(journal.rest["commit"], entry.path),
            )
            for entry in journal.entries
        ]

    def _index_caught_up(self, journal: Journal, repository: Repository | None) -> bool:
        commit: str | None = journal.rest.get("commit")
        if repository is None or commit is None:
            return True
        prepared = Prepared(commit, journal.rest["parent"])
        for _ in range(_TRIES):
            try:
                repository.catch_up([entry.path for entry in journal.entries], prepared)
                return True
            except ProjectError as error:
                _LOG.warning("Git's index is not up to date yet: %s.", error)
                time.sleep(0.2)
        return False


def _files(root: Path) -> Iterable[tuple[str, bytes]]:
    for pattern in _READ:
        for path in sorted(root.glob(pattern)):
            parts: Any = path.relative_to(root).parts
            if path.is_file() and not any(part.startswith(".") for part in parts):
                yield "/".join(parts), path.read_bytes()
