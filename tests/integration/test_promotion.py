"""Customers get another model while they write, and go on as if nothing had happened."""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from steward.training.registry import ARCHIVE, Gate, Registry, now_ms
from steward.training.serving import Control, Rollout
from tests.support.people import Agent, Customer
from tests.support.stack import Stack

_PATIENCE = 240
# The desk takes twenty messages of a conversation in ten seconds.
_PAUSE = 0.6
_QUESTIONS = (
    ("how much is the rill 300", "price"),
    ("how long is the warranty?", "warranty"),
    ("how do I clean it?", "maintenance"),
)


class Load:
    """Customers who ask one question after the other until they are told to stop.

    They stay with it when the desk is away for a moment, as the chat does: the same message under the same
    key.
    """

    def __init__(self, url: str, customers: int) -> None:
        self._url = url
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(one,)) for one in range(customers)]
        self._faults: list[str] = []
        self.transcripts: list[list[dict[str, Any]]] = []

    def begin(self) -> None:
        """Let them write."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let each get the answer to the last question; then check all that was said."""
        self._over.set()
        for thread in self._threads:
            thread.join(_PATIENCE)
        assert not self._faults, self._faults
        assert len(self.transcripts) == len(self._threads)
        for transcript in self.transcripts:
            assert [one["seq"] for one in transcript] == list(range(1, len(transcript) + 1))
            senders = [one["from"] for one in transcript]
            assert senders == ["customer", "bot"] * (len(transcript) // 2), senders
            topics = [one["meta"]["topic"] for one in transcript if one["from"] == "bot"]
            asked = [_QUESTIONS[number % len(_QUESTIONS)][1] for number in range(len(topics))]
            assert topics == asked
            skus = {tuple(one["meta"]["skus"]) for one in transcript if one["from"] == "bot"}
            assert skus == {("RL-300",)}, "the product was forgotten"

    def _ask(self, number: int) -> None:
        try:
            with httpx.Client(base_url=f"{self._url}/api/v1", timeout=20) as http:
                opened = self._stay(lambda: http.post("/conversations", json={}))
                http.headers["Authorization"] = f"Bearer {opened['token']}"
                path = f"/conversations/{opened['id']}/messages"
                asked = 0
                time.sleep(number * 0.1)
                while not self._over.is_set():
                    self._one(http, path, _QUESTIONS[asked % len(_QUESTIONS)][0])
                    asked += 1
                    time.sleep(_PAUSE)
                told = self._stay(lambda: http.get(path, params={"after": 0}))
                self.transcripts.append(told["messages"])
        except Exception as error:  # whatever it is, the test must hear of it
            self._faults.append(f"{type(error).__name__}: {error}")

    def _one(self, http: httpx.Client, path: str, text: str) -> None:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        seq = self._stay(lambda: http.post(path, json={"text": text}, headers=headers))["seq"]
        deadline = time.monotonic() + 60
        while not self._stay(lambda: http.get(path, params={"after": seq, "wait": 5}))["messages"]:
            assert time.monotonic() < deadline, f"{text!r} was not answered"

    def _stay(self, call: Callable[[], httpx.Response]) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = call()
                if answer.status_code < 500:
                    return dict(answer.raise_for_status().json())
            except httpx.TransportError:
                assert time.monotonic() < deadline, "the desk did not come back"
            time.sleep(0.2)


class Operator:
    """Somebody at the desk who changes models, and sees how far that is."""

    def __init__(self, stack: Stack) -> None:
        self._agent = Agent.sign_in(stack.url, *stack.sign_in)
        self._control = Control(stack.home)

    def promote(self, model: str) -> httpx.Response:
        """Ask for a model."""
        return self._agent.http.post(f"/improve/models/{model}/promote", json={"reason": "a test"})

    def roll_back(self) -> None:
        """Ask for the model before this one."""
        self._agent.http.post("/improve/rollback", json={}).raise_for_status()

    def see(self, *states: str) -> Rollout:
        """Wait until the newest change is in one of the states."""
        deadline = time.monotonic() + _PATIENCE
        while (rollout := self._control.rollout()) is None or rollout.state not in states:
            assert time.monotonic() < deadline, rollout
            time.sleep(0.01)
        return rollout

    @property
    def serving(self) -> str:
        """The model that customers get."""
        serving = self._control.serving()
        assert serving is not None
        return serving.model


@contextmanager
def customers_write(stack: Stack, customers: int = 6) -> Iterator[None]:
    """Have customers write during the block; none of their questions may be lost, doubled or unanswered."""
    load = Load(stack.url, customers)
    load.begin()
    try:
        time.sleep(1)
        yield
        time.sleep(1)
    finally:
        load.end()


class Models:
    """Models that are the serving one in all but their hash, and have passed the gate."""

    def __init__(self, stack: Stack) -> None:
        self._home = stack.home
        self._registry = Registry(stack.home)
        self.made: list[str] = []

    def another(self) -> str:
        """One more."""
        serving = self._registry.current()
        assert serving is not None
        folder = self._home / "another-model"
        folder.mkdir()
        archive = folder / ARCHIVE
        shutil.copy(self._registry.archive(serving.id), archive)
        with archive.open("ab") as file:
            # What decompresses an archive passes over zeros behind it.
            file.write(b"\0" * (1 + len(self.made)))
        record = replace(serving, id="", hash="", trained_at=now_ms(), gate=Gate(True), promotions=())
        self.made.append(self._registry.add(folder, record).id)
        return self.made[-1]


@pytest.fixture(scope="module")
def models(stack: Stack) -> Iterator[Models]:
    """Makes models beside the one that the shared Steward serves; at the end it has only that one again."""
    models = Models(stack)
    yield models
    for name in models.made:
        shutil.rmtree(stack.home / "models" / name)


@pytest.fixture(scope="module")
def candidate(models: Models) -> str:
    """A model to promote."""
    return models.another()


def test_customers_notice_nothing_of_a_promotion_and_of_going_back(stack: Stack, candidate: str) -> None:
    operator = Operator(stack)
    first = operator.serving
    with customers_write(stack):
        assert operator.promote(candidate).status_code == 202
        assert operator.promote(candidate).json()["error"]["code"] == "busy"
        assert operator.see("done", "failed").state == "done"
    assert operator.serving == candidate

    with customers_write(stack):
        began = time.monotonic()
        operator.roll_back()
        assert operator.see("done", "failed").state == "done"
        seconds = time.monotonic() - began
    assert operator.serving == first
    # It was still warm: what takes its time is a start, and there was none.
    assert seconds < 10


def test_no_question_is_lost_when_the_old_bot_and_the_desk_are_killed_in_the_middle(
    stack: Stack, candidate: str
) -> None:
    operator = Operator(stack)
    first = operator.serving
    with customers_write(stack):
        assert operator.promote(candidate).status_code == 202
        old = stack.process_of(first)
        operator.see("switched", "draining", "done")
        stack.kill_process(old)
        assert operator.see("done", "failed").state == "done"
    assert operator.serving == candidate

    with customers_write(stack):
        operator.roll_back()
        operator.see("starting")
        stack.kill(stack.port)
        assert operator.see("done", "failed").state == "done"
    assert operator.serving == first


def test_a_new_bot_that_is_killed_while_it_starts_changes_nothing(stack: Stack, models: Models) -> None:
    operator = Operator(stack)
    first, other = operator.serving, models.another()
    with customers_write(stack):
        operator.promote(other)
        deadline = time.monotonic() + 30
        while (pid := stack.process_of(other)) is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        stack.kill_process(pid)
        rollout = operator.see("done", "failed")
    assert rollout.state == "failed"
    assert "killed by SIGKILL" in rollout.text
    assert operator.serving == first


def test_an_archive_with_a_changed_byte_is_not_started(stack: Stack, models: Models) -> None:
    operator = Operator(stack)
    other = models.another()
    archive = Registry(stack.home).archive(other)
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)

    refused = operator.promote(other)

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "unknown_model")
    assert stack.process_of(other) is None


def test_a_steward_that_is_killed_in_the_middle_comes_back_with_the_model_it_had(
    stack: Stack, models: Models
) -> None:
    operator = Operator(stack)
    first, other = operator.serving, models.another()
    customer = Customer(stack.url)
    assert customer.say("how much is the rill 300")[0]["meta"]["topic"] == "price"
    operator.promote(other)
    deadline = time.monotonic() + 30
    while stack.process_of(other) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)

    stack.kill_all()
    stack.start_again()

    told = operator.see("done", "failed")
    assert (told.state, told.model) == ("failed", other)
    assert operator.serving == first
    answer = customer.say("how long is the warranty?")[0]
    assert (answer["meta"]["topic"], answer["meta"]["skus"]) == ("warranty", ["RL-300"])
