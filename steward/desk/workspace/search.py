"""Searching as words are compared: any case, with or without accents, by their beginning. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+")
_LONGEST = 64
_SNIPPET = 160
_LEAD = 40


@dataclass(frozen=True)
class Snippet:
    """A piece of a text and where the words that were found stand in it.

    `marks` are [from, to) pairs counted in UTF-16 code units, as JavaScript counts.
    """

    text: str
    marks: tuple[tuple[int, int], ...]


def folded(text: str) -> str:
    """Without case and accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))


def words_of(text: str) -> tuple[str, ...]:
    """The folded words in order; what is longer than any word is cut."""
    return tuple(word[:_LONGEST] for word in _WORD.findall(folded(text)))


def indexed(text: str) -> str:
    """What the index keeps of a text: each word once, one space between two."""
    return " ".join(sorted(set(words_of(text))))


def snippet(text: str, wanted: Sequence[str], length: int = _SNIPPET) -> Snippet:
    """The piece of the text around the first word found, with all words marked that begin with a wanted one.

    `wanted` are folded words. White space is shown as single spaces, a cut end as an ellipsis.
    """
    text = " ".join(text.split())
    spans = list(_found(text, wanted))
    start = _start(text, spans[0][0] if spans else 0, length)
    end = min(len(text), start + length)
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shown = before + text[start:end] + after
    shift = len(before) - start
    marks = [(a + shift, min(b, end) + shift) for a, b in spans if start <= a < end]
    return Snippet(shown, tuple((_units(shown, a), _units(shown, b)) for a, b in marks))


def _start(text: str, first: int, length: int) -> int:
    """Where to begin so that the first word found is shown with a little before it: at a word's beginning."""
    start = max(0, min(first - _LEAD, len(text) - length))
    space = text.find(" ", start, first) if start else -1
    return space + 1 if space >= 0 else start


def _found(text: str, wanted: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where words that begin with a wanted one stand in the text as it was written."""
    plain, places = _folded_with_places(text)
    last = 0
    for match in _WORD.finditer(plain):
        start, end = places[match.start()], places[match.end() - 1] + 1
        # One character may fold to two words, as fractions do: it is marked once.
        if start >= last and match.group()[:_LONGEST].startswith(tuple(wanted)):
            yield start, end
            last = end


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters the place in the text that it came from."""
    pieces: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        piece = folded(character)
        pieces.append(piece)
        places += [place] * len(piece)
    return "".join(pieces), places


def _units(text: str, place: int) -> int:
    return place + sum(1 for character in text[:place] if ord(character) > 0xFFFF)
