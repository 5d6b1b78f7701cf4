"""Customers who write all the time, while something is done to the Steward that answers them."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

_PATIENCE = 240
# The desk takes twenty messages of a conversation in ten seconds.
_PAUSE = 0.6
_QUESTIONS = (
    ("how much is the rill 300", "price"),
    ("how long is the warranty?", "warranty"),
    ("how do I clean it?", "maintenance"),
)


@contextmanager
def customers_write(url: str, customers: int = 6) -> Iterator[None]:
    """Have customers write during the block; none of their questions may be lost, doubled or unanswered."""
    load = _Load(url, customers)
    load.begin()
    try:
        time.sleep(1)
        yield
        time.sleep(1)
    finally:
        load.end()


class _Load:
    """Customers who ask one question after the other until they are told to stop.

    They stay with it when the desk is away for a moment, as the chat does: the same message under the same
    key.
    """

    def __init__(self, url: str, customers: int) -> None:
        self._url = url
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(one,)) for one in range(customers)]
        self._faults: list[str] = []
        self._transcripts: list[list[dict[str, Any]]] = []

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
        assert len(self._transcripts) == len(self._threads)
        for transcript in self._transcripts:
            _check(transcript)

    def _ask(self, number: int) -> None:
        try:
            with httpx.Client(base_url=f"{self._url}/api/v1", timeout=20) as http:
                opened = _stay(lambda: http.post("/conversations", json={}))
                http.headers["Authorization"] = f"Bearer {opened['token']}"
                path = f"/conversations/{opened['id']}/messages"
                asked = 0
                time.sleep(number * 0.1)
                while not self._over.is_set():
                    _one(http, path, _QUESTIONS[asked % len(_QUESTIONS)][0])
                    asked += 1
                    time.sleep(_PAUSE)
                told = _stay(lambda: http.get(path, params={"after": 0}))
                self._transcripts.append(told["messages"])
        except Exception as error:  # whatever it is, the test must hear of it
            self._faults.append(f"{type(error).__name__}: {error}")


def _check(transcript: list[dict[str, Any]]) -> None:
    """Every question has its own answer, and the product is remembered from one to the next."""
    assert [one["seq"] for one in transcript] == list(range(1, len(transcript) + 1))
    senders = [one["from"] for one in transcript]
    assert senders and senders == ["customer", "bot"] * (len(transcript) // 2), senders
    answers = [one["meta"] for one in transcript if one["from"] == "bot"]
    asked = [_QUESTIONS[number % len(_QUESTIONS)][1] for number in range(len(answers))]
    assert [meta["topic"] for meta in answers] == asked
    assert {tuple(meta["skus"]) for meta in answers} == {("RL-300",)}, "the product was forgotten"


def _one(http: httpx.Client, path: str, text: str) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    seq = _stay(lambda: http.post(path, json={"text": text}, headers=headers))["seq"]
    deadline = time.monotonic() + 60
    while not _stay(lambda: http.get(path, params={"after": seq, "wait": 5}))["messages"]:
        assert time.monotonic() < deadline, f"{text!r} was not answered"


def _stay(call: Callable[[], httpx.Response]) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while True:
        try:
            answer = call()
            if answer.status_code < 500:
                return dict(answer.raise_for_status().json())
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the desk did not come back"
        time.sleep(0.2)
