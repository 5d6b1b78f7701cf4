"""Messages in another language than English, told by their alphabet and their commonest words."""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Mapping
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
from steward.nlu.matcher import MENTIONS

OTHER_LANGUAGE = "other_language"
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ALPHABETS = {
    "CYRILLIC": "ru",
    "GREEK": "el",
    "ARABIC": "ar",
    "HEBREW": "he",
    "CJK": "zh",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "THAI": "th",
    "DEVANAGARI": "hi",
}
# English words that other languages also have, and what customers write to a shop in English.
_ENGLISH = frozenset(
    "hi hello hey ok okay yes no please thanks thank cheers price cost how much many what where when why "
    "which who order delivery filter machine manual open error battery app garage water gas code hours "
    "bill card person human agent bot return refund warranty broken leak stock sale vat kg cm mm kwh wifi "
    "don't doesn't won't can't isn't it's i'm i've what's where's that's die gut hat man war den fast art "
    "bald rate also net come sale note data hose mode pet plan set sole tempo total trim mini pro max "
    "portal cell crema are is was were do does did has have had not and or but in on at an a as so for to "
    "of with me my i you he she it we they this that the am be been any some want need get got buy sell "
    "work works working dog cat real idea area media extra no per pour plus son ton air con pain chat "
    "sale sorry care nice fine stop later haha table possible exchange "
    # Borrowed from other languages, and the company that they keep in a chat.
    "ciao adios adieu bravo voila amigo amigos nada gratis kaput capisce fiesta siesta encore hasta vista "
    "gtg ttyl brb lol mate dude guys guy bro buddy folks pal man thx ty cya bye everyone all team".split()
)


@dataclass(frozen=True)
class Lexicon:
    """The words that speak for a language; `plain` ones were chosen by hand and may decide alone."""

    plain: frozenset[str]
    common: frozenset[str]

    def telling(self, words: list[str]) -> set[str]:
        """Words that this language has and English has not."""
        return {word for word in words if word in self.common and len(word) > 1} - english_words()

    def shared(self, words: list[str]) -> int:
        """How many words it shares with English."""
        return sum(word in self.common and word in english_words() for word in words)


@lru_cache(maxsize=1)
def lexicons() -> Mapping[str, Lexicon]:
    """The languages that are told apart, by ISO code."""
    stored = yaml.safe_load((Path(__file__).parent / "languages.yml").read_text("utf-8"))
    chosen = {code: frozenset(words.split()) for code, words in stored.items()}
    return {code: Lexicon(words, words | _stop_words(code)) for code, words in chosen.items()}


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """English words that other languages also have, and the commonest of its own."""
    return frozenset(_stop_words("en") | _ENGLISH)


def language_of(text: str) -> str | None:
    """The ISO code of a message's language; None when it is English, or too little to tell."""
    foreign = _alphabet([char for char in text if char.isalpha()])
    if foreign:
        return foreign
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    telling = {code: lexicon.telling(words) for code, lexicon in lexicons().items()}
    code = max(telling, key=lambda code: (len(telling[code]), lexicons()[code].shared(words)))
    shared = lexicons()[code].shared(words)
    english = sum(word in english_words() for word in words) - shared
    known = len(telling[code]) + shared / 2
    if len(telling[code]) >= 2:
        return code if known > english and known >= 0.3 * len(words) else None
    # One word decides only a very short message, and not one that might be a name or a slip of the pen.
    alone = telling[code] & lexicons()[code].plain
    decisive = any(len(word) >= 4 or not word.isascii() for word in alone)
    return code if decisive and english == 0 and len(words) <= 3 else None


def _alphabet(letters: list[str]) -> str | None:
    found: dict[str, int] = {}
    for char in letters:
        if ord(char) > 0x36F:
            script = unicodedata.name(char, "").split(" ")[0]
            if script in _ALPHABETS:
                found[_ALPHABETS[script]] = found.get(_ALPHABETS[script], 0) + 1
    if 2 * sum(found.values()) <= len(letters):
        return None
    # Japanese mixes Chinese characters with its own.
    return "ja" if "ja" in found else max(found, key=lambda code: found[code])


def _stop_words(code: str) -> set[str]:
    return set(importlib.import_module(f"spacy.lang.{code}.stop_words").STOP_WORDS)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class LanguageDetector(GraphComponent):
    """Sets intent `other_language` and `language` on messages that are not English."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        """Called by Rasa when a model is loaded, which is when the words are read."""
        lexicons()
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Looks past product names: they are the same in every language."""
        for message in messages:
            text = _without(str(message.get(TEXT) or ""), message.get(MENTIONS) or [])
            code = language_of(text)
            if code:
                message.set(INTENT, {"name": OTHER_LANGUAGE, "confidence": 1.0}, add_to_output=True)
                message.set("language", code, add_to_output=True)
            elif (message.get(INTENT) or {}).get("name") == OTHER_LANGUAGE and _is_english(text):
                message.set(INTENT, {**message.get(INTENT), "name": UNSURE}, add_to_output=True)
        return messages


def _is_english(text: str) -> bool:
    words = [word.lower() for word in _WORD.findall(text)]
    return 2 * sum(word in english_words() for word in words) >= len(words)


def _without(text: str, mentions: list[dict[str, Any]]) -> str:
    for mention in sorted(mentions, key=lambda mention: -mention["start"]):
        text = text[: mention["start"]] + " " + text[mention["end"] :]
    return text
