"""Danger to people: rules over the words of a message that stand above whatever the model thinks of it."""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz.distance import OSA
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from steward.catalogue import Catalogue, load_catalogue
from steward.nlu.classifier import SAFETY
from steward.nlu.fingerprint import code_fingerprint, fingerprint_of
from steward.nlu.matcher import MENTIONS
from steward.settings import load_settings

# From this share on, what the model makes of a message is danger, whatever else it may be or how unsure.
# Over five folds of the examples, rules and this share find 98.9% of the dangers (98.2% from a half on); half
# as much would find 99.2%, and imagine half as many again.
_ENOUGH = 0.2
# Words that tell one danger together stand no further apart than this, in letters.
_NEAR = 60
_FILE = "carriers.json"
_CLAUSE = re.compile(r"[.?;\n]+|,? but |,? and also |, ")
# "It won't start and smells burnt", "doesn't fit as it is swollen": what follows is not denied.
_REACH_ENDS = re.compile(
    r"\b(?:as|because|cause|cos|cuz|since|so|though|although|while|"
    r"and (?:\w+ ){0,3}?(?:smel|stink|smok|spark|burn|bulg|swol|hiss|leak|get|got|is|has|feel|look)\w*)\b"
)
_APOSTROPHES = re.compile("['’`]")
_WORD = re.compile(r"[a-z]+")
_TOGETHER = re.compile(r"!?\w+(?: & !?\w+)+")
_SOUNDS = (("ck", "k"), ("c", "k"), ("z", "s"), ("y", "i"), ("ee", "i"))
_DOUBLED = re.compile(r"(.)\1+")


@dataclass(frozen=True)
class _Danger:
    """Patterns that tell of danger where all of the first kind, and none of the second, are in a clause."""

    together: tuple[str, ...]
    without: tuple[str, ...] = ()


@dataclass
class _Clause:
    """A clause, searched once for each pattern however many dangers it is part of."""

    text: str
    places: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def find(self, name: str, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
        """Where the pattern stands."""
        if name not in self.places:
            self.places[name] = [match.span() for match in pattern.finditer(self.text)]
        return self.places[name]


@dataclass(frozen=True)
class Rules:
    """The compiled rules of hazards.yml."""

    harmless: re.Pattern[str]
    patterns: Mapping[str, re.Pattern[str]]
    hazards: Mapping[str, Sequence[_Danger]]
    denials: re.Pattern[str]
    doubts: re.Pattern[str]
    carries: Mapping[str, re.Pattern[str]]

    def hazard_in(self, text: str, names: Mapping[tuple[int, int], str] | None = None) -> str | None:
        """The danger that a message tells of, or None.

        `names` are the places of products' names, each with what that product carries (see `carriers`) or "".
        """
        plain = self.doubts.sub(" ", self.harmless.sub(" ", _mended(_with_kinds(text, names or {}))))
        for part in self._clauses(plain):
            clause = _Clause(part)
            for hazard, dangers in self.hazards.items():
                if any(self._is_told(danger, clause) for danger in dangers):
                    return hazard
        return None

    def carriers(self, catalogue: Catalogue) -> dict[str, str]:
        """Which products are or carry a source of danger ("battery", "gas" ...), by the catalogue's words."""
        found = {}
        for sku, product in catalogue.products.items():
            names = [product.name, product.category, *product.synonyms]
            specs = [f"{spec.name} {spec.value}" for spec in catalogue.specs(sku)]
            text = fold(" ".join([*names, "|", product.summary, *product.highlights, *specs]))
            kinds = [kind for kind, pattern in self.carries.items() if pattern.search(text)]
            if kinds:
                found[sku] = kinds[0]
        return found

    def _clauses(self, text: str) -> Iterator[str]:
        clauses = [clause.strip() for clause in _CLAUSE.split(text) if clause.strip()]
        yield from clauses
        # A danger may also be told in two breaths: "puddle under it, the plug is in there".
        if len(clauses) > 1 and not self.denials.search(text):
            yield text

    def _is_told(self, danger: _Danger, clause: _Clause) -> bool:
        together = []
        for name in danger.together:
            together.append(clause.find(name, self.patterns[name]))
            if not together[-1]:
                return False
        if any(clause.find(name, self.patterns[name]) for name in danger.without):
            return False
        ends = (places[-1][1] for places in map(sorted, itertools.product(*together)) if _is_close(places))
        return any(not self._is_denied(clause.text[:end]) for end in ends)

    def _is_denied(self, text: str) -> bool:
        """Whether a denial stands in the text, and reaches to its end."""
        return any(not _REACH_ENDS.search(text, denial.end()) for denial in self.denials.finditer(text))


def _is_close(places: Sequence[tuple[int, int]]) -> bool:
    """Whether places in order neither overlap nor lie far apart."""
    gaps = [later[0] - former[1] for former, later in itertools.pairwise(places)]
    return all(0 <= gap <= _NEAR for gap in gaps)


@lru_cache(maxsize=1)
def rules() -> Rules:
    """The rules that come with Steward."""
    stored = _stored()
    words = stored["words"]
    patterns = {name: re.compile(rf"\b{choice}s?\b") for name, choice in words.items()}
    hazards: dict[str, list[_Danger]] = {}
    for hazard, entries in stored["hazards"].items():
        single = [entry for entry in entries if not _TOGETHER.fullmatch(entry)]
        patterns[f"{hazard}:"] = _any_of(_filled(single, words))
        hazards[hazard] = [_Danger((f"{hazard}:",))]
        hazards[hazard] += [_danger(entry) for entry in entries if entry not in single]
    return Rules(
        harmless=_any_of([rf"\b(?:{pattern})\b" for pattern in stored["harmless"]]),
        patterns=patterns,
        hazards=hazards,
        denials=re.compile(stored["denials"]),
        doubts=re.compile(stored["doubts"]),
        carries={kind: re.compile(pattern) for kind, pattern in stored["carries"].items()},
    )


@lru_cache(maxsize=1)
def _stored() -> dict[str, Any]:
    stored: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "hazards.yml").read_text("utf-8"))
    return stored


