"""Which bot the desk asks, how it moves to another, and what operators may do about it."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from steward.checks import alone_in
from steward.clock import now
from steward.memory import Memory
from steward.training.registry import ARCHIVE, Gate, ModelRecord, Reason, Registry
from steward.training.serving import Control, Person, Serving, ShadowBot, read_along
from tests.integration.desk_kit import (
    ANSWER,
    META,
    ROOMY,
    Agent,
    Bench,
    StandInRasa,
    a_setting,
    free_port,
    until,
)


class ParsingRasa(StandInRasa):
    """A candidate: says how it reads a message, to whom knows the token."""

    def __init__(self) -> None:
        super().__init__()
        self.intents: dict[str, str] = {}
        self.read: list[str] = []

    async def _answer(self, body: dict[str, Any]) -> tuple[int, bytes]:
        text = body.get("text", "")
        self.read.append(text)
        if text in self.held:
            await self.held[text].wait()
        intent = {"name": self.intents.get(text, "price"), "confidence": 0.9}
        return 200, json.dumps({"intent": intent, "mentions": [{"skus": ["RL-300"]}]}).encode()


class Steward:
    """A desk beside what stands for the runner: the lock it holds and the files it writes."""

    def __init__(self, bench: Bench, held: ExitStack) -> None:
        self.bench = bench
        self.held = held
        self.old = bench.rasa
        self.new = StandInRasa()
        self.home: Path = bench.settings.home
        self.control = Control(self.home)
        self.registry = Registry(self.home)

    def serve(self, rasa: StandInRasa, name: str, shadow: ShadowBot | None = None) -> None:
        """Tell the desk which bot serves."""
        actions = f"http://127.0.0.1:{free_port()}"
        url = f"http://127.0.0.1:{rasa.port}"
        self.control.say_serving(Serving(f"model-{name}", name, url, actions, now(), "Lena", shadow))

    def model(self, content: str, gate: Gate | None) -> str:
        """A model in the registry."""
        folder = self.home / f"new-{content}"
        folder.mkdir(parents=True)
        (folder / ARCHIVE).write_text(content)
        record = ModelRecord("", "", "f", None, now(), "test", 1.0, None, gate)
        return self.registry.add(folder, record).id

    async def operator(self, role: str = "operator") -> Agent:
        """Somebody who may improve the bot."""
        return await self.bench.agent("Olu", role=role)

    async def told(self, generation: str, busy: tuple[str, ...] = ()) -> None:
        """Wait until the desk says that it asks this bot, and which others owe it answers."""

        def said() -> bool:
            report = self.control.desk()
            return report is not None and (report.generation, report.busy) == (generation, busy)

        await until(said)


@pytest.fixture
async def steward(empty_sqlite: Path, tmp_path: Path) -> AsyncIterator[Steward]:
    """A desk whose bot is the runner's, asking the old one of two."""
    shutil.copy(empty_sqlite, tmp_path / "steward.db")
    old, port = StandInRasa(), free_port()
    own = {"port": port, "bot_url": f"http://127.0.0.1:{port + 1}"}
    settings = a_setting(tmp_path, f"sqlite:///{tmp_path / 'steward.db'}", old, **own)
    settings.home.mkdir()
    with ExitStack() as held:
        held.enter_context(alone_in(settings.home))
        steward = Steward(Bench(settings, ROOMY, old), held)
        await steward.old.start()
        await steward.new.start()
        steward.serve(steward.old, "old")
        await steward.bench.start()
        yield steward
        await steward.new.stop()
        await steward.bench.close()


async def test_questions_in_flight_stay_with_the_old_bot_and_new_ones_go_to_the_new(steward: Steward):
    slow, quick = await steward.bench.customer(), await steward.bench.customer()
    release = steward.old.hold("how long?")
    asked = await slow.say("how long?")
    await steward.old.was_asked("how long?")

    steward.serve(steward.new, "new")
    await steward.told("new", busy=("old",))
    await quick.ask("how much?")
    assert steward.new.asked == [(quick.id, "how much?")]

    release.set()
    answers = (await slow.read(asked, 5))["messages"]
    assert [message["from"] for message in answers] == ["bot"]
    assert steward.old.asked == [(slow.id, "how long?")]
    await steward.told("new")


