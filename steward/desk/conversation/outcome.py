"""What an event does: the messages it adds, the conversation before and after, what must follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from steward.desk.conversation.state import Conversation, Owner


@dataclass(frozen=True)
class Draft:
    """What somebody wants to say, before it has a place in the conversation.

    A system draft has no text of its own: `word` names the response and `values` fill it in.
    """

    sender: str
    text: str = ""
    word: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    buttons: tuple[Mapping[str, str], ...] = ()
    image: str | None = None
    meta: Mapping[str, Any] | None = None
    reply_to: int | None = None
    author_id: str | None = None
    author: str | None = None
    attachments: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Message:
    """A draft with its place in the conversation."""

    seq: int
    at: int
    draft: Draft


@dataclass(frozen=True)
class Outcome:
    """What an event did: the conversation before and after, the messages it added, what must follow."""

    before: Conversation
    after: Conversation
    messages: tuple[Message, ...] = ()
    ask_bot: bool = False

    def worded(self, say: Callable[..., str]) -> Outcome:
        """The same outcome with a text in every system message, from the response it names."""

        def word(message: Message) -> Message:
            draft = message.draft
            if draft.word is None:
                return message
            return replace(message, draft=replace(draft, text=say(draft.word, **draft.values), word=None))

        return replace(self, messages=tuple(word(message) for message in self.messages))

    @property
    def changed(self) -> bool:
        """Whether there is anything to store."""
        return self.before != self.after

    @property
    def owner_changed(self) -> bool:
        """Whether somebody else answers now."""
        return self.before.epoch != self.after.epoch

    @property
    def queue_changed(self) -> bool:
        """Whether the queue reads differently now: who waits in it, in which order, or who is asked."""
        return _queue_face(self.before) != _queue_face(self.after)


def outcome(
    before: Conversation, after: Conversation, at: int, *drafts: Draft, ask_bot: bool = False
) -> Outcome:
    """The outcome in which the drafts get their places in the conversation."""
    messages = tuple(Message(before.seq + n, at, draft) for n, draft in enumerate(drafts, start=1))
    after = replace(after, seq=before.seq + len(messages), updated_at=at)
    return Outcome(before, after, messages, ask_bot)


def _queue_face(now: Conversation) -> tuple[Any, ...]:
    return now.state if now.owner is Owner.QUEUE else None, now.agent_id, now.priority, now.skill
