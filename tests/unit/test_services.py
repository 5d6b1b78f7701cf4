"""How the processes of a Steward are started, and what a bot must answer before it gets a customer."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from steward.clock import now
from steward.run.generations import free_memory
from steward.run.services import Services
from steward.run.supervisor import Service
from steward.settings import Settings, load_settings
from steward.training.registry import ARCHIVE, DOMAIN, ModelRecord, Registry, UnknownModel
from steward.training.serving import SHADOW_TOKEN
from steward.words import OF_MODEL

ROOT = Path(__file__).resolve().parents[2]
PRICE = {"act": "answer", "topic": "price", "skus": ["RL-300"]}
GOOD: dict[str, dict[str, Any]] = {
    "how much": PRICE,
    "flames": {"act": "safety"},
    "/human": {"act": "handoff"},
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "home").mkdir()
    (tmp_path / "endpoints.yml").write_text(
        "action_endpoint:\n  url: http://127.0.0.1:5055/webhook\n  enable_selective_domain: true\n"
        "tracker_store:\n  type: some.Store\n  password: ${DB_PASSWORD}\n"
    )
    port = str(_free_block())
    return load_settings(
        {"STEWARD_ROOT": str(tmp_path), "STEWARD_HOME": str(tmp_path / "home"), "PORT": port}
    )


@pytest.fixture
def model(settings: Settings) -> str:
    folder = settings.home / "new"
    folder.mkdir()
    (folder / ARCHIVE).write_text("a model")
    record = ModelRecord("", "", "f", None, now(), "test", 1.0)
    return Registry(settings.home).add(folder, record).id


class FakeBot:
    """A bot's REST channel: the first of `answers` whose words are in the message is its metadata."""

    def __init__(self, answers: dict[str, dict[str, Any]]) -> None:
        self.senders: set[str] = set()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:
                body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
                self.senders.add(body["sender"])
                meta = next((m for words, m in answers.items() if words in body["message"]), None)
                said = [{"text": "Hello."}, *([{"custom": {"meta": meta}}] if meta else [])]
                content = json.dumps(said).encode()
                handler.send_response(200)
                handler.send_header("Content-Length", str(len(content)))
                handler.end_headers()
                handler.wfile.write(content)

            def log_message(handler, *_: object) -> None:
                """Nothing needs to be said."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def shop() -> Services:
    """The services of the demo shop: its catalogue says what the probes ask."""
    return Services(load_settings({}))


@pytest.fixture
def bots() -> Iterator[list[FakeBot]]:
    made: list[FakeBot] = []
    yield made
    for bot in made:
        bot.stop()


def _free_block() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return min(int(probe.getsockname()[1]), 65_000)


def words(service: Service) -> str:
    return " ".join(service.arguments)


def test_each_generation_finds_its_own_actions_and_the_memory_that_all_share(
    settings: Settings, model: str
) -> None:
    services = Services(settings)
    for slot in (0, 1):
        bot, actions = services.services(model, slot)

        written = Path(bot.arguments[bot.arguments.index("--endpoints") + 1])
        assert yaml.safe_load(written.read_text()) == {
            "action_endpoint": {
                "url": f"http://127.0.0.1:{actions.port}/webhook",
                "enable_selective_domain": True,
            },
            "tracker_store": {
                "type": "some.Store",
                "password": "${DB_PASSWORD}",
                "folder": str(settings.home / "trackers"),
            },
        }
        # Rasa fills a variable in only where it is written without quotes.
        assert "password: ${DB_PASSWORD}\n" in written.read_text()
        assert (bot.port, actions.port) == (settings.bot_port + 2 * slot, settings.actions_port + 2 * slot)


def test_bots_and_actions_listen_on_loopback_only(settings: Settings, model: str) -> None:
    services = Services(settings)
    bot, actions = services.services(model, 0)

    assert "--interface 127.0.0.1" in words(bot)
    assert "--interface 127.0.0.1" in words(services.shadow(model, 1))
    assert actions.env["SANIC_HOST"] == "127.0.0.1"


def test_a_bot_is_allowed_to_start_only_with_the_archive_that_was_made(
    settings: Settings, model: str
) -> None:
    services = Services(settings)
    bots = (services.services(model, 0)[0], services.shadow(model, 1))
    for bot in bots:
        assert bot.allow is not None
        bot.allow()
    Registry(settings.home).archive(model).write_text("b model")

    for bot in bots:
        assert bot.allow is not None
        with pytest.raises(UnknownModel, match="hash differs"):
            bot.allow()


def test_the_word_that_lets_the_desk_ask_a_shadow_is_in_no_list_of_processes(
    settings: Settings, model: str
) -> None:
    services = Services(settings)
    shadow, desk = services.shadow(model, 1), services.desk()
    token = desk.env[SHADOW_TOKEN]

    assert len(token) >= 24
    assert shadow.env[SHADOW_TOKEN] == token
    assert token not in words(shadow) + words(desk)
    assert f"--enable-api --auth-token @{SHADOW_TOKEN}" in words(shadow)
    assert "--enable-api" not in words(services.services(model, 0)[0])


def test_a_pair_of_ports_that_somebody_else_has_is_passed_over(settings: Settings) -> None:
    services = Services(settings)
    free = services.slot(set())
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings.actions_port + 2 * free))
        other.listen()

        assert services.slot(set()) > free
    assert services.slot({free}) > free


def test_a_bot_that_answers_as_it_must_has_no_faults(shop: Services, bots: list[FakeBot]) -> None:
    bots.append(FakeBot(GOOD))

    assert shop.faults(bots[0].port) == []
    assert all(sender.startswith("~") for sender in bots[0].senders)


@pytest.mark.parametrize(
    ("asked", "answered", "told"),
    [
        ("flames", {"act": "smalltalk", "topic": "greet"}, "smalltalk about greet instead of act safety"),
        ("how much", {**PRICE, "skus": ["XX-1"]}, "instead of act answer, topic price, skus ['RL-300']"),
        ("/human", {}, "no answer that its actions signed"),
    ],
)
def test_a_bot_that_answers_otherwise_has_faults(
    shop: Services, bots: list[FakeBot], asked: str, answered: dict[str, Any], told: str
) -> None:
    answers: dict[str, dict[str, Any]]
    answers = {**GOOD, asked: answered} if answered else {k: v for k, v in GOOD.items() if k != asked}
    bots.append(FakeBot(answers))

    (fault,) = shop.faults(bots[0].port)

    assert told in fault


def test_a_bot_that_is_not_there_neither_warms_nor_answers(shop: Services) -> None:
    assert shop.warm(1) is False
    assert len(shop.faults(1)) == 3


def test_free_memory_is_what_the_system_says_can_be_had(tmp_path: Path) -> None:
    table = tmp_path / "meminfo"
    table.write_text("MemTotal:       24000000 kB\nMemAvailable:    1953125 kB\n")

    assert free_memory(table) == 2000
    assert free_memory(tmp_path / "none") is None


def test_an_action_server_words_its_buttons_as_its_model_was_made(settings: Settings, model: str) -> None:
    _, before = Services(settings).services(model, 0)
    assert before.env[OF_MODEL] == str(settings.domain)
    kept = Registry(settings.home).place(model, DOMAIN)
    kept.write_text("responses: {}")
    _, actions = Services(settings).services(model, 0)
    assert actions.env[OF_MODEL] == str(kept)
