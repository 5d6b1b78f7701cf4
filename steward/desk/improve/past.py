"""Conversations that were held at the desk, for operators who make tests of them: without personal data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from steward.desk.conversation import Conversation
from steward.desk.store import Filter, Store
from steward.desk.store.inbox import Said as Stored
from steward.desk.workspace.search import Snippet, snippet, words_of
from steward.errors import ConversationError
from steward.privacy import mask
from steward.project.transcripts import Said, Speaker, Transcript, titled

_MOST_WORDS = 8
# A conversation's own id, alone or at the end of an address of the desk's.
_ID = re.compile(r"(?:.*[/=])?([\w-]{16,64})/?", re.ASCII)
# What agents call a customer without a name: the last letters of the conversation's id.
_NUMBER = re.compile(r"(?:visitor\s+)?([a-z0-9]{4})", re.ASCII | re.IGNORECASE)
_SPEAKERS: dict[str, Speaker] = {"customer": "customer", "agent": "agent", "bot": "bot"}


@dataclass(frozen=True)
class Told:
    """A conversation with what was said in it; `piece` is where the words stand that were looked for."""

    conversation: Conversation
    transcript: Transcript
    piece: Snippet | None = None

    @property
    def messages(self) -> int:
        """How many messages the customer wrote."""
        return sum(one.speaker == "customer" for one in self.transcript.turns)


class Past:
    """Finds conversations again and tells what was said in them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def found(self, sought: str, limit: int) -> list[Told]:
        """The newest conversations in which a customer wrote; all of them where nothing is sought.

        They are sought by the words of one message, by the conversation's address or id, or by the number in
        a visitor's name. Personal data is not found by: an operator does not see it either.
        """
        words = tuple(dict.fromkeys(words_of(sought)))[:_MOST_WORDS]
        named = await self._named(sought.strip(), limit)
        chosen = list(named)
        if words:
            found = await self._store.search.find(words, Filter(), limit)
            chosen += [one.conversation.id for one in found if one.conversation.id not in named]
        told = await self._told(chosen, words)
        return [one for one in told if one.piece or one.conversation.id in named][:limit]

    async def one(self, conversation_id: str) -> Told:
        """One conversation; raises ConversationError when there is none, or the customer wrote nothing."""
        told = await self._told([conversation_id], ())
        if not told:
            message = "There is no such conversation, or the customer wrote nothing in it."
            raise ConversationError("not_found", message, status=404)
        return told[0]

    async def _named(self, sought: str, limit: int) -> list[str]:
        """The conversations that are meant by an address, an id or a number; the newest where nothing is."""
        number = _NUMBER.fullmatch(sought)
        if not sought or number:
            recent = await self._store.lists.told(number[1].lower() if number else "", limit)
            return [one.id for one in recent]
        address = _ID.fullmatch(sought)
        return [address[1]] if address else []

    async def _told(self, ids: Sequence[str], words: Sequence[str]) -> list[Told]:
        """Those of the conversations in which a customer wrote, in the same order."""
        stored = await self._store.inbox.transcripts(ids)
        told = []
        for one in ids:
            conversation, said = stored.get(one, (None, ()))
            turns = _turns(said)
            if conversation and any(turn.speaker == "customer" for turn in turns):
                told.append(Told(conversation, titled("", turns), _piece(turns, words)))
        return told


def _turns(said: Sequence[Stored]) -> list[Said]:
    """What customer, agents and bot wrote; files and what the desk itself says are left out."""
    return [
        Said(_SPEAKERS[one.sender], mask(one.text))
        for one in said
        if one.sender in _SPEAKERS and one.text.strip()
    ]


def _piece(turns: Sequence[Said], words: Sequence[str]) -> Snippet | None:
    """The newest place where all the words stand in one message."""
    for turn in reversed(turns):
        written = words_of(turn.text) if words else ()
        if words and all(any(one.startswith(word) for one in written) for word in words):
            return snippet(turn.text, words)
    return None
