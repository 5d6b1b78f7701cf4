from __future__ import annotations

from pathlib import Path

import pytest

from steward.process import how_it_ended, last_lines

LOG = """\
2026-01-05 09:00:00 INFO  training starts
Traceback (most recent call last):
  File "encoder.py", line 145, in train
    import onnx
ModuleNotFoundError: No module named 'onnx'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "graph.py", line 503, in __call__
    raise GraphComponentException(
GraphComponentException: Error running graph component
"""


def test_the_end_of_a_log_shows_what_the_errors_say_without_the_frames(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(LOG)

    assert [line.strip() for line in last_lines(tmp_path / "log").splitlines()] == [
        "2026-01-05 09:00:00 INFO  training starts",
        "ModuleNotFoundError: No module named 'onnx'",
        "GraphComponentException: Error running graph component",
    ]


def test_the_end_of_a_long_log_is_short(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("".join(f"line {number}\n" for number in range(100_000)))

    shown = last_lines(tmp_path / "log", count=3)

    assert [line.strip() for line in shown.splitlines()] == ["line 99997", "line 99998", "line 99999"]


def test_a_log_that_is_not_there_says_that_nothing_was_written(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "log") == "    (it wrote nothing)"


@pytest.mark.parametrize(
    ("code", "said"), [(3, "exit code 3"), (-9, "killed by SIGKILL"), (-99, "killed by signal 99")]
)
def test_how_a_process_ended_is_said_in_words(code: int, said: str) -> None:
    assert how_it_ended(code) == said