async def test_a_conversation_keeps_its_order_across_the_switch(steward: Steward):
    customer = await steward.bench.customer()
    release = steward.old.hold("first")
    await customer.say("first")
    await steward.old.was_asked("first")
    steward.serve(steward.new, "new")
    await steward.told("new", busy=("old",))
    await customer.say("second")
    assert steward.new.asked == []

    release.set()
    await until(lambda: steward.new.asked == [(customer.id, "second")])
    for _ in range(200):
        if len(messages := (await customer.read())["messages"]) == 4:
            break
        await asyncio.sleep(0.02)
    assert [message["from"] for message in messages] == ["customer", "customer", "bot", "bot"]
    assert len(steward.old.asked + steward.new.asked) == 2


async def test_a_question_whose_bot_dies_on_the_way_out_is_put_to_the_new_one(steward: Steward):
    customer = await steward.bench.customer()
    steward.old.hold("how long?")
    asked = await customer.say("how long?")
    await steward.old.was_asked("how long?")
    steward.serve(steward.new, "new")

    await steward.old.stop()

    answers = (await customer.read(asked, 5))["messages"]
    assert [message["from"] for message in answers] == ["bot"]
    assert steward.new.asked == [(customer.id, "how long?")]


async def test_a_desk_that_starts_anew_asks_the_bot_that_serves_by_then(steward: Steward):
    customer = await steward.bench.customer()
    steward.old.hold("how long?")
    asked = await customer.say("how long?")
    await steward.old.was_asked("how long?")
    steward.serve(steward.new, "new")

    await steward.bench.restart()

    answers = (await customer.read(asked, 5))["messages"]
    assert [message["from"] for message in answers] == ["bot"]
    await steward.told("new")


async def test_a_question_waits_for_a_bot_that_comes_up_after_the_desk(steward: Steward):
    await steward.old.stop()
    await steward.bench.restart()
    customer = await steward.bench.customer()
    asked = await customer.say("how long?")
    await asyncio.sleep(0.6)
    assert (await customer.read(asked, 0))["messages"] == []

    await steward.old.start()
    answers = (await customer.read(asked, 5))["messages"]
    assert [message["from"] for message in answers] == ["bot"]

    await steward.old.stop()
    later = await customer.say("how much?")
    assert [m["from"] for m in (await customer.read(later, 5))["messages"]] == ["system"]


async def test_without_a_runner_the_settings_say_which_bot_is_asked(steward: Steward):
    steward.held.close()
    operator = await steward.operator()
    await steward.bench.restart()

    refused = await operator.call("POST", "improve/rollback", {})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "unmanaged")
    assert not steward.bench.server.desk.bot.managed


async def test_only_who_improves_the_bot_may_promote_roll_back_or_choose_a_shadow(steward: Steward):
    model = steward.model("one", Gate(True))
    calls: tuple[tuple[str, str, Any], ...] = (
        ("POST", f"improve/models/{model}/promote", {}),
        ("POST", "improve/rollback", {}),
        ("PUT", "improve/shadow", {"model": model}),
        ("GET", "improve/shadow", None),
    )
    for role in ("agent", "lead"):
        somebody = await steward.operator(role)
        for method, path, body in calls:
            assert (await somebody.call(method, path, body)).status_code == 403, (role, path)
    assert steward.control.rollout() is None


