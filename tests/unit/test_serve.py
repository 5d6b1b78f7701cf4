from __future__ import annotations

import io
import os
import signal
from pathlib import Path

import pytest
import yaml

from steward.run import serve
from steward.run.console import Console
from steward.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "home").mkdir()
    return load_settings(
        {"STEWARD_ROOT": str(tmp_path), "STEWARD_HOME": str(tmp_path / "home"), "PORT": "18390"}
    )


def test_the_bot_finds_its_actions_on_the_port_that_follows_from_port(settings: Settings) -> None:
    (settings.root / "endpoints.yml").write_text(
        "action_endpoint:\n  url: http://127.0.0.1:5055/webhook\n  enable_selective_domain: true\n"
        "tracker_store:\n  type: SQL\n  password: ${DB_PASSWORD}\n"
    )

    written = serve.write_endpoints(settings)

    assert yaml.safe_load(written.read_text()) == {
        "action_endpoint": {"url": "http://127.0.0.1:18392/webhook", "enable_selective_domain": True},
        "tracker_store": {"type": "SQL", "password": "${DB_PASSWORD}"},
    }
    # Rasa fills a variable in only where it is written without quotes.
    assert "password: ${DB_PASSWORD}\n" in written.read_text()


def test_bot_and_actions_listen_on_loopback_only(settings: Settings) -> None:
    (settings.root / "endpoints.yml").write_text("action_endpoint:\n  url: http://127.0.0.1:5055/webhook\n")

    bot, _, actions = serve.services_of(settings, Path("model.tar.gz"))

    assert "--interface 127.0.0.1" in " ".join(bot.arguments)
    assert actions.env["SANIC_HOST"] == "127.0.0.1"


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


def test_a_bot_that_is_not_there_has_not_answered() -> None:
    assert serve.warm_up(1) is False


def test_the_first_request_to_stop_is_a_request_and_the_second_is_impatience() -> None:
    with serve.Interrupts().caught() as interrupts:
        os.kill(os.getpid(), signal.SIGTERM)
        assert (interrupts.stopping(), interrupts.hurry()) == (True, False)
        os.kill(os.getpid(), signal.SIGINT)
        assert (interrupts.stopping(), interrupts.hurry()) == (True, True)

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


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
