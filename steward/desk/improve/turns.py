"""One customer message, what the bot made of it, and where it stands in the operators' inbox. Pure."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

UNSURE_INTENT = "nlu_fallback"
"""The bot's word for a message that it was not sure enough of."""
VECTOR_SIZE = 384

_RANKED = 5
_LONGEST = 80
_LONGEST_TEXT = 4000


@dataclass(frozen=True)
class Understood:
    """How the bot read a message; every field is empty where it is not known.

    `vector` is the meaning as whole numbers from -127 to 127, one byte each; `model` is the model that read.
    """

    intent: str | None = None
    confidence: float | None = None
    threshold: float | None = None
    ranking: tuple[tuple[str, float], ...] = ()
    nearest: Mapping[str, Any] | None = None
    skus: tuple[str, ...] = ()
    hazard: str | None = None
    language: str | None = None
    model: str | None = None
    vector: bytes | None = None

    @property
    def topic(self) -> str | None:
        """The likeliest topic, whether or not the bot was sure enough to act on it."""
        if self.intent and self.intent != UNSURE_INTENT:
            return self.intent
        return self.ranking[0][0] if self.ranking else None


@dataclass(frozen=True)
class Turn:
    """A customer message with the bot's answer to it.

    `text` has no personal data in it; it is what was written, or the title of a button that was `pressed`.
    `act` and `topic` are those of the answer, `reason` is why a person was asked for, `chosen` is the topic
    of the button that the customer pressed when the bot asked back. `whys` tell why operators should look at
    it; without any it is not in their inbox. `state` is `open` until somebody labels it, then `labelled` or
    `ignored`. `version` grows with every change.
    """

    id: str
    conversation_id: str
    seq: int
    at: int
    text: str
    pressed: bool = False
    understood: Understood = field(default_factory=Understood)
    act: str | None = None
    topic: str | None = None
    skus: tuple[str, ...] = ()
    reason: str | None = None
    chosen: str | None = None
    whys: tuple[str, ...] = ()
    state: str = "open"
    label_id: str | None = None
    answer_seq: int | None = None
    note: str | None = None
    marked_by: str | None = None
    marked_name: str | None = None
    marked_at: int | None = None
    version: int = 1

    @property
    def about(self) -> str | None:
        """The topic to file it under: the one that was answered, else the likeliest."""
        return (self.topic if self.act == "answer" else None) or self.understood.topic or self.topic

    @property
    def products(self) -> tuple[str, ...]:
        """The products that it names or was answered for."""
        return tuple(dict.fromkeys((*self.understood.skus, *self.skus)))


def understood_of(value: Mapping[str, Any] | None) -> Understood:
    """What the bot's payload says, whatever it holds: what does not fit is left out."""
    if value is None:
        return Understood()
    return Understood(
        intent=_word(value.get("intent")),
        confidence=_share(value.get("confidence")),
        threshold=_share(value.get("threshold")),
        ranking=_ranking(value.get("ranking")),
        nearest=nearest_of(value.get("nearest")),
        skus=words_of(value.get("skus")),
        hazard=_word(value.get("hazard")),
        language=_word(value.get("language")),
        model=_word(value.get("model")),
        vector=_vector(value.get("vector")),
    )


def nearest_of(value: Any) -> dict[str, Any] | None:
    """The training example that is most like the message: `{text, intent, similarity}`."""
    if not isinstance(value, Mapping):
        return None
    text, similarity = value.get("text"), _number(value.get("similarity"))
    if not isinstance(text, str) or not text or similarity is None:
        return None
    return {"text": _plain(text), "intent": _word(value.get("intent")), "similarity": round(similarity, 4)}


def words_of(value: Any) -> tuple[str, ...]:
    """The strings of a list."""
    found = (_word(one) for one in value) if isinstance(value, list | tuple) else ()
    return tuple(dict.fromkeys(filter(None, found)))


def _ranking(value: Any) -> tuple[tuple[str, float], ...]:
    found = []
    for pair in value if isinstance(value, list | tuple) else ():
        if isinstance(pair, list | tuple) and len(pair) == 2:
            name, share = _word(pair[0]), _share(pair[1])
            if name and share is not None:
                found.append((name, share))
    return tuple(found[:_RANKED])


def _word(value: Any) -> str | None:
    return _plain(value)[:_LONGEST] or None if isinstance(value, str) else None


def _plain(text: str) -> str:
    """PostgreSQL keeps no NUL characters."""
    return text.replace("\x00", "")[:_LONGEST_TEXT]


def _share(value: Any) -> float | None:
    number = _number(value)
    return None if number is None else min(1.0, max(0.0, number))


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _vector(value: Any) -> bytes | None:
    if not isinstance(value, str):
        return None
    try:
        found = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return found if len(found) == VECTOR_SIZE and any(found) else None
