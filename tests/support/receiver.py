"""Another system's web server: what it was sent, and how it answers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body or b"null")


Answer = tuple[int, Any] | int
"""A status, or a status and what to say as JSON."""


class Receiver:
    """Listens on this machine. `answer` decides on every request, once `held` is set."""

    def __init__(self, answer: Callable[[Received], Answer] | None = None, port: int = 0) -> None:
        self.answer: Callable[[Received], Answer] = answer or (lambda _: 204)
        self.received: list[Received] = []
        self.held = asyncio.Event()
        self.held.set()
        self.port = port
        self._server: asyncio.base_events.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> Receiver:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Be gone."""
        self.held.set()
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._writers):
                writer.transport.abort()

    async def until(self, true: Callable[[list[Received]], Any], seconds: float = 10) -> Any:
        """Wait until something is so of what was received; what that is."""
        deadline = time.monotonic() + seconds
        while not (found := true(self.received)):
            assert time.monotonic() < deadline, [one.body for one in self.received]
            await asyncio.sleep(0.01)
        return found

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The events that came, in the order in which they came; of one type or of all."""
        told = [one.json for one in self.received]
        return [event for event in told if kind in (None, event["type"])]

    async def event(self, kind: str, count: int = 1) -> dict[str, Any]:
        """Wait for so many events of a type; the last of them."""
        await self.until(lambda _: len(self.events(kind)) >= count)
        return self.events(kind)[count - 1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                request = await _read(reader)
                self.received.append(request)
                await self.held.wait()
                answer = self.answer(request)
                status, said = answer if isinstance(answer, tuple) else (answer, None)
                content = b"" if said is None else json.dumps(said).encode()
                location = "Location: /elsewhere\r\n" if status in (301, 302, 307, 308) else ""
                head = f"HTTP/1.1 {status} X\r\n{location}Content-Type: application/json\r\n"
                writer.write(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(method, path, headers, body)
