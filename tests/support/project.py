"""A copy of the shop's files, for tests that edit them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def a_project(folder: Path, *, in_git: bool = False) -> Path:
    """The shipped project in a folder of its own, as the first commit of a repository if so wished."""
    root = folder / "project"
    root.mkdir(parents=True)
    for name in ("domain.yml", "config.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "data", root / "data")
    (root / "web").symlink_to(ROOT / "web")
    if in_git:
        git(root, "init", "-q", "-b", "main")
        git(root, "add", "-A", ".")
        git(root, "commit", "-q", "-m", "The shop as it is")
    return root


def git(root: Path, *arguments: str) -> str:
    """What git says in the project."""
    who = {f"GIT_{role}_{what}": "Dev" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | who
    done = subprocess.run(["git", *arguments], cwd=root, env=env, capture_output=True, text=True, check=True)
    return done.stdout
