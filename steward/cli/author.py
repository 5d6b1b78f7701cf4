"""In whose name the shop's files are edited from the command line."""

from __future__ import annotations

import argparse
import re
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from steward.cli.command import asked_by
from steward.settings import Settings

if TYPE_CHECKING:
    from steward.project import Author

_WITH_EMAIL = re.compile(r"(.+?)\s*<([^<>\s]+)>")


def author_of(settings: Settings, options: argparse.Namespace) -> Author:
    """Who `--by` says (`Name`, or `Name <e-mail>`); else who git knows; else the login on this machine."""
    from steward.project import Author

    named = _WITH_EMAIL.fullmatch(options.by or "")
    if named:
        return Author(named[1], named[2])
    email = _configured(settings.root, "user.email")
    name = options.by or _configured(settings.root, "user.name") or asked_by(options)
    return Author(name, email or f"{asked_by(options)}@{socket.gethostname()}".replace(" ", "."))


def _configured(root: Path, key: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(root), "config", key], capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip()
