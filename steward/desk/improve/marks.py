"""Marks: an agent says with one click that the bot should have known this."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from steward.desk import shapes
from steward.desk.bus import DESK, Bus
from steward.desk.improve.turns import Turn
from steward.desk.store import Agent, Store, StoredMessage
from steward.errors import ConversationError
from steward.privacy import mask


class Marks:
    """The agents' marks. `stir` is called when one changes what is in the operators' inbox."""

    def __init__(self, store: Store, bus: Bus, now: Callable[[], int], stir: Callable[[], None]) -> None:
        self._store = store
        self._bus = bus
        self._now = now
        self._stir = stir

    async def put(
        self, agent: Agent, conversation_id: str, seq: int, answer_seq: int | None, note: str | None
    ) -> dict[str, Any]:
        """Mark what the customer asked; the mark as it is shown. The newest mark on a message counts.

        `seq` may be that of an answer: then what it answers is marked, an agent's with the answer. Raises
        ConversationError `not_found`, or `invalid` for an answer that no agent gave after it.
        """
        messages = await self._messages(conversation_id)
        asked, given = _asked(messages, seq)
        if answer_seq is not None:
            given = messages.get(answer_seq)
            if given is None or given.message.draft.sender != "agent" or answer_seq < asked.message.seq:
                message = "No agent answered the message with that."
                raise ConversationError("invalid", message, status=400, field="answer_seq")
        turn = Turn(
            secrets.token_hex(9),
            conversation_id,
            asked.message.seq,
            asked.message.at,
            mask(asked.message.draft.text),
            pressed=bool((asked.message.draft.meta or {}).get("payload")),
            answer_seq=given.message.seq if given else None,
            note=mask(note) if note else None,
            marked_by=agent.id,
            marked_name=agent.name,
            marked_at=self._now(),
        )
        await self._store.inbox.mark(turn)
        self._tell(conversation_id, turn.seq, agent)
        return mark_shape(turn)

    async def drop(self, agent: Agent, conversation_id: str, seq: int) -> None:
        """Take a mark back; raises ConversationError `not_found` when there is none."""
        asked, _ = _asked(await self._messages(conversation_id), seq)
        if not await self._store.inbox.unmark(conversation_id, asked.message.seq):
            raise ConversationError("not_found", "This message is not marked.", status=404)
        self._tell(conversation_id, asked.message.seq, None)

    async def of(self, conversation_id: str) -> list[dict[str, Any]]:
        """The marks in a conversation."""
        return [mark_shape(turn) for turn in await self._store.inbox.marks(conversation_id)]

    async def _messages(self, conversation_id: str) -> dict[int, StoredMessage]:
        _, messages = await self._store.conversations.snapshot(conversation_id)
        return {item.message.seq: item for item in messages}

    def _tell(self, conversation_id: str, seq: int, by: Agent | None) -> None:
        person = {"id": by.id, "name": by.name} if by else None
        frame = {"type": "mark", "conversation_id": conversation_id, "seq": seq, "by": person}
        self._bus.publish(DESK, shapes.encode(frame))
        self._stir()


def mark_shape(turn: Turn) -> dict[str, Any]:
    """A mark as agents see it."""
    return {
        "seq": turn.seq,
        "by": {"id": turn.marked_by, "name": turn.marked_name},
        "at": shapes.time_text(turn.marked_at),
        "answer_seq": turn.answer_seq,
        "note": turn.note,
    }


def _asked(messages: dict[int, StoredMessage], seq: int) -> tuple[StoredMessage, StoredMessage | None]:
    """What the customer asked, and the agent's answer to it where `seq` is that."""
    found = messages.get(seq)
    answer = found if found and found.message.draft.sender == "agent" else None
    if found and found.message.draft.sender == "bot" and found.message.draft.reply_to:
        found = messages.get(found.message.draft.reply_to)
    elif found and found.message.draft.sender != "customer":
        found = _last_asked([item for one, item in sorted(messages.items()) if one < seq])
    if found is None or not found.message.draft.text.strip():
        message = "There is no customer's message in words to mark."
        raise ConversationError("not_found", message, status=404)
    return found, answer


def _last_asked(earlier: Sequence[StoredMessage]) -> StoredMessage | None:
    asked = (item for item in reversed(earlier) if item.message.draft.sender == "customer")
    return next((item for item in asked if item.message.draft.text.strip()), None)
