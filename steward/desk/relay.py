"""Carries customer messages to the bot and its replies back, in order within each conversation."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from steward.desk.bot import BotError, harmless
from steward.desk.conversation import BotFailed, BotReplied, Draft, Event, Message
from steward.desk.metrics import Metrics
from steward.desk.store import Store, StoreUnavailable
from steward.desk.switch import ServingBot
from steward.desk.tasks import Tasks
from steward.errors import ConversationError
from steward.privacy import mask
from steward.words import Words

_LOG = logging.getLogger("steward.desk.relay")
_RECOVER_AFTER = 2.0
_LOOK_EVERY = 0.2


@dataclass(frozen=True)
class Question:
    """A stored customer message that the bot owes an answer to, under the epoch it was stored with."""

    conversation_id: str
    epoch: int
    seq: int
    text: str
    payload: str | None
    since: float


def question_of(conversation_id: str, epoch: int, message: Message, since: float) -> Question:
    """What the customer's message asks the bot; `since` is when it came, by the monotonic clock."""
    payload = (message.draft.meta or {}).get("payload")
    return Question(conversation_id, epoch, message.seq, message.draft.text, payload, since)


class _Lane:
    """One conversation's questions, and the newest epoch heard of."""

    def __init__(self) -> None:
        self.questions: deque[Question] = deque()
        self.epoch = 0


class Relay:
    """One worker for each conversation that has questions; a slow answer delays nobody else's.

    `commit` stores and announces an event; it raises ConversationError when the conversation refuses it.
    Messages without words, which have files alone, are not put to the bot.
    """

    def __init__(
        self,
        bot: ServingBot,
        store: Store,
        metrics: Metrics,
        commit: Callable[[str, Event], Awaitable[object]],
        now: Callable[[], int],
        words: Words,
    ) -> None:
        self._only_files = _only_files(words)
        self._bot = bot
        self._store = store
        self._metrics = metrics
        self._commit = commit
        self._now = now
        self._lanes: dict[str, _Lane] = {}
        self._tasks = Tasks()
        self._recovering = False
        self._stopping = False

    def ask(self, question: Question) -> None:
        """Answer the question after those that the conversation already has."""
        lane = self._lanes.get(question.conversation_id)
        if lane is None:
            lane = self._lanes[question.conversation_id] = _Lane()
            self._tasks.begin(self._work(question.conversation_id, lane))
        lane.questions.append(question)

    def moved(self, conversation_id: str, epoch: int) -> None:
        """The conversation changed owner: questions of an older epoch are no longer put to the bot."""
        lane = self._lanes.get(conversation_id)
        if lane is not None:
            lane.epoch = max(lane.epoch, epoch)

    async def finished(self, conversation_id: str) -> None:
        """Return when the bot is asked nothing of the conversation any more."""
        while conversation_id in self._lanes:
            await asyncio.sleep(_LOOK_EVERY)

    async def recover(self) -> None:
        """Take up every stored message that the bot still owes an answer to."""
        since = time.monotonic()
        for conversation_id, epoch, message in await self._store.conversations.unanswered():
            known = self._lanes.get(conversation_id)
            if known and any(question.seq == message.seq for question in known.questions):
                continue
            self.ask(question_of(conversation_id, epoch, message, since))

    async def close(self, seconds: float) -> None:
        """Finish the answers under way in the time given; the rest waits in the store."""
        self._stopping = True
        await self._tasks.finish(seconds)

    async def _work(self, conversation_id: str, lane: _Lane) -> None:
        try:
            while lane.questions and not self._stopping:
                if lane.questions[0].epoch >= lane.epoch:
                    await self._answer(lane.questions[0])
                lane.questions.popleft()
        except StoreUnavailable as error:
            _LOG.error("%s Unanswered messages are tried again.", error)
            self._recover_soon()
        finally:
            del self._lanes[conversation_id]

    async def _answer(self, question: Question) -> None:
        event = await self._reply(question)
        try:
            await self._commit(question.conversation_id, event)
        except ConversationError as refusal:
            drafts = event.drafts if isinstance(event, BotReplied) else ()
            await self._drop(question, refusal.code, drafts)
        else:
            self._metrics.relayed(time.monotonic() - question.since)

    async def _reply(self, question: Question) -> BotReplied | BotFailed:
        if not question.payload and not question.text:
            return BotReplied(self._now(), question.epoch, question.seq, (self._only_files,))
        try:
            message = question.payload or harmless(mask(question.text))
            reply = await self._bot.ask(question.conversation_id, message)
        except BotError as error:
            _LOG.warning("The bot failed in conversation %s: %s.", question.conversation_id, error)
            self._metrics.bot_errors += 1
            return BotFailed(self._now(), question.epoch, question.seq)
        read = {**(reply.understood or {}), "model": reply.model}
        at, drafts = self._now(), reply.drafts
        return BotReplied(at, question.epoch, question.seq, drafts, reply.handoff, understood=read)

    async def _drop(self, question: Question, code: str, drafts: tuple[Draft, ...]) -> None:
        self._metrics.dropped += 1
        detail = {"reply_to": question.seq, "refused": code, "texts": [draft.text for draft in drafts]}
        await self._store.events.record(
            question.conversation_id, self._now(), "reply_dropped", question.epoch, detail
        )

    def _recover_soon(self) -> None:
        if not self._recovering and not self._stopping:
            self._recovering = True
            self._tasks.begin(self._recover_when_possible())

    async def _recover_when_possible(self) -> None:
        while not self._stopping:
            await asyncio.sleep(_RECOVER_AFTER)
            try:
                await self.recover()
            except StoreUnavailable:
                continue
            break
        self._recovering = False


def _only_files(words: Words) -> Draft:
    """What the bot says to a customer who sent files and no words: it cannot look at them, a person can."""
    name = "utter_desk_only_files"
    meta: dict[str, Any] = {"act": "offer_human", "topic": None, "skus": [], "confidence": 1.0, "sources": []}
    return Draft("bot", word=name, buttons=tuple(words.buttons(name)), meta=meta)