def _danger(entry: str) -> _Danger:
    names = entry.split(" & ")
    return _Danger(
        tuple(name for name in names if name[0] != "!"), tuple(name[1:] for name in names if name[0] == "!")
    )


def fold(text: str) -> str:
    """Lower case without accents and apostrophes, blanks made single."""
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(char)
    )
    return " ".join(_APOSTROPHES.sub("", plain).split())


def _mended(text: str) -> str:
    """The folded text with the words of danger spelt right."""
    return _WORD.sub(lambda match: _spelt(match[0]), fold(text))


@lru_cache(maxsize=20_000)
def _spelt(word: str) -> str:
    """The word of danger that this one is when misspelt: it sounds alike, or a letter is amiss."""
    known = _spellings()
    if word in known.values() or word in _spelt_right():
        return word
    sound = _sound(word)
    if sound in known:
        return known[sound]
    if len(sound) < 5:
        return word
    # A letter left out, put in or swapped, never another one in its place: that mostly is another word.
    near = (
        right
        for other, right in known.items()
        if other[0] == sound[0]
        and abs(len(other) - len(sound)) <= 1
        and OSA.distance(other, sound, score_cutoff=1) == 1
        and (sorted(other) == sorted(sound) or (len(other) != len(sound) and len(sound) > 5))
    )
    return next(near, word)


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    return {_sound(word): word for word in _stored()["spellings"].split()}


@lru_cache(maxsize=1)
def _spelt_right() -> frozenset[str]:
    return frozenset(_stored()["spelt_right"].split())


def _sound(word: str) -> str:
    for written, heard in _SOUNDS:
        word = word.replace(written, heard)
    return _DOUBLED.sub(r"\1", word)


def _with_kinds(text: str, names: Mapping[tuple[int, int], str]) -> str:
    """The text with "product" for each product's name, and what it carries before that."""
    for (start, end), kind in sorted(names.items(), reverse=True):
        text = f"{text[:start]} {kind}product {text[end:]}"
    return text


def _filled(patterns: list[str], words: dict[str, str]) -> list[str]:
    for name, choice in words.items():
        patterns = [pattern.replace("{" + name + "}", choice) for pattern in patterns]
    return patterns


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SafetyRules(GraphComponent):
    """Sets intent `safety` and `hazard` where a message tells of danger; no other component takes it back.

    The trained model carries which products hold a battery or burn gas.
    """

    def __init__(self, storage: ModelStorage, resource: Resource, carriers: Mapping[str, str]) -> None:
        self._storage = storage
        self._resource = resource
        self._carriers = carriers

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Trained again where other products carry what is dangerous; prices and texts may change."""
        carriers = rules().carriers(load_catalogue(load_settings().catalogue))
        return code_fingerprint() + fingerprint_of(carriers)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyRules:
        """Called by Rasa before training; faulty rules show then, not with the first message."""
        rules()
        return cls(model_storage, resource, {})

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SafetyRules:
        """Called by Rasa with a trained model."""
        rules()
        with model_storage.read_from(resource) as folder:
            carriers = json.loads(Path(folder, _FILE).read_text("utf-8"))
        return cls(model_storage, resource, carriers)

    def train(self, training_data: TrainingData) -> Resource:
        """Stores which products carry what is dangerous when it fails."""
        carriers = rules().carriers(load_catalogue(load_settings().catalogue))
        with self._storage.write_to(self._resource) as folder:
            Path(folder, _FILE).write_text(json.dumps(carriers), "utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Judges each message by the rules first, then by what the model made of it."""
        for message in messages:
            hazard = rules().hazard_in(str(message.get(TEXT) or ""), self._names_in(message))
            if hazard:
                message.set(INTENT, {"name": SAFETY, "confidence": 1.0}, add_to_output=True)
                message.set("hazard", hazard, add_to_output=True)
            else:
                _trust_a_likely_danger(message)
        return messages

    def _names_in(self, message: Message) -> dict[tuple[int, int], str]:
        """The places of the products' names; a name that fits several counts as what any of them carries."""
        return {
            (mention["start"], mention["end"]): next(
                (self._carriers[sku] for sku in mention["skus"] if sku in self._carriers), ""
            )
            for mention in message.get(MENTIONS) or []
        }


def _trust_a_likely_danger(message: Message) -> None:
    """An instruction too many does little harm, one too few may: no gate stands above this."""
    share = (message.get("evidence") or {}).get("danger", 0.0)
    if share >= _ENOUGH:
        message.set(INTENT, {"name": SAFETY, "confidence": share}, add_to_output=True)
