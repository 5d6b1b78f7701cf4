"""How the bot calls the action server, and how it checks what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import product
from typing import Any

import pytest
from jsonschema import ValidationError, validate
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig
from sanic.config import DEFAULT_CONFIG

from steward.nlu import action_calls
from steward.nlu.action_results import check_result, sets_slots_and_responds

_ACTION = RemoteAction("action_answer", None)
_ODD: tuple[Any, ...] = (None, True, 1, 1.5, "slot", "bot", [], {}, {"a": 1})
_SLOT = {"event": "slot", "timestamp": None, "name": "product", "value": ["RL-300"]}


def test_slots_and_responses_are_plain():
    result = {"events": [_SLOT], "responses": [{"text": "It costs 249 euros.", "buttons": []}]}
    assert sets_slots_and_responds(result)
    assert check_result(_ACTION, result)


def test_nothing_is_plain_that_the_schema_refuses():
    schema = RemoteAction.action_response_format_spec()
    events = [
        {"event": event, "name": name, "timestamp": timestamp, "value": 1}
        for event, name, timestamp in product(_ODD, repeat=3)
    ]
    results = [{"events": [event]} for event in events]
    results += [{"events": [_SLOT | {"metadata": odd}]} for odd in _ODD]
    results += [{"events": odd, "responses": other} for odd, other in product(_ODD, repeat=2)]
    results += [{"responses": [odd]} for odd in _ODD]
    for result in [*results, *_ODD]:
        if sets_slots_and_responds(result):
            validate(result, schema)


@pytest.mark.parametrize(
    "result",
    [
        [],
        {"events": [{"event": "slot", "name": "product"}]},
        {"events": [{"name": "product", "value": 1}]},
        {"events": [_SLOT | {"timestamp": "now"}]},
        {"responses": ["hello"]},
    ],
)
def test_a_malformed_result_is_refused_as_rasa_refuses_it(result: Any):
    with pytest.raises(ValidationError):
        check_result(_ACTION, result)


def test_events_other_than_slots_pass_by_the_schema():
    assert check_result(_ACTION, {"events": [{"event": "followup", "name": "action_answer"}]})


class _ActionServer:
    """Counts the connections that it is given; answers every call with what it was sent."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.base_events.Server | None = None

    @property
    def endpoint(self) -> EndpointConfig:
        """How Rasa knows it."""
        return EndpointConfig(f"http://127.0.0.1:{self.port}/webhook")

    async def start(self) -> None:
        """Listen, again on the same port after a stop."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def die(self) -> None:
        """Be gone at once, open connections included."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                body = await reader.readexactly(int(head.partition("content-length:")[2].split()[0]))
                answer = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
                writer.write(answer.encode() + b"\r\n\r\n" + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@pytest.fixture
def _kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(EndpointConfig, "session", EndpointConfig.session)
        action_calls.keep_connections()
        yield


@asynccontextmanager
async def _action_server() -> AsyncIterator[_ActionServer]:
    server = _ActionServer()
    await server.start()
    try:
        yield server
    finally:
        await server.die()
        await action_calls._kept.close()


@pytest.mark.usefixtures("_kept")
async def test_calls_share_a_connection():
    async with _action_server() as server:
        for number in range(3):
            assert await server.endpoint.request(json={"number": number}) == {"number": number}
        assert server.connections == 1


@pytest.mark.usefixtures("_kept")
async def test_a_call_finds_the_action_server_that_came_back():
    async with _action_server() as server:
        await server.endpoint.request(json={})
        await server.die()
        await asyncio.sleep(0.05)
        await server.start()
        assert await server.endpoint.request(json={"back": True}) == {"back": True}


@pytest.mark.usefixtures("_kept")
def test_each_event_loop_has_connections_of_its_own():
    async def call() -> Any:
        async with _action_server() as server:
            return await server.endpoint.request(json={"loop": "new"})

    assert [asyncio.run(call()) for _ in range(2)] == [{"loop": "new"}] * 2


def test_an_idle_connection_is_given_up_before_the_action_server_closes_it():
    assert DEFAULT_CONFIG["KEEP_ALIVE_TIMEOUT"] > action_calls.IDLE_SECONDS
