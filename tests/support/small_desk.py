"""A desk with a scripted bot in a thread of this process: for pages that need no model behind them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from steward.catalogue import OpeningHours
from steward.desk.app import Server
from steward.words import load_words
from tests.integration.desk_kit import ROOMY, Agent, Bench, Customer, StandInRasa, a_setting

T = TypeVar("T")


class SmallDesk:
    """The desk, started by making it; `stop` ends it. What it does asynchronously, `do` waits for."""

    def __init__(self, folder: Path, opening: OpeningHours | None = None, **changes: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.rasa = StandInRasa()
        given = {"always_open": opening is None, **changes}
        settings = a_setting(folder, f"sqlite:///{folder / 'steward.db'}", self.rasa, **given)
        self.url = f"http://127.0.0.1:{settings.port}"
        self.do(self._start(settings, opening))

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it where the desk runs."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _start(self, settings: Any, opening: OpeningHours | None) -> None:
        await self.rasa.start()
        self.bench = Bench(settings, ROOMY, self.rasa)
        self.bench.server = Server(settings, load_words(settings.domain), ROOMY, opening)
        await self.bench.start()

    def agent(self, name: str = "Lena Byrne", role: str = "agent") -> Agent:
        """Somebody at the desk, over HTTP."""
        return self.do(self.bench.agent(name, role))

    def customer(self, conversation: str) -> Customer:
        """A conversation that a browser began, as the kit's agents know it."""
        return Customer(self.bench, {"id": conversation, "token": ""})

    def act(self, agent: Agent, conversation: str, what: str) -> None:
        """Let the agent accept, hold, return or resolve the conversation, whatever its epoch."""

        async def act() -> None:
            opened = (await agent.call("GET", f"conversations/{conversation}")).json()
            body = {"epoch": opened["conversation"]["epoch"]}
            if what == "hold":
                body["held"] = True
            answer = await agent.call("POST", f"conversations/{conversation}/{what}", body)
            assert answer.status_code == 200, answer.text

        self.do(act())

    def say(self, agent: Agent, conversation: str, text: str, files: list[str] | None = None) -> None:
        """Let the agent answer."""
        body: dict[str, Any] = {"text": text} | ({"files": files} if files else {})
        answer = self.do(agent.call("POST", f"conversations/{conversation}/messages", body))
        assert answer.status_code == 201, answer.text

    def stop(self) -> None:
        """End it."""
        self.do(self.bench.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
