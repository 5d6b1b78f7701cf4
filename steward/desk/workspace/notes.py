"""Notes that agents write for one another. Customers never see them, not even in their export."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from steward.desk import shapes
from steward.desk.accounts.permissions import Permission, may
from steward.desk.bus import DESK, Bus, agent_topic
from steward.desk.store import Agent, Mention, Note, Store
from steward.errors import ConversationError

LISTED = 50


class NoteBook:
    """The notes of all conversations, and who is told of them."""

    def __init__(self, store: Store, bus: Bus, now: Callable[[], int]) -> None:
        self._store = store
        self._bus = bus
        self._now = now

    async def write(
        self, conversation_id: str, agent: Agent, text: str, mentions: Sequence[str], key: str | None
    ) -> Note:
        """Keep a note and tell everybody at the desk; the same key again gives the first one."""
        named = await self._colleagues(mentions)
        note = new_note(conversation_id, self._now(), agent, text, named, key)
        stored, is_new = await self._store.notes.add(note)
        if is_new:
            await self.tell(stored)
        elif (stored.text, stored.mentions) != (note.text, note.mentions):
            message = "This idempotency key was used for another note."
            raise ConversationError("key_reused", message, field="Idempotency-Key")
        return stored

    async def tell(self, note: Note) -> None:
        """Tell the desk of a note that is stored, and those whom it names in particular."""
        news = {"conversation_id": note.conversation_id, "note": note_shape(note)}
        self._bus.publish(DESK, shapes.encode({"type": "note", **news}))
        for agent_id in note.mentions:
            if self._bus.heard(agent_topic(agent_id)):
                unread = await self._store.notes.unread(agent_id)
                frame = {"type": "mention", **news, "unread": unread}
                self._bus.publish(agent_topic(agent_id), shapes.encode(frame))

    async def of(self, conversation_id: str) -> list[dict[str, Any]]:
        """A conversation's notes, oldest first."""
        return [note_shape(note) for note in await self._store.notes.of(conversation_id)]

    async def mentions(self, agent: Agent) -> tuple[tuple[Mention, ...], int]:
        """The newest notes that name the agent, and how many of all are unread."""
        return await self._store.notes.mentioning(agent.id, LISTED), await self._store.notes.unread(agent.id)

    async def read(self, agent: Agent, note_ids: Sequence[str] | None) -> int:
        """The agent has read these, or with None all; how many are unread now."""
        await self._store.notes.read(agent.id, self._now(), note_ids)
        return await self._store.notes.unread(agent.id)

    async def _colleagues(self, agent_ids: Sequence[str]) -> tuple[str, ...]:
        """The ids, each once; raises ConversationError when one is nobody who reads notes."""
        if not agent_ids:
            return ()
        there = {
            agent.id
            for agent in await self._store.agents.all()
            if agent.active and agent.kind == "person" and may(agent.role, Permission.ANSWER)
        }
        if not there >= set(agent_ids):
            message = "One of those named is not at the desk."
            raise ConversationError("invalid", message, status=400, field="mentions")
        return tuple(dict.fromkeys(agent_ids))


def new_note(
    conversation_id: str,
    at: int,
    agent: Agent,
    text: str,
    mentions: Sequence[str] = (),
    key: str | None = None,
) -> Note:
    """A note by the agent; nobody is told of a note for naming themselves."""
    named = tuple(sorted(set(mentions) - {agent.id}))
    return Note(secrets.token_urlsafe(12), conversation_id, at, agent.id, agent.name, text, named, key)


def note_shape(note: Note) -> dict[str, Any]:
    """A note as agents read it."""
    return {
        "id": note.id,
        "conversation_id": note.conversation_id,
        "at": shapes.time_text(note.at),
        "author": {"id": note.author_id, "name": note.author},
        "text": note.text,
        "mentions": list(note.mentions),
    }
