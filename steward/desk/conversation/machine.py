"""The state machine's one step."""

from __future__ import annotations

from steward.desk.conversation import agent, bot, customer, queue
from steward.desk.conversation.events import BotEvent, CustomerEvent, Event, QueueEvent
from steward.desk.conversation.outcome import Outcome
from steward.desk.conversation.state import Conversation


def step(conversation: Conversation, event: Event) -> Outcome:
    """Apply one event; raises ConversationError when the conversation's owner or epoch forbids it."""
    if isinstance(event, CustomerEvent):
        return customer.step(conversation, event)
    if isinstance(event, BotEvent):
        return bot.step(conversation, event)
    if isinstance(event, QueueEvent):
        return queue.step(conversation, event)
    return agent.step(conversation, event)
