"""Danger to people: rules over the words of a message that stand above whatever the model thinks of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from steward.nlu.classifier import UNSURE

SAFETY = "safety"
# From this confidence on, a reading as danger is taken at its word although the gate asks for more.
_ENOUGH = 0.4
_CLAUSE = re.compile(r"[.?;\n]+|,? but |,? and also |, ")
_APOSTROPHES = re.compile("['’`]")


@dataclass(frozen=True)
class Rules:
    """The compiled rules of hazards.yml."""

    harmless: re.Pattern[str]
    hazards: dict[str, re.Pattern[str]]
    denials: re.Pattern[str]
    doubts: re.Pattern[str]

    def hazard_in(self, text: str) -> str | None:
        """The danger that a message tells of, or None."""
        plain = self.doubts.sub(" ", self.harmless.sub(" ", fold(text)))
        for part in [*self._clauses(plain)]:
            for name, pattern in self.hazards.items():
                for match in pattern.finditer(part):
                    if not self._denied(part, match):
                        return name
        return None

    def has_harmless(self, text: str) -> bool:
        """Whether a message has a phrase that sounds like danger and is none."""
        return bool(self.harmless.search(fold(text)))

    def _clauses(self, text: str) -> Iterator[str]:
        yield from (clause for clause in _CLAUSE.split(text) if clause.strip())
        # A danger may also be told in two breaths: "puddle under it, the plug is in there".
        if not self.denials.search(text):
            yield text

    def _denied(self, clause: str, match: re.Match[str]) -> bool:
        return bool(self.denials.search(clause[: match.end()]))


@lru_cache(maxsize=1)
def rules() -> Rules:
    """The rules that come with Steward."""
    stored = yaml.safe_load((Path(__file__).parent / "hazards.yml").read_text("utf-8"))
    words = stored["words"]
    return Rules(
        harmless=_any_of([rf"\b(?:{pattern})\b" for pattern in stored["harmless"]]),
        hazards={name: _any_of(_filled(patterns, words)) for name, patterns in stored["hazards"].items()},
        denials=re.compile(stored["denials"]),
        doubts=re.compile(stored["doubts"]),
    )


def fold(text: str) -> str:
    """Lower case without accents and apostrophes, blanks made single."""
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(char)
    )
    return " ".join(_APOSTROPHES.sub("", plain).split())


def _filled(patterns: list[str], words: dict[str, str]) -> list[str]:
    for name, choice in words.items():
        patterns = [pattern.replace("{" + name + "}", choice) for pattern in patterns]
    return patterns


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyRules(GraphComponent):
    """Sets intent `safety` and `hazard` where a message tells of danger; no other component takes it back."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyRules:
        """Called by Rasa when a model is loaded; faulty rules show then, not with the first message."""
        rules()
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Judges each message by the rules first, then by what the model made of it."""
        for message in messages:
            hazard = rules().hazard_in(str(message.get(TEXT) or ""))
            if hazard:
                message.set(INTENT, {"name": SAFETY, "confidence": 1.0}, add_to_output=True)
                message.set("hazard", hazard, add_to_output=True)
            else:
                _trust_a_likely_danger(message)
        return messages


def _trust_a_likely_danger(message: Message) -> None:
    ranking = message.get("intent_ranking") or []
    if not ranking or ranking[0]["name"] != SAFETY:
        return
    if rules().has_harmless(str(message.get(TEXT) or "")):
        # What sounded like danger to the model, too, may be the harmless phrase: better to ask.
        message.set(INTENT, {**ranking[0], "name": UNSURE}, add_to_output=True)
    elif ranking[0]["confidence"] >= _ENOUGH:
        message.set(INTENT, dict(ranking[0]), add_to_output=True)
