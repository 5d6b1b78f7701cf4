"""Applying edits: all or nothing, whatever happens meanwhile, and a commit of just that."""

from __future__ import annotations

import itertools
import os
import resource
import signal
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from steward.errors import ProjectChanged, ProjectError
from steward.project import Author, Project
from steward.project import operations as wishes
from tests.support.project import a_project, git

NOBODY = 65534
OLGA = Author("Olga O'Hara <x>", "olga@example.org")
DOGS = wishes.CreateTopic("dogs", "Dogs", ["may my poodle come along"], "Dogs are welcome.")
MORE = wishes.AddExamples("price", ["what would it take to take two home"])
FILES = {
    "data/catalogue/topics.csv",
    "data/nlu/dogs.yml",
    "data/nlu/price.yml",
    "data/rules/dogs.yml",
    "data/stories/spoken_by_actions.yml",
    "domain.yml",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return a_project(tmp_path, committed=True)


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def leftovers(root: Path) -> list[str]:
    return [path for path in contents(root) if ".steward-" in path and not path.endswith(".gitignore")]


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, or the negative number of the signal; and what it said."""

    code: int
    said: str


def in_a_process(root: Path, first: Callable[[], object]) -> Ended:
    """Plan DOGS and MORE, do something first, and apply them, in a process of its own."""
    said = root.parent / "said.txt"
    said.touch()
    said.chmod(0o666)
    child = os.fork()
    if not child:
        code = 3
        try:
            project = Project(root)
            planned = project.plan([DOGS, MORE])
            first()
            project.apply(planned, OLGA, note="the note")
            code = 0
        except ProjectError as error:
            said.write_text(str(error), encoding="utf-8")
        except BaseException:
            said.write_text(traceback.format_exc(), encoding="utf-8")
            code = 4
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return Ended(os.waitstatus_to_exitcode(status), said.read_text(encoding="utf-8"))


def killed_at(call: str, number: int) -> Callable[[], None]:
    """Have this process killed, as by `kill -9`, when it calls a function of the system for that time."""

    def first() -> None:
        real, calls = getattr(os, call), itertools.count(1)

        def cut(*arguments: Any, **named: Any) -> Any:
            if next(calls) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **named)

        setattr(os, call, cut)

    return first


def test_the_commit_is_in_the_operators_name_and_holds_those_files_alone(root: Path) -> None:
    project = Project(root)
    commit = project.apply(project.plan([DOGS, MORE]), OLGA)
    assert set(commit.files) == FILES
    assert set(git(root, "show", "--format=", "--name-only", "HEAD").split()) == FILES
    said = git(root, "log", "-1", "--format=%H|%an|%ae|%cn|%s")
    assert (
        said.strip() == f"{commit.id}|Olga O'Hara x|olga@example.org|Olga O'Hara x|Improve what the bot knows"
    )
    assert "- New topic dogs with 1 example" in git(root, "log", "-1", "--format=%b")
    assert git(root, "status", "--porcelain") == ""
    assert leftovers(root) == []


def test_other_peoples_changes_stay_as_they_are_staged_or_not(root: Path) -> None:
    (root / "config.yml").write_text("# staged by a colleague\n" + (root / "config.yml").read_text())
    (root / "new.txt").write_text("staged and new")
    git(root, "add", "config.yml", "new.txt")
    (root / "credentials.yml").write_text("# not staged\n")
    (root / "note.txt").write_text("not in git")
    git(root, "rm", "-q", "--cached", "endpoints.yml")
    staged, unstaged = git(root, "diff", "--cached"), git(root, "diff")
    project = Project(root)
    project.apply(project.plan([DOGS, MORE]), OLGA)
    assert git(root, "diff", "--cached") == staged
    assert git(root, "diff") == unstaged
    assert (root / "note.txt").read_text() == "not in git"
    assert set(git(root, "show", "--format=", "--name-only", "HEAD").split()) == FILES


def test_changes_of_others_in_the_same_file_are_kept_out_of_the_commit(root: Path) -> None:
    for name, staged in (("data/nlu/price.yml", True), ("domain.yml", False)):
        path = root / name
        path.write_text(path.read_text().replace('version: "3.1"\n', 'version: "3.1"\n\n# a colleague\n', 1))
        if staged:
            git(root, "add", name)
    project = Project(root)
    project.apply(project.plan([DOGS, MORE]), OLGA)
    assert "a colleague" not in git(root, "show", "--format=", "HEAD")
    assert "a colleague" in git(root, "diff", "--cached", "--", "data/nlu/price.yml")
    assert "take two home" not in git(root, "diff", "--cached", "--", "data/nlu/price.yml")
    assert git(root, "diff", "--", "data/nlu/price.yml") == ""
    assert git(root, "diff", "--cached", "--", "domain.yml") == ""
    assert "+# a colleague" in git(root, "diff", "--", "domain.yml")


def test_changes_of_others_in_the_same_place_are_refused_before_anything_is_written(root: Path) -> None:
    path = root / "data/nlu/price.yml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines[:-1], "    - written by a colleague\n"]), encoding="utf-8")
    project, before = Project(root), contents(root)
    with pytest.raises(ProjectError, match=r"^data/nlu/price.yml: changes that are not committed"):
        project.apply(project.plan([DOGS, MORE]), OLGA)
    assert {**before} == {k: v for k, v in contents(root).items() if not k.startswith(".steward-edits")}
    assert git(root, "log", "--oneline").count("\n") == 1
    assert leftovers(root) == []


def test_no_hook_runs_and_a_project_below_the_top_of_the_repository_will_do(tmp_path: Path) -> None:
    root = a_project(tmp_path)
    git(tmp_path, "init", "-q")
    hook = tmp_path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    project = Project(root)
    commit = project.apply(project.plan([MORE]), OLGA)
    assert commit.files == ("data/nlu/price.yml",)
    assert git(tmp_path, "show", "--format=", "--name-only", "HEAD").strip() == "project/data/nlu/price.yml"
    assert project.state().git.dirty != ()


def test_without_git_the_files_are_written_all_the_same(tmp_path: Path) -> None:
    project = Project(a_project(tmp_path))
    assert project.apply(project.plan([DOGS]), OLGA) is None
    assert project.topic("dogs").answer == "Dogs are welcome."
    assert project.state().git is None
    assert project.data_commit() is None


def test_the_data_s_commit_is_the_last_that_changed_it_and_says_when_more_has_changed(root: Path) -> None:
    project = Project(root)
    first = project.data_commit()
    (root / "note.txt").write_text("x")
    git(root, "add", "note.txt")
    git(root, "commit", "-q", "-m", "A note")
    assert project.data_commit() == first
    commit = project.apply(project.plan([MORE]), OLGA)
    assert project.data_commit() == commit.id
    (root / "config.yml").write_text("# changed\n")
    assert project.data_commit() == f"{commit.id}+"
    assert project.state().git.dirty == ("config.yml",)


@pytest.mark.parametrize("what", ["changed", "gone", "made"])
def test_a_file_that_changed_since_the_plan_is_not_overwritten(root: Path, what: str) -> None:
    project = Project(root)
    planned = project.plan([DOGS, MORE])
    path = root / ("data/nlu/dogs.yml" if what == "made" else "data/nlu/price.yml")
    if what == "gone":
        path.unlink()
    else:
        path.write_text("# somebody was faster\n")
    before = contents(root)
    with pytest.raises(ProjectChanged, match=f"^data/nlu/{path.name}: changed by somebody else"):
        project.apply(planned, OLGA)
    assert contents(root) == before


def test_an_edit_that_no_longer_fits_the_files_around_it_is_refused(root: Path) -> None:
    project = Project(root)
    planned = project.plan([wishes.SetFact("warranty", "RL-300", "Three years.", "overview")])
    shop = root / "data/catalogue/shop.csv"
    shop.write_text(shop.read_text(encoding="utf-8").replace("delivery,overview", "delivery,", 1), "utf-8")
    before = contents(root)
    with pytest.raises(ProjectError, match=r"^data/catalogue/shop.csv:2: aspect: empty"):
        project.apply(planned, OLGA)
    assert contents(root) == before


def test_two_who_apply_at_once_do_not_mix(root: Path) -> None:
    first, second = Project(root), Project(root)
    one, two = first.plan([DOGS]), second.plan([MORE])
    first.apply(one, OLGA)
    second.apply(two, Author("Sam", "sam@example.org"))
    assert git(root, "log", "--format=%an").split("\n")[:2] == ["Sam", "Olga O'Hara x"]
    with pytest.raises(ProjectChanged):
        second.apply(first.plan([]).__class__(two.operations, two.files, ()), OLGA)


def test_an_edit_with_a_note_is_told_of_until_it_is_settled(root: Path) -> None:
    project = Project(root)
    commit = project.apply(project.plan([MORE]), OLGA, note="number 7")
    (applied,) = Project(root).unsettled()
    assert (applied.note, applied.commit, applied.files) == ("number 7", commit.id, commit.files)
    project.settle("number 7")
    assert project.unsettled() == ()
    assert leftovers(root) == []


@pytest.mark.parametrize(
    ("call", "number"),
    [*(("replace", number) for number in (1, 2, 3, 6, 8, 9, 10, 11)), ("link", 2), ("fsync", 5)],
)
def test_a_kill_in_the_middle_is_finished_or_undone_at_the_next_start(
    root: Path, call: str, number: int
) -> None:
    before = contents(root)
    planned = Project(root).plan([DOGS, MORE])
    after = {**before, **{file.path: file.after for file in planned.files}}
    done = in_a_process(root, killed_at(call, number))
    assert done.code == -signal.SIGKILL, done.said
    project = Project(root)
    settled = project.unsettled()
    now = {path: content for path, content in contents(root).items() if not path.startswith(".steward-edits")}
    assert now in (before, after)
    commits = git(root, "log", "--format=%an").split("\n")[:-1]
    if now == after:
        assert commits == ["Olga O'Hara x", "Dev"]
        assert [one.note for one in settled] == ["the note"]
        assert set(git(root, "show", "--format=", "--name-only", "HEAD").split()) == FILES
        project.settle("the note")
    else:
        assert (commits, settled) == (["Dev"], ())
    assert git(root, "status", "--porcelain") == ""
    assert leftovers(root) == []
    if now == before:
        assert project.apply(project.plan([DOGS, MORE]), OLGA) is not None


def test_an_edit_cut_off_before_a_colleague_changed_its_file_is_undone(root: Path) -> None:
    before = contents(root)
    done = in_a_process(root, killed_at("replace", 5))
    assert done.code == -signal.SIGKILL
    path = root / "domain.yml"
    assert path.read_bytes() == before["domain.yml"]
    path.write_text("# a colleague\n" + path.read_text())
    Project(root).recover()
    now = {name: content for name, content in contents(root).items() if not name.startswith(".steward-edits")}
    assert now == {**before, "domain.yml": b"# a colleague\n" + before["domain.yml"]}
    assert git(root, "log", "--oneline").count("\n") == 1


def test_an_edit_cut_off_before_its_commit_and_now_in_anothers_way_is_undone(root: Path) -> None:
    done = in_a_process(root, killed_at("replace", 2))
    assert done.code == -signal.SIGKILL
    path = root / "data/nlu/price.yml"
    path.write_text(path.read_text(encoding="utf-8") + "    - from a colleague\n", encoding="utf-8")
    git(root, "commit", "-q", "-a", "-m", "By hand")
    before = contents(root)
    Project(root).recover()
    assert leftovers(root) == []
    assert {
        name for name in before if not name.endswith((".json", ".tmp", ".steward-new", ".steward-old"))
    } == {*contents(root)}
    assert path.read_bytes() == before["data/nlu/price.yml"]
    assert git(root, "log", "-1", "--format=%s").strip() == "By hand"


@pytest.mark.parametrize("limit", [300, 3000, 20_000])
def test_on_a_full_disk_nothing_is_changed_and_the_reason_is_said(root: Path, limit: int) -> None:
    before = contents(root)
    done = in_a_process(root, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert done.code == 3, done.said
    assert "the disk is full" in done.said or "git" in done.said
    now = {path: content for path, content in contents(root).items() if not path.startswith(".steward-edits")}
    assert now == before
    assert leftovers(root) == []
    assert git(root, "log", "--oneline").count("\n") == 1


def become_nobody() -> None:
    """Give up being the administrator, to whom no folder is closed."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def test_a_folder_that_may_not_be_written_to_is_named() -> None:
    with tempfile.TemporaryDirectory() as above:
        root = a_project(Path(above), committed=True)
        before = contents(root)
        (root / "data" / "rules").chmod(0o555)
        if os.geteuid() == 0:
            for path in (Path(above), *Path(above).rglob("*")):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        done = in_a_process(root, become_nobody)
        assert done.code == 3, done.said
        assert "the folder data/rules cannot be written to" in done.said
        assert "Nothing was changed" in done.said
        now = {path: what for path, what in contents(root).items() if not path.startswith(".steward-edits")}
        assert now == before