async def test_a_promotion_is_asked_of_the_runner_told_to_operators_and_logged(steward: Steward):
    model = steward.model("one", Gate(True))
    operator = await steward.operator()
    async with operator.socket() as socket:
        begun = await operator.call("POST", f"improve/models/{model}/promote", {"reason": "reads prices"})
        assert begun.status_code == 202, begun.text
        promotion = begun.json()["promotion"]
        assert (promotion["model"], promotion["state"], promotion["by"]["name"]) == (model, "starting", "Olu")
        frame = await socket.next("promotion")
        assert frame["promotion"] == promotion

        rollout = steward.control.rollout()
        assert rollout is not None
        done = {"state": "done", "text": "It serves.", "at": now()}
        steward.control.say_rollout(type(rollout)(**{**rollout.__dict__, **done}))
        frame = await socket.next("promotion")
        assert (frame["promotion"]["state"], frame["promotion"]["text"]) == ("done", "It serves.")

    admin = await steward.operator("admin")

    async def logged() -> list[tuple[str, str, str]]:
        entries = (await admin.call("GET", "audit")).json()["entries"]
        return [(e["action"], e["subject"], e["detail"].get("reason", "")) for e in entries]

    for _ in range(100):
        if len(found := await logged()) >= 2:
            break
        await asyncio.sleep(0.05)
    assert found[:2] == [
        ("model.promoted", f"model {model}", "reads prices"),
        ("model.promotion_asked", f"model {model}", "reads prices"),
    ]
    await steward.bench.restart()
    await asyncio.sleep(0.7)
    assert len(await logged()) == len(found)


async def test_the_gate_is_set_aside_only_by_whom_it_names_and_with_a_reason(steward: Steward):
    worse = Reason("worse", "It reads prices worse.", "improve")
    unsafe = Reason("safety", "It misses a fire.", "administer")
    bad, dangerous = (
        steward.model("bad", Gate(False, (worse,))),
        steward.model("dangerous", Gate(False, (worse, unsafe))),
    )
    operator, admin = await steward.operator(), await steward.operator("admin")

    async def promote(who: Agent, model: str, reason: str = "") -> Any:
        return await who.call("POST", f"improve/models/{model}/promote", {"reason": reason})

    for who, model, reason in ((operator, bad, ""), (operator, dangerous, "I dare"), (admin, dangerous, " ")):
        refused = await promote(who, model, reason)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "gate")
    assert "It misses a fire." in (await promote(operator, dangerous, "I dare")).json()["error"]["message"]
    assert steward.control.rollout() is None

    allowed = await promote(admin, dangerous, "a false alarm")
    assert allowed.status_code == 202
    assert allowed.json()["promotion"]["overridden"] == ["worse", "safety"]
    busy = await promote(operator, bad, "a false alarm")
    assert (busy.status_code, busy.json()["error"]["code"]) == (409, "busy")


async def test_an_archive_with_a_changed_byte_is_refused(steward: Steward):
    model = steward.model("one", Gate(True))
    steward.registry.archive(model).write_text("onf")
    operator = await steward.operator()

    for method, path, body in (
        ("POST", f"improve/models/{model}/promote", {}),
        ("PUT", "improve/shadow", {"model": model}),
    ):
        refused = await operator.call(method, path, body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "unknown_model")
        assert "hash differs" in refused.json()["error"]["message"]
    assert (await operator.call("POST", "improve/models/nothing/promote", {})).status_code == 409


async def test_a_candidate_reads_along_and_what_it_reads_differently_is_shown(steward: Steward):
    model, operator = steward.model("one", Gate(True)), await steward.operator()
    shadow = ParsingRasa()
    await shadow.start()
    shadow.intents["is it in stock?"] = "nlu_fallback"
    wished = await operator.call("PUT", "improve/shadow", {"model": model})
    assert (wished.status_code, wished.json()["state"]) == (200, "starting")
    steward.serve(steward.old, "old", ShadowBot(model, f"http://127.0.0.1:{shadow.port}"))
    await until(lambda: steward.bench.server.desk.bot.shadow)
    read = {"intent": "price", "confidence": 0.97, "skus": ["RL-300"]}
    for text in ("how much?", "is it in stock?"):
        steward.old.replies[text] = [ANSWER[0], {"custom": {"meta": META, "understood": read}}]

    customer = await steward.bench.customer()
    await customer.ask("how much?")
    await customer.ask("is it in stock?")
    await until(lambda: len(shadow.read) == 2)

    async def seen() -> dict[str, Any]:
        return dict((await operator.call("GET", "improve/shadow")).json())

    for _ in range(100):
        if (view := await seen())["different"]:
            break
        await asyncio.sleep(0.02)
    assert (view["model"], view["state"], view["seen"], view["dropped"]) == (model, "reading", 2, 0)
    (difference,) = view["differences"]
    assert difference["text"] == "is it in stock?"
    assert difference["serving"] == {"topic": "price", "skus": ["RL-300"], "confidence": 0.97}
    assert difference["candidate"] == {"topic": None, "skus": ["RL-300"], "confidence": 0.9}

    erased = await steward.bench.http.delete(customer.path, headers=customer.headers)
    assert erased.status_code == 204
    assert (await seen())["differences"] == []
    await shadow.stop()


