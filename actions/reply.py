"""What an action says: replies with their metadata, and what the conversation remembers afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from actions.turn import Turn

Button = Mapping[str, str]
_RANKED = 5


@dataclass(frozen=True)
class Reply:
    """One bot message: the name of a `domain.yml` response, the values that fill it, and its metadata."""

    response: str
    act: str
    topic: str | None = None
    skus: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    buttons: tuple[Button, ...] = ()
    handoff: str | None = None


@dataclass(frozen=True)
class Outcome:
    """The replies to one message, and the memory they leave.

    `product`, `discussed` and `topic` replace what was remembered unless None; `pending` always does.
    """

    replies: tuple[Reply, ...]
    product: str | None = None
    discussed: tuple[str, ...] | None = None
    topic: str | None = None
    pending: Mapping[str, Any] = field(default_factory=dict)

    @property
    def asks_which_product(self) -> bool:
        """Whether nothing can go on before the product is known."""
        return self.pending.get("kind") == "which_product"

    def postponing(self, questions: Iterable[Turn]) -> Outcome:
        """The same outcome, remembering questions to answer once the product is known."""
        then = [{"intent": question.intent, "text": question.text} for question in questions]
        return replace(self, pending={**self.pending, "then": then}) if then else self

    @property
    def slots(self) -> dict[str, Any]:
        """The slots that this sets."""
        discussed = None if self.discussed is None else list(self.discussed)
        kept = {"product": self.product, "discussed": discussed, "topic": self.topic}
        slots: dict[str, Any] = {name: value for name, value in kept.items() if value is not None}
        return {**slots, "pending": dict(self.pending)}


def understood(turn: Turn) -> dict[str, Any] | None:
    """How the message was read, for those who improve the bot; None where a button said what was meant."""
    if not turn.text:
        return None
    return {
        "intent": turn.intent,
        "confidence": round(turn.confidence, 4),
        "threshold": turn.evidence.get("threshold"),
        "ranking": [[name, round(share, 4)] for name, share in turn.readings[:_RANKED]],
        "nearest": turn.evidence.get("nearest"),
        "skus": list(dict.fromkeys(sku for mention in turn.mentions for sku in mention.skus)),
        "hazard": turn.hazard,
        "language": turn.language,
        "vector": turn.evidence.get("vector"),
    }


def custom(reply: Reply, turn: Turn) -> dict[str, Any]:
    """The payload that carries a reply's metadata, and its handoff, to the desk."""
    meta = {
        "act": reply.act,
        "topic": reply.topic,
        "skus": list(reply.skus),
        "confidence": round(turn.confidence, 4),
        "sources": list(reply.sources),
    }
    if reply.handoff is None:
        return {"meta": meta}
    return {"meta": meta, "handoff": _handoff(reply, turn)}


def _handoff(reply: Reply, turn: Turn) -> dict[str, Any]:
    skus = list(reply.skus or turn.discussed)
    # The reply's own topic names the reason; what the customer was after is what was read or discussed.
    wanted = turn.readings[0][0] if turn.readings and reply.handoff == "low_confidence" else turn.topic
    evidence = {
        "topic": wanted or ("complaint" if reply.handoff == "complaint" else reply.topic),
        "skus": skus,
        "confidence": round(turn.confidence, 4),
        "readings": [[name, round(share, 4)] for name, share in turn.readings[:3]],
        "nearest": turn.evidence.get("nearest"),
        "hazard": turn.hazard,
        "asked": list(turn.asked),
    }
    return {"reason": reply.handoff, "summary": _summary(turn, skus), "evidence": evidence}


def _summary(turn: Turn, skus: list[str]) -> str:
    """One paragraph for the agent: the products and topic talked about, and the customer's own words."""
    about = [f"Products: {', '.join(skus)}."] if skus else []
    before = [f"Answered last: {turn.topic}."] if turn.topic else []
    words = [f"Customer wrote: {' / '.join(turn.asked[-3:])}"] if turn.asked else []
    return " ".join([*about, *before, *words])
