"""The model of the shop's own files, trained once for all tests and workers of a run."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from steward.console import Console
from steward.settings import load_settings
from steward.training import models
from steward.training.registry import Registry
from tests.support.stack import ROOT

_SECONDS = 900
_MODELS = "models"


def shop_model(run: Path) -> Path:
    """A home with the model in its registry, in the run's folder: who comes first makes it, others wait."""
    home = run / "shop-model"
    settings = load_settings({"STEWARD_HOME": str(home), "STEWARD_ROOT": str(ROOT)})
    with _alone(run / "shop-model.lock"):
        if Registry(home).current() is None:
            deadline = time.monotonic() + _SECONDS
            made = models.train(settings, Console(sys.stderr), stopping=lambda: time.monotonic() > deadline)
            assert made is not None, f"no model of the shop's files within {_SECONDS} s"
    return home


def archive(home: Path) -> Path:
    """The model's archive."""
    registry, record = Registry(home), Registry(home).current()
    assert record is not None
    return registry.archive(record.id)


def copied(home: Path, other: Path) -> None:
    """Give another home the models of this one, as if its Steward had trained them."""
    shutil.copytree(home / _MODELS, other / _MODELS)


def of_the_run(factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of a run share."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