async def test_a_shadow_chosen_at_the_command_line_is_logged_once(steward: Steward):
    model, admin = steward.model("one", Gate(True)), await steward.operator("admin")
    read_along(steward.bench.settings, model, Person("Mia"))

    async def chosen() -> list[tuple[str, str]]:
        entries = (await admin.call("GET", "audit")).json()["entries"]
        return [(e["actor"]["name"], e["subject"]) for e in entries if e["action"] == "shadow.chosen"]

    for _ in range(100):
        if await chosen():
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(2.5)
    assert await chosen() == [("Mia", f"model {model}")]
    await steward.bench.restart()
    await asyncio.sleep(2.5)
    assert await chosen() == [("Mia", f"model {model}")]


async def test_a_slow_candidate_delays_no_answer_and_what_it_misses_is_counted(steward: Steward):
    model, operator = steward.model("one", Gate(True)), await steward.operator()
    shadow = ParsingRasa()
    await shadow.start()
    shadow.hold("how much?")
    await operator.call("PUT", "improve/shadow", {"model": model})
    steward.serve(steward.old, "old", ShadowBot(model, f"http://127.0.0.1:{shadow.port}"))
    await until(lambda: steward.bench.server.desk.bot.shadow)
    read = {"intent": "price", "confidence": 0.97, "skus": ["RL-300"]}
    steward.old.replies["how much?"] = [ANSWER[0], {"custom": {"meta": META, "understood": read}}]

    customer = await steward.bench.customer()
    for _ in range(205):
        assert [m["from"] for m in await customer.ask("how much?")] == ["bot"]

    assert (await operator.call("GET", "improve/shadow")).json()["dropped"] >= 4
    await shadow.stop()


async def test_what_the_bot_remembers_goes_with_the_conversation(steward: Steward):
    memory = Memory(steward.bench.settings.memory)
    customer, other = await steward.bench.customer(), await steward.bench.customer()
    for one in (customer, other):
        memory.write(one.id, {"slots": {"product": "RL-300"}})
    release = steward.old.hold("how long?")
    await customer.say("how long?")
    await steward.old.was_asked("how long?")

    assert (await steward.bench.http.delete(customer.path, headers=customer.headers)).status_code == 204
    await until(lambda: memory.read(customer.id) is None)
    # The bot was still busy with a question, and writes what it was about when it has answered.
    memory.write(customer.id, {"slots": {"product": "RL-300"}})
    release.set()

    await until(lambda: memory.read(customer.id) is None)
    assert memory.read(other.id) is not None


async def test_a_full_disk_keeps_no_question_from_the_new_bot_and_is_said_once(
    steward: Steward, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Control, "say_desk", full)
    steward.serve(steward.new, "new")
    customer = await steward.bench.customer()
    await until(lambda: steward.bench.server.desk.bot.serving.generation == "new")
    await customer.ask("how much?")
    assert steward.new.asked == [(customer.id, "how much?")]
    await asyncio.sleep(0.7)
    complaints = [one for one in caplog.messages if "No space left" in one]
    # Once while the old one was still being let go of, once after.
    assert 1 <= len(complaints) <= 2

    monkeypatch.undo()
    await steward.told("new")
