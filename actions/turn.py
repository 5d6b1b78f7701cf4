"""What the customer's latest message meant, and what the conversation remembers of the turns before it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rasa_sdk import Tracker

_REMEMBERED_MESSAGES = 6
_OFFERED = ("skus", "known")


@dataclass(frozen=True)
class Mention:
    """A place in the message that names products: one, or several where a family or category is named.

    None where what is named is not sold any more.
    """

    text: str
    kind: str
    skus: tuple[str, ...]
    end: int = 0


@dataclass(frozen=True)
class Turn:
    """One customer message as understood, with the conversation's memory.

    `confidence` and the probabilities in `readings` run from 0 to 1. `pending` is what the bot's last turn
    waits for: `{"kind": "which_product" | "offer_human" | "clarify" | "out_of_scope", ...}` or empty.
    `questions` are the message's parts, where it asks more than one thing.
    """

    text: str = ""
    intent: str = ""
    confidence: float = 0.0
    mentions: tuple[Mention, ...] = ()
    category: str | None = None
    aspect: str | None = None
    readings: tuple[tuple[str, float], ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    hazard: str | None = None
    language: str | None = None
    product: str | None = None
    discussed: tuple[str, ...] = ()
    topic: str | None = None
    pending: Mapping[str, Any] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    questions: tuple[Turn, ...] = ()

    @property
    def question(self) -> str:
        """The words to answer: this message's, after those that led the bot to ask which product."""
        before = self.pending.get("question", "") if self.waits_for("which_product") else ""
        return f"{before} {self.text}".strip()

    @property
    def postponed(self) -> tuple[Turn, ...]:
        """The questions that waited for the product that this turn may name."""
        waiting = self.pending.get("then", ()) if self.waits_for("which_product") else ()
        return tuple(
            replace(self, text=q["text"], intent=q["intent"], mentions=(), pending={}) for q in waiting
        )

    def waits_for(self, kind: str) -> bool:
        """Whether the bot's last turn ended in this kind of question."""
        return self.pending.get("kind") == kind

    def after(self, slots: Mapping[str, Any]) -> Turn:
        """The turn as it is once these slots are set."""
        remembered = {name: slots[name] for name in ("product", "topic", "pending") if name in slots}
        if "discussed" in slots:
            remembered["discussed"] = tuple(slots["discussed"])
        return replace(self, **remembered)

    def of_what_is_sold(self, sold: Container[str]) -> Turn:
        """The turn without the products that the shop gave up since they were learned or spoken of."""

        def kept(skus: Iterable[str]) -> tuple[str, ...]:
            return tuple(sku for sku in skus if sku in sold)

        offered = {name: list(kept(self.pending[name] or ())) for name in _OFFERED if name in self.pending}
        return replace(
            self,
            mentions=tuple(replace(mention, skus=kept(mention.skus)) for mention in self.mentions),
            product=self.product if self.product in sold else None,
            discussed=kept(self.discussed),
            pending={**self.pending, **offered},
            questions=tuple(question.of_what_is_sold(sold) for question in self.questions),
        )


def read_turn(tracker: Tracker) -> Turn:
    """The turn that a tracker holds after the NLU, or after a button, has been read."""
    message = tracker.latest_message
    memory = Turn(
        product=tracker.get_slot("product"),
        discussed=tuple(tracker.get_slot("discussed") or ()),
        topic=tracker.get_slot("topic"),
        pending=tracker.get_slot("pending") or {},
        asked=_asked(tracker),
    )
    questions = tuple(_read(part, memory) for part in message.get("questions") or ())
    return replace(_read(message, memory), questions=questions)


def _read(message: Mapping[str, Any], memory: Turn) -> Turn:
    intent = message.get("intent") or {}
    entities = message.get("entities") or []
    text = message.get("text") or ""
    return replace(
        memory,
        text="" if text.startswith("/") else text,
        intent=intent.get("name") or "",
        confidence=float(intent.get("confidence") or 0.0),
        mentions=_mentions(message, entities),
        category=_entity(entities, "category"),
        aspect=_entity(entities, "aspect"),
        readings=tuple((r["name"], float(r["confidence"])) for r in message.get("intent_ranking") or ()),
        evidence=message.get("evidence") or {},
        hazard=message.get("hazard"),
        language=message.get("language"),
    )


def _entity(entities: Sequence[Mapping[str, Any]], name: str) -> str | None:
    return next((entity["value"] for entity in entities if entity["entity"] == name), None)


def _mentions(message: Mapping[str, Any], entities: Sequence[Mapping[str, Any]]) -> tuple[Mention, ...]:
    found = message.get("mentions")
    if found is None:
        skus = [e["value"] for e in entities if e["entity"] == "product"]
        return tuple(Mention(text=sku, kind="product", skus=(sku,)) for sku in skus)
    return tuple(Mention(m["text"], m["kind"], tuple(m["skus"]), m["end"]) for m in found)


def _asked(tracker: Tracker) -> tuple[str, ...]:
    texts = [event.get("text") or "" for event in tracker.events if event.get("event") == "user"]
    return tuple(text for text in texts if text and not text.startswith("/"))[-_REMEMBERED_MESSAGES:]
