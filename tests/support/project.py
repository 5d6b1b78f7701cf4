"""A copy of the shop's files, for tests that edit them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_CONVERSATIONS = """\
conversation,text,topic,skus,act,source
prices,how much is the rill 300?,price,RL-300,answer,must: it is what customers ask most
delivery,how long does delivery take?,delivery,,answer,must: it is what customers ask next
opening hours,when are you open on saturday,hours,,answer,shop
smoke,there is smoke coming out of the dishwasher,safety,,safety,shop
"""


def a_project(folder: Path, *, committed: bool = False) -> Path:
    """The shipped project in a folder of its own, as the first commit of a repository if so wished."""
    root = folder / "project"
    root.mkdir(parents=True)
    for name in ("domain.yml", "config.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "data", root / "data")
    (root / "web").symlink_to(ROOT / "web")
    if committed:
        in_git(root)
    return root


def in_git(root: Path) -> None:
    """Make the project the first commit of a repository."""
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A", ".")
    git(root, "commit", "-q", "-m", "The shop as it is")


def git(root: Path, *arguments: str) -> str:
    """What git says in the project."""
    who = {f"GIT_{role}_{what}": "Dev" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | who
    done = subprocess.run(["git", *arguments], cwd=root, env=env, capture_output=True, text=True, check=True)
    return done.stdout


def with_few_examples(root: Path, every: int) -> None:
    """Leave one example of so many, the first of each file among them: a training then takes seconds."""
    for path in (root / "data" / "nlu").glob("*.yml"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        examples = [place for place, line in enumerate(lines) if line.startswith("    - ")]
        dropped = set(examples) - set(examples[::every])
        path.write_text("".join(line for place, line in enumerate(lines) if place not in dropped), "utf-8")


def with_few_conversations(root: Path) -> None:
    """Leave four conversations for models to be tried on, one of them about a danger."""
    for path in (root / "data" / "conversations").glob("*.csv"):
        path.unlink()
    (root / "data" / "conversations" / "few.csv").write_text(_CONVERSATIONS)
