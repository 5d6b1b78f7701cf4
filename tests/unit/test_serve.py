from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from steward.clock import now
from steward.console import Console
from steward.run import serve
from steward.settings import Settings, load_settings
from steward.training import models
from steward.training.registry import ARCHIVE, Gate, ModelRecord, Reason, Registry
from tests.support.stack import ROOT


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "home").mkdir()
    return load_settings(
        {"STEWARD_ROOT": str(tmp_path), "STEWARD_HOME": str(tmp_path / "home"), "PORT": "18390"}
    )


def a_model(
    settings: Settings, content: str, fingerprint: str | None = None, gate: Gate | None = None
) -> ModelRecord:
    """A model in the registry, of the data as it is unless said otherwise."""
    folder = settings.home / f"new-{content}"
    folder.mkdir()
    (folder / ARCHIVE).write_text(content)
    made_of = fingerprint or models.fingerprint(settings.root)
    return Registry(settings.home).add(
        folder, ModelRecord("", "", made_of, None, now(), "test", 1.0, None, gate)
    )


def test_the_ready_message_tells_addresses_and_sign_in(settings: Settings) -> None:
    (settings.home / "sign-in").write_text("agent@alder-home.example\nblue otter\n")

    assert serve.ready_message(settings, 18.4).splitlines() == [
        "Steward is ready (18 s).",
        "  Demo shop    http://127.0.0.1:18390/",
        "  Agent desk   http://127.0.0.1:18390/desk",
        "  Sign in      agent@alder-home.example  /  blue otter",
        "  Stop         Ctrl-C",
    ]


def test_without_a_sign_in_file_the_ready_message_leaves_it_out(settings: Settings) -> None:
    assert "Sign in" not in serve.ready_message(settings, 1)


def test_what_somebody_promoted_is_served_even_when_the_data_has_changed_and_both_are_said(
    settings: Settings,
) -> None:
    chosen = a_model(settings, "chosen", fingerprint="of older data")
    a_model(settings, "newer")
    Registry(settings.home).promoted(chosen.id, by="Lena Byrne", reason="", kind="promote", at=0)
    log = io.StringIO()

    served = serve._model(settings, Console(log), serve.Interrupts())

    assert served is not None and served.id == chosen.id
    assert f"Serving model {chosen.id}, which Lena Byrne promoted on " in log.getvalue()
    assert "have changed since it was trained" in log.getvalue()


def test_a_promoted_model_of_the_same_data_is_served_without_a_warning(settings: Settings) -> None:
    chosen = a_model(settings, "chosen")
    Registry(settings.home).promoted(chosen.id, by="Lena Byrne", reason="", kind="promote")
    log = io.StringIO()

    assert serve._model(settings, Console(log), serve.Interrupts()) is not None
    assert "changed" not in log.getvalue()


def test_a_first_model_goes_on_serving_beside_a_newer_one_that_nobody_promoted(settings: Settings) -> None:
    first = a_model(settings, "first")
    a_model(settings, "newer", gate=Gate(True))
    Registry(settings.home).promoted(first.id, by="steward", reason="", kind="first")

    served = serve._model(settings, Console(io.StringIO()), serve.Interrupts())

    assert served is not None and served.id == first.id


def test_with_changed_data_and_no_choice_of_anybody_the_model_that_fits_is_served(settings: Settings) -> None:
    first = a_model(settings, "first", fingerprint="of older data")
    fits = a_model(settings, "fits")
    registry = Registry(settings.home)
    registry.promoted(first.id, by="steward", reason="", kind="first")

    served = serve._model(settings, Console(io.StringIO()), serve.Interrupts())

    assert served is not None and served.id == fits.id
    assert [promotion.kind for promotion in served.promotions] == ["first"]
    current = registry.current()
    assert current is not None and current.id == fits.id


def test_a_model_that_failed_the_gate_is_not_served_only_because_it_fits(settings: Settings) -> None:
    first = a_model(settings, "first", fingerprint="of older data")
    a_model(settings, "failed", gate=Gate(False, (Reason("worse", "It is worse.", "improve"),)))
    Registry(settings.home).promoted(first.id, by="steward", reason="", kind="first")
    log = io.StringIO()

    served = serve._model(settings, Console(log), serve.Interrupts())

    assert served is not None and served.id == first.id
    assert "did not pass the gate" in log.getvalue()


# In a process of its own: a signal that came late would end whatever test runs then.
_STOPPED_TWICE = """
import os, signal
from steward.run import serve

signal.signal(signal.SIGINT, signal.default_int_handler)
with serve.Interrupts().caught() as interrupts:
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(os.getpid(), number)
        print(interrupts.stopping(), interrupts.hurry())
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


def test_the_first_request_to_stop_is_a_request_and_the_second_is_impatience() -> None:
    done = subprocess.run([sys.executable, "-c", _STOPPED_TWICE], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout.splitlines() == ["True False", "True True", "True"], done.stderr


def test_progress_in_a_log_is_a_line_for_each_stage_not_for_each_look() -> None:
    log = io.StringIO()
    console = Console(log)
    for second in range(3):
        console.progress("training: step 1 of 2", f"{second} s")
    console.progress("training: step 2 of 2", "3 s")
    console.say("done")

    assert log.getvalue().splitlines() == ["training: step 1 of 2  0 s", "training: step 2 of 2  3 s", "done"]


def test_progress_on_a_terminal_stays_on_one_line() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    console = Console(terminal)
    console.progress("training", "1 s")
    console.progress("training", "2 s")
    console.say("done")

    assert terminal.getvalue().count("\n") == 1
    assert terminal.getvalue().endswith("\r\x1b[2Kdone\n")
