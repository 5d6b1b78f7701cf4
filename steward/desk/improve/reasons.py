"""Why a message belongs in the operators' inbox. Pure: what happened in, which messages and why out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from rapidfuzz import fuzz

from steward.desk.improve.grouping import alike_in_writing, plain, unpacked
from steward.desk.improve.turns import Turn

Why = Literal[
    "unsure",
    "handed_over",
    "thumbs_down",
    "rephrased",
    "complaint",
    "bot_error",
    "no_answer",
    "marked",
]

REPHRASED_WITHIN = 180_000
"""A customer who was not helped asks again soon."""

SOON = 1_800_000
"""What happens later than this has nothing to do with the answer any more."""

_ANSWERED = ("answer", "offer_human")
_ALIKE = 0.6
_WRITTEN_ALIKE = 80.0
_NEW_WORD = 70.0
_KEPT_WORDS = 2
# What says nothing about the message before it that an operator could teach the bot.
_ABOUT_NOTHING = ("smalltalk", None)
_ASKS_FOR_PEOPLE = ("human",)
_ON_PURPOSE = ("order_status", "safety")


@dataclass(frozen=True)
class Finding:
    """One more reason to look at a message; `reason` tells why it was handed over."""

    seq: int
    why: Why
    reason: str | None = None


def findings(turn: Turn, before: Turn | None) -> list[Finding]:
    """What the bot's answer to a message tells about it and about the one before, which may be none.

    `before` is what the customer wrote to the bot last in the same conversation.
    """
    found = [Finding(turn.seq, why) for why in _of_itself(turn)]
    if before is not None and turn.at - before.at > SOON:
        before = None
    if before is not None and is_rephrased(before, turn):
        found.append(Finding(before.seq, "rephrased"))
    if before is not None and before.act in _ANSWERED and _complains(turn) and not _complains(before):
        found.append(Finding(before.seq, "complaint"))
    if turn.reason == "bot_error":
        found.append(Finding(turn.seq, "bot_error", turn.reason))
    elif turn.reason is not None:
        asked = before if _only_asks_for_a_person(turn) and before and _asks(before) else turn
        found.append(Finding(asked.seq, "handed_over", turn.reason))
    return found


def given_up(before: Turn, at: int) -> list[Finding]:
    """What a customer who asks for a person by the window's own button tells about their last message."""
    return [Finding(before.seq, "handed_over", "customer_asked")] if at - before.at <= SOON else []


def chosen(before: Turn, turn: Turn) -> str | None:
    """The topic that the customer meant before: that of the button pressed when the bot asked back."""
    asked_back = before.act == "clarify" and not before.pressed
    return turn.topic if asked_back and turn.pressed and turn.topic not in _ASKS_FOR_PEOPLE else None


def teaches(turn: Turn) -> bool:
    """Whether the bot may do better next time: what it hands over on purpose is as it should be."""
    if set(turn.whys) != {"handed_over"}:
        return True
    return turn.reason not in _ON_PURPOSE and not _only_asks_for_a_person(turn)


def with_why(turn: Turn, finding: Finding) -> Turn:
    """The message with that reason, too."""
    whys = turn.whys if finding.why in turn.whys else (*turn.whys, finding.why)
    return replace(turn, whys=whys, reason=turn.reason or finding.reason)


def without_why(turn: Turn, why: Why) -> Turn:
    """The message without that reason."""
    return replace(turn, whys=tuple(one for one in turn.whys if one != why))


def is_rephrased(before: Turn, after: Turn) -> bool:
    """Whether the customer asked the same again soon after an answer, in these words or others.

    Asking the same about another product, place or size is a new question.
    """
    if before.act not in _ANSWERED or after.at - before.at > REPHRASED_WITHIN:
        return False
    if _differ(before.products, after.products) or not before.text or not after.text:
        return False
    one, other = plain(before.text), plain(after.text)
    if not one or not other:
        return False
    if one == other:
        return True
    if _asks_about_something_else(one.split(), other.split()):
        return False
    if alike_in_writing(one, other) >= _WRITTEN_ALIKE:
        return True
    meant = unpacked([before.understood.vector, after.understood.vector])
    return float(np.dot(meant[0], meant[1])) >= _ALIKE


def _of_itself(turn: Turn) -> list[Why]:
    if turn.act == "clarify":
        return ["unsure"]
    if turn.act == "offer_human" and not _complains(turn):
        # Twice outside of what the bot knows, or in another language, is not a fact that is missing.
        return ["no_answer"] if turn.topic and turn.topic != "out_of_scope" else ["unsure"]
    return []


def _complains(turn: Turn) -> bool:
    return "complaint" in (turn.topic, turn.understood.intent, turn.reason)


def _only_asks_for_a_person(turn: Turn) -> bool:
    """A wish for a person, which is about what came before it; a button has no words of its own."""
    return turn.reason == "customer_asked" and (
        turn.topic in _ASKS_FOR_PEOPLE or turn.understood.intent is None
    )


def _asks(turn: Turn) -> bool:
    return turn.act not in _ABOUT_NOTHING and turn.topic not in _ASKS_FOR_PEOPLE and bool(turn.text)


def _differ(some: Sequence[str], others: Sequence[str]) -> bool:
    return bool(some) and bool(others) and not set(some) & set(others)


def _asks_about_something_else(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether the same sentence names one thing in one message and another thing in the other."""
    gone = [word for word in some if word not in others]
    new = [word for word in others if word not in some]
    kept = len(some) - len(gone)
    if not gone or not new or len(gone) > 1 or len(new) > 1 or kept < _KEPT_WORDS:
        return any(word.isdigit() for word in (*gone, *new)) and kept >= _KEPT_WORDS
    return fuzz.ratio(gone[0], new[0]) < _NEW_WORD
