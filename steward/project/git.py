"""Commits of exactly the files that were edited, whatever else lies changed or staged beside them.

Nothing here touches the work tree. A commit is made of git's own parts (blobs, a tree, a commit), so that it
holds the edits and nothing that somebody else has changed or staged, and no hook runs.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from steward.errors import ProjectError
from steward.project.changeset import FileChange

_SECONDS = 60
_FILE = "100644"


@dataclass(frozen=True)
class Author:
    """In whose name a commit is."""

    name: str
    email: str


@dataclass(frozen=True)
class GitState:
    """The branch, None where HEAD is on none, and the changed files, by their path below the root."""

    branch: str | None
    dirty: tuple[str, ...]


@dataclass(frozen=True)
class Prepared:
    """A commit that is made and on no branch yet, and the one that it follows."""

    commit: str
    parent: str | None


class Repository:
    """The git work tree that a folder is in; `find` gives it."""

    def __init__(self, root: Path, prefix: str) -> None:
        self._root = root
        self._prefix = prefix

    @classmethod
    def find(cls, root: Path) -> Repository | None:
        """The repository around a folder; None where there is none, or no git to ask."""
        probe = cls(root, "")
        try:
            inside = probe._git("rev-parse", "--is-inside-work-tree", check=False)
            prefix = probe._git("rev-parse", "--show-prefix", check=False)
        except OSError:
            return None
        if inside.returncode or inside.stdout.strip() != b"true":
            return None
        return cls(root, prefix.stdout.decode().rstrip("\n"))

    def state(self) -> GitState:
        """The branch and what is changed below the root."""
        branch = self._git("symbolic-ref", "--short", "-q", "HEAD", check=False).stdout.decode().strip()
        status = self._git("status", "--porcelain", "-z", "--no-renames", "--", ".").stdout.decode()
        paths = (entry[3:] for entry in status.split("\0") if entry)
        return GitState(branch or None, tuple(path.removeprefix(self._prefix) for path in paths))

    def head(self) -> str | None:
        """The commit that HEAD is at; None before the first."""
        found = self._git("rev-parse", "-q", "--verify", "HEAD^{commit}", check=False)
        return found.stdout.decode().strip() or None

    def last_change(self, paths: Sequence[str]) -> str | None:
        """The newest commit that changed one of these files or folders."""
        found = self._git("log", "-1", "--format=%H", "--", *paths, check=False)
        return found.stdout.decode().strip() or None

    def prepare(self, files: Sequence[FileChange], author: Author, message: str) -> Prepared:
        """Make a commit of these edits on top of HEAD, and put it on no branch yet.

        What was changed in the same files and not committed stays out of it. Raises ProjectError where the
        edits stand in the midst of such a change.
        """
        head = self.head()
        with tempfile.TemporaryDirectory(prefix="steward-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            if head:
                self._git("read-tree", head, env=index)
            self._stage([(file.path, self._merged(file, head, Path(folder))) for file in files], index)
            tree = self._git("write-tree", env=index).stdout.decode().strip()
        parents = ["-p", head] if head else []
        arguments = ("-c", "commit.gpgSign=false", "commit-tree", tree, *parents, "-F", "-")
        made = self._git(*arguments, env=_identity(author), stdin=message.encode())
        return Prepared(made.stdout.decode().strip(), head)

    def advance(self, prepared: Prepared) -> bool:
        """Let HEAD be at a prepared commit; False when it is no longer where it was."""
        if self.contains(prepared.commit):
            return True
        old = prepared.parent or "0" * len(prepared.commit)
        reason = "steward: improve what the bot knows"
        moved = self._git("update-ref", "-m", reason, "HEAD", prepared.commit, old, check=False)
        return moved.returncode == 0

    def contains(self, commit: str) -> bool:
        """Whether a commit is HEAD or one of those before it."""
        return not self._git("merge-base", "--is-ancestor", commit, "HEAD", check=False).returncode

    def content(self, commit: str | None, path: str) -> bytes | None:
        """A file as a commit has it."""
        return self._blob(f"{commit}:{self._prefix}{path}") if commit else None

    def catch_up(self, paths: Sequence[str], prepared: Prepared) -> None:
        """Let the index know the edits, as if each file had been added; what else was staged stays staged."""
        with tempfile.TemporaryDirectory(prefix="steward-") as folder:
            staged = []
            for path in paths:
                there = self._blob(f":{self._prefix}{path}")
                was, now = self.content(prepared.parent, path), self.content(prepared.commit, path)
                if there == was:
                    staged.append((path, now))
                elif there is not None and was is not None and now is not None:
                    merged = self._three_way(there, was, now, Path(folder))
                    staged.append((path, merged if merged is not None else there))
            self._stage(staged, {})

    def _merged(self, file: FileChange, head: str | None, folder: Path) -> bytes | None:
        """What the commit holds of a file: HEAD's version with the edit, and no other change."""
        was = self.content(head, file.path)
        if was is None or file.before is None or file.after is None or was == file.before:
            return file.after
        merged = self._three_way(was, file.before, file.after, folder)
        if merged is None:
            message = "changes that are not committed stand where this edit belongs; commit them first"
            raise ProjectError(message, file=file.path)
        return merged

    def _three_way(self, ours: bytes, base: bytes, theirs: bytes, folder: Path) -> bytes | None:
        """What both have made of a text; None where they contradict each other."""
        names = ("ours", "base", "theirs")
        for name, content in zip(names, (ours, base, theirs), strict=True):
            Path(folder, name).write_bytes(content)
        paths = [str(Path(folder, name)) for name in names]
        merged = self._git("merge-file", "-p", "-q", *paths, check=False)
        return merged.stdout if merged.returncode == 0 else None

    def _stage(self, contents: Sequence[tuple[str, bytes | None]], env: Mapping[str, str]) -> None:
        """Put these contents into an index."""
        lines = []
        for path, content in contents:
            if content is None:
                lines.append(f"0 {'0' * 40}\t{self._prefix}{path}")
                continue
            stored = self._git("hash-object", "-w", "--stdin", f"--path={path}", stdin=content)
            lines.append(f"{_FILE} {stored.stdout.decode().strip()}\t{self._prefix}{path}")
        if lines:
            text = "\0".join([*lines, ""]).encode()
            self._git("update-index", "-z", "--add", "--index-info", env=env, stdin=text)

    def _blob(self, name: str) -> bytes | None:
        """A file in a commit or in the index, as it would stand in the work tree."""
        found = self._git("cat-file", "--filters", name, check=False)
        return found.stdout if found.returncode == 0 else None

    def _git(
        self,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        stdin: bytes | None = None,
        check: bool = True,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git below the root; raises ProjectError with what it said when it must not fail and does."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        command = ["git", "-c", "core.quotePath=false", *arguments]
        try:
            done = subprocess.run(
                command,
                cwd=self._root,
                env={**clean, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", **(env or {})},
                input=stdin if stdin is not None else b"",
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ProjectError(f"git {arguments[0]} took more than {_SECONDS} seconds") from None
        if check and done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise ProjectError(f"git {arguments[0]} failed: {said[-1] if said else 'without a word'}")
        return done


def _identity(author: Author) -> dict[str, str]:
    """Author and committer alike: the machine has nobody else to name."""
    name = "".join(one for one in author.name if one.isprintable() and one not in "<>").strip() or "Operator"
    email = "".join(one for one in author.email if one.isprintable() and one not in "<> ")
    return {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", email))
    }
