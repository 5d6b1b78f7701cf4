"""Which of a topic's facts a message asks about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from steward.catalogue.text import as_code, close, codes, stem, tokens

_CODE_WEIGHT = 10.0  # an error code says exactly what is meant: no number of words outweighs it
_PHRASE_BONUS = 1.5  # two words that belong together say more than the same two words apart
_MISSPELT = 0.8
_SLACK = 3  # how many other words may stand between the words of one keyword
_SECOND_ROW = 0.5  # share of the best score that a second row needs on words of its own


@lru_cache(maxsize=65536)
def words_of(keyword: str) -> tuple[str, ...]:
    """A keyword's words, folded, in order."""
    return tokens(keyword)


@lru_cache(maxsize=65536)
def stems_of(keyword: str) -> tuple[str, ...]:
    """The stems of a keyword's words, in order."""
    return tuple(stem(word) for word in words_of(keyword))


@dataclass(frozen=True)
class Question:
    """A message, read once for matching: where each stem stands, each stem as written, the error codes."""

    places: Mapping[str, tuple[int, ...]]
    written: Mapping[str, str]
    codes: frozenset[str]


def read(message: str, names: Iterable[tuple[str, ...]] = ()) -> Question:
    """Read a message; what is inside a product's own ``names`` (as stems) is no evidence of an aspect.

    A button's payload (leading "/") carries no words of the customer and reads as an empty message.
    """
    if message.lstrip().startswith("/"):
        return Question({}, {}, frozenset())
    written = tokens(message)
    words = [stem(token) for token in written]
    for name in sorted(names, key=len, reverse=True):
        _blank(words, name)
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        if word:
            places.setdefault(word, []).append(place)
    for place, (left, right) in enumerate(pairwise(words)):
        if left and right:  # "wi fi" is "wifi"
            places.setdefault(left + right, []).append(place)
    as_written = dict(zip(words, written, strict=True))
    return Question({word: tuple(found) for word, found in places.items()}, as_written, codes(message))


def _blank(words: list[str], name: tuple[str, ...]) -> None:
    size = len(name)
    for start in range(len(words) - size + 1):
        if size and tuple(words[start : start + size]) == name:
            words[start : start + size] = [""] * size


class Matcher:
    """Compares questions with keywords; a stem in ``spelt_right`` is never taken for a misspelling."""

    def __init__(self, spelt_right: Collection[str]) -> None:
        """Keep the words that are known to be spelt right."""
        self._spelt_right = spelt_right

    def evidence(self, keywords: Iterable[str], question: Question) -> dict[tuple[int, str], float]:
        """What in the question speaks for the keywords: (place, keyword's stem) -> weight."""
        found: dict[tuple[int, str], float] = {}
        for keyword in keywords:
            for key, weight in self._match(keyword, question).items():
                found[key] = max(weight, found.get(key, 0.0))
        return found

    def _match(self, keyword: str, question: Question) -> dict[tuple[int, str], float]:
        code = as_code(keyword)
        if code:
            number = code.lstrip("abcdefghijklmnopqrstuvwxyz")
            asked = code in question.codes or "?" + number in question.codes
            return {(-1 - int(number), code): _CODE_WEIGHT} if asked else {}
        wanted = stems_of(keyword)
        hits = [self._hits(*word, question) for word in zip(wanted, words_of(keyword), strict=True)]
        if not wanted or not all(hits):
            return {}
        chosen = _together(hits)
        if chosen is None:
            return {}
        bonus = _PHRASE_BONUS if len(wanted) > 1 else 1.0
        return {
            (place, word): bonus * hit[place] for word, hit, place in zip(wanted, hits, chosen, strict=True)
        }

    def _hits(self, wanted: str, in_full: str, question: Question) -> dict[int, float]:
        if wanted in question.places:
            return dict.fromkeys(question.places[wanted], 1.0)
        return {
            place: _MISSPELT
            for word, places in question.places.items()
            if word not in self._spelt_right
            and (close(word, wanted) or close(question.written.get(word, word), in_full))
            for place in places
        }


def _together(hits: Sequence[Mapping[int, float]]) -> tuple[int, ...] | None:
    """One place for each word of a keyword so that they stand near each other, in any order."""
    for anchor in sorted(hits[0]):
        chosen = tuple(min(hit, key=lambda place: abs(place - anchor)) for hit in hits)
        if max(chosen) - min(chosen) < len(hits) + _SLACK:
            return chosen
    return None


def best_rows(keywords: Sequence[Iterable[str]], question: Question, matcher: Matcher) -> list[int]:
    """The one or two rows, best first, whose keywords the question speaks of; empty if none.

    A second row is given when it explains words of the question that the first one does not.
    """
    rows = [tuple(row) for row in keywords]
    rarity = Counter(word for row in rows for word in {w for keyword in row for w in stems_of(keyword)})
    evidence = [matcher.evidence(row, question) for row in rows]

    def score(row: int, explained: Collection[int]) -> float:
        return sum(
            weight / max(1, rarity[word])
            for (place, word), weight in evidence[row].items()
            if place not in explained
        )

    chosen: list[int] = []
    explained: set[int] = set()
    enough = 0.0
    for _ in range(2):
        best = max(range(len(rows)), key=lambda row: score(row, explained), default=None)
        if best is None or score(best, explained) <= enough:
            break
        enough = enough or _SECOND_ROW * score(best, explained)
        chosen.append(best)
        explained.update(place for place, _ in evidence[best])
    return chosen
