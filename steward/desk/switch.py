"""The bot that serves now, whichever process that is: the desk asks this one, and it asks the right one."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from steward import checks
from steward.desk.bot import Bot, BotError, Reply
from steward.settings import Settings
from steward.training.serving import Control, DeskReport, Serving, ShadowBot

_LOG = logging.getLogger("steward.desk")
_LOOK_SECONDS = 0.2
_COMING_SECONDS = 45.0

Heard = Callable[[str, str, Reply], None]
"""Is told of each question that was answered: the sender, the words, the reply."""


@dataclass
class _Line:
    """One bot, and how many questions it owes an answer to."""

    generation: str
    model: str | None
    bot: Bot
    owed: int = 0


class ServingBot:
    """Asks the bot that the runner says serves; without a runner, the one at the settings' address.

    A question stays with the bot that it was put to. When the runner switches, only new ones go to the new
    bot, and the runner hears when the old one owes no more answers. A question whose bot ends meanwhile is
    put to the new one: the old one's answer can no longer come.
    """

    def __init__(self, settings: Settings) -> None:
        self._timeout = settings.bot_timeout
        self._control = Control(settings.home)
        self._home = settings.home
        self._own = settings.bot_is_own
        actions_url = f"http://127.0.0.1:{settings.actions_port}" if self._own else None
        self._line = _Line("", None, Bot(settings.bot_url, actions_url, settings.bot_timeout))
        self._old: list[_Line] = []
        self._told: DeskReport | None = None
        self._untold: DeskReport | None = None
        self._known: Serving | None = None
        self._coming_until = 0.0
        self.heard: Heard = lambda sender, words, reply: None

    @property
    def managed(self) -> bool:
        """Whether a runner says which bot serves, and gives customers another when it is asked to."""
        return self._known is not None and self._known.managed

    @property
    def serving(self) -> Serving | None:
        """What serves, as the runner says; None without a runner."""
        return self._known

    @property
    def shadow(self) -> ShadowBot | None:
        """The candidate that reads along, or None."""
        return self._known.shadow if self._known else None

    @property
    def owed(self) -> int:
        """How many questions the bot that serves owes an answer to."""
        return self._line.owed

    async def open(self) -> None:
        """Find out which bot serves."""
        self._own = self._own and await asyncio.to_thread(checks.runs_in, self._home)
        await self.look()
        self._coming_until = time.monotonic() + _COMING_SECONDS if self._own else 0.0

    async def run(self) -> None:
        """Heed the runner until cancelled."""
        while self._own:
            await asyncio.sleep(_LOOK_SECONDS)
            await self.look()

    async def close(self) -> None:
        """Let go of the connections."""
        for line in (self._line, *self._old):
            await line.bot.close()

    async def ask(self, sender: str, message: str) -> Reply:
        """The bot's reply; raises BotError on silence, delay, refusal or nonsense."""
        await self._until_it_is_up()
        line = self._line
        try:
            reply = await self._ask(line, sender, message)
        except BotError:
            await self.look()
            if self._line is line:
                raise
            _LOG.info("The bot that was asked gave way to another, which is asked now.")
            reply = await self._ask(self._line, sender, message)
        self.heard(sender, message, reply)
        return reply

    async def _until_it_is_up(self) -> None:
        """Let a question wait for a bot that was started together with this desk, and is slower to come."""
        while time.monotonic() < self._coming_until:
            if await self._line.bot.alive():
                self._coming_until = 0.0
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def alive(self) -> bool:
        """Whether the Rasa server answers."""
        return await self._line.bot.alive()

    async def actions_alive(self) -> bool | None:
        """Whether the action server answers; None when it is not known where it is."""
        return await self._line.bot.actions_alive()

    async def look(self) -> None:
        """Send new questions where the runner says, and tell it which bots still owe answers."""
        if not self._own:
            return
        said = self._control.serving()
        if said is not None and said.managed:
            self._known = said
            if said.generation != self._line.generation:
                self._switch(said)
        for line in [line for line in self._old if not line.owed]:
            self._old.remove(line)
            await line.bot.close()
        await self._report()

    def _switch(self, serving: Serving) -> None:
        known = next((line for line in self._old if line.generation == serving.generation), None)
        if known is not None:
            self._old.remove(known)
        self._old.append(self._line)
        bot = Bot(serving.bot_url, serving.actions_url, self._timeout)
        self._line = known or _Line(serving.generation, serving.model, bot)
        _LOG.info("New questions go to model %s at %s.", serving.model, serving.bot_url)

    async def _ask(self, line: _Line, sender: str, message: str) -> Reply:
        line.owed += 1
        try:
            return replace(await line.bot.ask(sender, message), model=line.model)
        finally:
            line.owed -= 1

    async def _report(self) -> None:
        busy = tuple(line.generation for line in self._old)
        report = DeskReport(os.getpid(), self._line.generation, busy)
        if report == self._told or not self._line.generation:
            return
        try:
            await asyncio.to_thread(self._control.say_desk, report)
        except OSError as error:
            if report != self._untold:
                _LOG.error("The runner cannot be told which bots are asked yet (%s).", error.strerror)
            self._untold = report
        else:
            self._told, self._untold = report, None
