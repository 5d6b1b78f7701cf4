"""The top level is a Rasa project like any other: its data validates and its test stories pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.stack import ROOT, Stack

_ENV = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}


def _rasa(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "rasa", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=_ENV, capture_output=True, text=True, timeout=240, check=False
    )


def test_rasas_own_validation_finds_nothing() -> None:
    """No error, and no warning of Rasa's about our data either."""
    checked = _rasa("data", "validate", "--fail-on-warnings")
    said = checked.stdout + checked.stderr
    assert checked.returncode == 0, said
    assert "UserWarning" not in said, said


def test_the_test_stories_pass(stack: Stack, tmp_path: Path) -> None:
    """Every rule predicts its action from what customers write."""
    model = max((stack.home / "models").glob("*/model.tar.gz"), key=lambda path: path.stat().st_mtime)
    stories = ROOT / "tests" / "test_stories.yml"
    arguments = (
        "--stories",
        str(stories),
        "--model",
        str(model),
        "--out",
        str(tmp_path),
        "--fail-on-prediction-errors",
    )
    tested = _rasa("test", "core", *arguments)
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "Correct:" in tested.stdout + tested.stderr
