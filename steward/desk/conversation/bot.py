"""What follows when the bot answers, or fails to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from steward.desk.conversation.events import BotEvent, BotFailed, BotReplied
from steward.desk.conversation.outcome import Draft, Outcome, outcome
from steward.desk.conversation.owners import arrival, handoff_for, put_off, to_people
from steward.desk.conversation.refusals import refuse_stale_reply
from steward.desk.conversation.state import Conversation, State

_BOT_ERROR_META: Mapping[str, Any] = {
    "act": "handoff",
    "topic": None,
    "skus": [],
    "confidence": 0,
    "sources": [],
}


def step(now: Conversation, event: BotEvent) -> Outcome:
    """What the conversation makes of the bot's answer, or of its failure to give one."""
    match event:
        case BotReplied():
            return _replied(now, event)
        case BotFailed():
            return _failed(now, event)


def _replied(now: Conversation, event: BotReplied) -> Outcome:
    refuse_stale_reply(now, event.epoch, event.reply_to)
    drafts = [replace(draft, reply_to=event.reply_to) for draft in event.drafts]
    after = replace(now, answered_seq=event.reply_to, **_understood(drafts))
    if event.handoff:
        after = to_people(after, event.at, event.handoff, event.duty)
        drafts.append(replace(arrival(after, event.duty), reply_to=event.reply_to))
    return outcome(now, after, event.at, *drafts)


def _failed(now: Conversation, event: BotFailed) -> Outcome:
    refuse_stale_reply(now, event.epoch, event.reply_to)
    after = to_people(now, event.at, handoff_for(now, "bot_error"), event.duty)
    drafts = [Draft("system", word="utter_bot_error", meta=_BOT_ERROR_META, reply_to=event.reply_to)]
    if after.state is State.DEFERRED:
        drafts.append(replace(put_off(event.duty.when), reply_to=event.reply_to))
    return outcome(now, after, event.at, *drafts)


def _understood(drafts: list[Draft]) -> dict[str, Any]:
    """What the newest bot message with metadata understood the customer to be about."""
    metas = [draft.meta for draft in drafts if draft.meta and draft.meta.get("topic")]
    if not metas:
        return {}
    meta = metas[-1]
    confidence = meta.get("confidence")
    return {
        "topic": str(meta["topic"]),
        "skus": tuple(str(sku) for sku in meta.get("skus") or ()),
        "confidence": float(confidence) if isinstance(confidence, int | float) else None,
    }
