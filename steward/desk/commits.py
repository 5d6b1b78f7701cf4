"""How a conversation changes: the state machine decides, the store keeps, then everybody is told."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from steward.desk import shapes
from steward.desk.accounts.agents import Accounts, name_of
from steward.desk.bus import DESK, Bus
from steward.desk.conversation import (
    AgentWrote,
    BotFailed,
    BotReplied,
    Conversation,
    CustomerWrote,
    Event,
    HandoffAsked,
    Outcome,
    Promised,
    State,
    step,
)
from steward.desk.improve.service import Improve
from steward.desk.integrations.hooks import Courier
from steward.desk.metrics import Metrics
from steward.desk.queue.dispatch import Dispatch
from steward.desk.queue.places import Places
from steward.desk.relay import Relay, question_of
from steward.desk.store import Claim, Committed, KeyUsed, Store, Work
from steward.desk.tasks import Tasks
from steward.errors import ConversationError
from steward.words import Words


@dataclass(frozen=True)
class Happened:
    """News on a conversation's topic: something was stored. `origin` is the socket that caused it."""

    committed: Committed
    origin: object | None


@dataclass(frozen=True)
class Typing:
    """News on a conversation's topic: somebody is writing."""

    sender: str


class Commits:
    """Every change of a conversation goes through here, and from here to all who act on it.

    `card` is how a conversation is shown to agents.
    """

    def __init__(
        self,
        store: Store,
        words: Words,
        bus: Bus,
        metrics: Metrics,
        accounts: Accounts,
        card: Callable[[Conversation], dict[str, Any]],
        *,
        relay: Relay,
        dispatch: Dispatch,
        places: Places,
        improve: Improve,
        courier: Courier,
    ) -> None:
        self._store = store
        self._words = words
        self._bus = bus
        self._metrics = metrics
        self._accounts = accounts
        self._card = card
        self._relay = relay
        self._dispatch = dispatch
        self._places = places
        self._improve = improve
        self._courier = courier
        self._tasks = Tasks()

    async def commit(
        self,
        conversation_id: str,
        event: Event,
        *,
        key: str | None = None,
        digest: str | None = None,
        origin: object | None = None,
        claim: Claim | None = None,
        also: Sequence[Work] = (),
    ) -> Committed:
        """Let the state machine decide on the event, store the outcome, then tell everybody concerned.

        The agent of `claim` must have room for the conversation; `also` is stored with it or not at all.
        """
        since = time.monotonic()

        async def whole() -> Committed:
            committed = await self._store.conversations.apply(
                conversation_id,
                lambda conversation: self._decide(conversation, event),
                key=key,
                digest=digest,
                claim=claim,
                also=(*also, *self._improve.follow(conversation_id, event)),
            )
            if committed.outcome.changed:
                await self._tell(committed, origin)
                self._follow(committed, since)
            return committed

        return await self._tasks.whole(whole())

    async def write(
        self,
        conversation_id: str,
        event: CustomerWrote | AgentWrote,
        key: str | None,
        origin: object | None = None,
    ) -> int:
        """Store what somebody sent, once for each key; the seq it has."""
        sender = "agent" if isinstance(event, AgentWrote) else "customer"
        sent = [event.text, *(one["id"] for one in event.attachments)]
        if isinstance(event, CustomerWrote):
            sent.insert(0, event.payload)
        digest = hashlib.sha256(shapes.encode(sent).encode()).hexdigest()
        try:
            committed = await self.commit(conversation_id, event, key=key, digest=digest, origin=origin)
        except (KeyUsed, ConversationError) as refusal:
            first = await self._store.conversations.sent(conversation_id, sender, key) if key else None
            if first is None:
                raise
            if first.digest != digest:
                message = "This idempotency key was used for another message."
                raise ConversationError("key_reused", message, field="Idempotency-Key") from refusal
            return first.seq
        return committed.messages[0].message.seq

    async def finish(self, seconds: float) -> None:
        """Wait for what is being stored and told."""
        await self._tasks.finish(seconds)

    def _decide(self, conversation: Conversation, event: Event) -> Outcome:
        """Called inside the transaction of the outcome."""
        try:
            return step(conversation, self._informed(conversation, event)).worded(self._words.say)
        except ConversationError as refusal:
            if refusal.code != "taken":
                raise
            name = name_of(conversation.agent_id, self._accounts.names) or "A colleague"
            raise ConversationError("taken", f"{name} has taken this conversation.") from None

    def _informed(self, conversation: Conversation, event: Event) -> Event:
        """The event with what only the desk knows: who is there."""
        match event:
            case BotReplied() | BotFailed() | HandoffAsked() | Promised():
                return replace(event, duty=self._dispatch.duty())
            case CustomerWrote():
                online = self._dispatch.presence.online(conversation.last_agent_id)
                return replace(event, last_agent_online=online)
            case _:
                return event

    async def _tell(self, committed: Committed, origin: object | None) -> None:
        after = committed.outcome.after
        if {after.agent_id, after.wanted_agent_id} - {None, *self._accounts.names}:
            await self._accounts.load()
        self._bus.publish(after.id, Happened(committed, origin))
        for item in committed.messages:
            self._metrics.messages[item.message.draft.sender] += 1
        if not self._bus.heard(DESK):
            return
        card = self._card(after)
        self._bus.publish(DESK, shapes.encode({"type": "conversation", "conversation": card}))
        for item in committed.messages:
            shape = {"type": "message", "conversation_id": after.id, "message": shapes.message_shape(item)}
            self._bus.publish(DESK, shapes.encode(shape))

    def _follow(self, committed: Committed, since: float) -> None:
        outcome = committed.outcome
        after = outcome.after
        self._dispatch.follow(outcome)
        if outcome.owner_changed:
            self._relay.moved(after.id, after.epoch)
            self._count_handoff(outcome)
        if outcome.owner_changed or outcome.queue_changed:
            self._places.moved()
        if outcome.ask_bot:
            asked = committed.messages[0].message
            self._relay.ask(question_of(after.id, after.epoch, asked, since))
            self._bus.publish(after.id, Typing("bot"))
        self._courier.wake()

    def _count_handoff(self, outcome: Outcome) -> None:
        """Whoever comes from the bot, or from nobody, to the people."""
        begun = outcome.before.state in (State.BOT, State.RESOLVED) and not outcome.ask_bot
        if begun and outcome.after.reason and outcome.after.state is not State.RESOLVED:
            self._metrics.handoffs[outcome.after.reason] += 1
