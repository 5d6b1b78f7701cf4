"""What a conversation refuses, and who it belongs to: the checks before every step."""

from __future__ import annotations

from typing import NoReturn

from steward.desk.conversation.state import Conversation, State
from steward.errors import ConversationError


def is_offered_to(now: Conversation, agent_id: str) -> bool:
    """Whether this agent is asked to take it."""
    return now.state is State.OFFERED and now.agent_id == agent_id


def is_mine(now: Conversation, agent_id: str) -> bool:
    """Whether this agent owns it."""
    return now.state is State.AGENT and now.agent_id == agent_id


def refuse_taken(now: Conversation) -> None:
    """Not while an agent owns it."""
    if now.state is State.AGENT:
        raise ConversationError("taken", "A colleague has taken this conversation.")


def refuse_others(now: Conversation, agent_id: str) -> None:
    """Only its own agent may."""
    if not is_mine(now, agent_id):
        raise ConversationError("not_owner", "The conversation is not yours; take it over first.")


def refuse_stale(now: Conversation, epoch: int) -> None:
    """Only what was decided under the present owner counts."""
    if epoch != now.epoch:
        stale(now)


def refuse_stale_reply(now: Conversation, epoch: int, reply_to: int) -> None:
    """Only the answer to an open question counts, while the bot owns the conversation."""
    if now.state is not State.BOT or not now.answered_seq < reply_to <= now.customer_seq:
        stale(now)
    refuse_stale(now, epoch)


def refuse_closed(now: Conversation, at: int, reopen_for: int) -> None:
    """What was resolved too long ago stays closed."""
    if now.resolved_at is None or at - now.resolved_at > reopen_for:
        closed()


def stale(now: Conversation) -> NoReturn:
    """Refuse what does not fit what the conversation is by now."""
    message = f"The conversation has moved on: its state is {now.state.value}, its epoch {now.epoch}."
    raise ConversationError("stale", message)


def closed() -> NoReturn:
    """Refuse what needs an open conversation."""
    raise ConversationError("conversation_closed", "The conversation is closed; start a new one.")
