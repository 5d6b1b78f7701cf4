"""Customers get another model while they write, and go on as if nothing had happened."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from steward.clock import now
from steward.training.registry import ARCHIVE, Gate, Registry
from steward.training.serving import Control, Rollout
from tests.support.load import customers_write
from tests.support.people import Agent, Customer
from tests.support.stack import Stack

_PATIENCE = 240


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
        record = replace(serving, id="", hash="", trained_at=now(), gate=Gate(True), promotions=())
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
    with customers_write(stack.url):
        assert operator.promote(candidate).status_code == 202
        assert operator.promote(candidate).json()["error"]["code"] == "busy"
        assert operator.see("done", "failed").state == "done"
    assert operator.serving == candidate

    with customers_write(stack.url):
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
    with customers_write(stack.url):
        assert operator.promote(candidate).status_code == 202
        old = stack.process_of(first)
        operator.see("switched", "draining", "done")
        stack.kill_process(old)
        assert operator.see("done", "failed").state == "done"
    assert operator.serving == candidate

    with customers_write(stack.url):
        operator.roll_back()
        operator.see("starting")
        stack.kill(stack.port)
        assert operator.see("done", "failed").state == "done"
    assert operator.serving == first


def test_a_new_bot_that_is_killed_while_it_starts_changes_nothing(stack: Stack, models: Models) -> None:
    operator = Operator(stack)
    first, other = operator.serving, models.another()
    with customers_write(stack.url):
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
