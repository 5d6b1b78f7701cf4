"""The operators' side of the desk: what the bot did not manage comes in, what they make of it goes out."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from steward.desk import shapes
from steward.desk.bus import OPERATORS, Bus
from steward.desk.conversation import BotFailed, BotReplied, Event, HandoffAsked, Promised
from steward.desk.improve.focus import Focus
from steward.desk.improve.inbox import InboxList
from steward.desk.improve.labels import Labels
from steward.desk.improve.marks import Marks
from steward.desk.improve.past import Past
from steward.desk.improve.topics import Topics
from steward.desk.improve.turns import understood_of
from steward.desk.store import Agent, Store, Work
from steward.desk.store.inbox import answered, asked, file_turn, give_up, rated

_TELL_EVERY = 1.0


class Improve:
    """The inbox, its labels and marks, and what was said before.

    `follow` is called with every event that is stored.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        topics: Topics,
        names: Callable[[], Mapping[str, str]],
        now: Callable[[], int],
    ) -> None:
        self.focus = Focus()
        self.topics = topics
        self.inbox = InboxList(store, self.lookers)
        self.labels = Labels(store, bus, topics, now)
        self.marks = Marks(store, bus, now, self._stir)
        self.past = Past(store)
        self._bus = bus
        self._names = names
        self._now = now
        self._stirred = False

    def follow(self, conversation_id: str, event: Event) -> Sequence[Work]:
        """What is stored with an event, for the message that it is about."""
        match event:
            case BotReplied() | BotFailed():
                return (partial(self._file, conversation_id, event),)
            case HandoffAsked() | Promised():
                return (partial(self._give_up, conversation_id, event.at),)
        return ()

    async def rated(self, connection: Any, conversation_id: str, seq: int, value: str) -> None:
        """Store with a customer's rating what it means for the message that was answered."""
        await rated(connection, conversation_id, seq, value, new_id())
        self._stir()

    async def run(self) -> None:
        """Tell operators that something came in, what comes together once, and who no longer looks at it."""
        while True:
            await asyncio.sleep(_TELL_EVERY)
            if self._stirred:
                self._stirred = False
                frame: dict[str, Any] = {"type": "inbox", "items": [], "by": None}
                self._bus.publish(OPERATORS, shapes.encode(frame))
            self._tell_focus(*self.focus.expire(self._now()))

    def look(self, agent: Agent, group: str | None) -> None:
        """The operator has a group before them, or none; the others see it."""
        self._tell_focus(*self.focus.put(agent.id, group, self._now()))

    def lookers(self, group: str) -> list[dict[str, str]]:
        """Who has a group before them."""
        names = self._names()
        return [{"id": one, "name": names.get(one, "")} for one in self.focus.of(group)]

    def _tell_focus(self, *groups: str) -> None:
        for group in sorted(groups):
            focus = {"type": "inbox_focus", "group": group, "operators": self.lookers(group)}
            self._bus.publish(OPERATORS, shapes.encode(focus))

    def _stir(self) -> None:
        self._stirred = True

    async def _file(self, conversation_id: str, event: BotReplied | BotFailed, connection: Any) -> None:
        turn = await asked(connection, conversation_id, event.reply_to, new_id())
        if turn is None:
            return
        if isinstance(event, BotReplied):
            understood = understood_of(event.understood)
            reason = event.handoff.reason if event.handoff else None
            turn = replace(turn, understood=understood, reason=reason)
            turn = answered(turn, [draft.meta for draft in event.drafts])
        else:
            turn = replace(turn, reason="bot_error")
        if await file_turn(connection, turn):
            self._stir()

    async def _give_up(self, conversation_id: str, at: int, connection: Any) -> None:
        if await give_up(connection, conversation_id, at):
            self._stir()


def new_id() -> str:
    """An id for what operators look at, which can be typed as a word of a command."""
    return secrets.token_hex(9)
