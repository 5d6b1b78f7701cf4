"""The files that a model is made of: a name for them as they are, and a copy of them as they were."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from steward.settings import Settings
from steward.training.runs import TrainingError

# A model is made by this code and by these libraries out of this data; a change in any asks for a new one.
_SOURCES = ("domain.yml", "config.yml", "data")
_CODE = Path(__file__).resolve().parent.parent
_OF_CODE = ("nlu", "catalogue")
# The conversations that judge a model do not make it, and of the catalogue it is made of the products' names
# and of what tells which of them may become dangerous: a price may change freely.
_JUDGES = Path("data", "conversations")
_CATALOGUE = Path("data", "catalogue")
_OF_CATALOGUE = ("products.csv", "features.csv", "specs.csv", "spec_names.csv")
_LIBRARIES = ("rasa", "spacy", "scikit-learn", "numpy")
# What a model is made of and served with is copied; whatever else may be asked for is only pointed to.
_COPIED = ("domain.yml", "config.yml", "endpoints.yml", "credentials.yml", "data", "actions", "steward")
_TRIES = 3


def fingerprint(root: Path, code: Path = _CODE) -> str:
    """A name for the data, code and libraries that a model is made of; equal means the model fits.

    `root` is the shop's folder, wherever it is, `code` that of Steward's own package.
    """
    digest = hashlib.sha256(platform.python_version().encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {metadata.version(library)}\n".encode())
    for base, sources in ((root, _SOURCES), (code, _OF_CODE)):
        for path in _files(base, sources):
            digest.update(f"{path.relative_to(base)}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def snapshot(settings: Settings, folder: Path) -> Settings:
    """Copy the project into a folder, so that edits do not disturb a training: the settings for the copy.

    Raises TrainingError when the files are changed faster than they can be copied.
    """
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        # A file may be replaced while it is looked for.
        with suppress(FileNotFoundError, shutil.Error):
            before = fingerprint(settings.root)
            _copy(settings.root, folder)
            if fingerprint(folder) == before == fingerprint(settings.root):
                return replace(settings, root=folder)
    raise TrainingError("The shop's files are being changed all the time. Train again in a moment.")


def _copy(root: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    for path in root.iterdir():
        target = folder / path.name
        if path.name.startswith("."):
            continue
        if path.name not in _COPIED:
            target.symlink_to(path)
        elif path.is_dir():
            shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(path, target)


def _files(base: Path, sources: Iterable[str]) -> Iterator[Path]:
    """The files that make a model, in an order that is the same everywhere."""
    for name in sources:
        # Also through links to folders, since the copy of a project has what they point to.
        found = (
            Path(folder, file)
            for folder, _, files in os.walk(base / name, followlinks=True)
            for file in files
        )
        for path in [base / name] if (base / name).is_file() else sorted(found):
            if path.is_file() and _makes_a_model(path, base):
                yield path


def _makes_a_model(path: Path, base: Path) -> bool:
    if path.is_relative_to(base / _CATALOGUE):
        return path.name in _OF_CATALOGUE
    return "__pycache__" not in path.parts and not path.is_relative_to(base / _JUDGES)
