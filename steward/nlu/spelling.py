"""Words as they are written, counted and heard: a text in parts, numbers in words, stems and sounds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

_PART = re.compile(r"[^\W\d_]+|\d+")
_SOUNDS = (
    ("ph", "f"),
    ("ck", "k"),
    ("qu", "kw"),
    ("y", "i"),
    ("z", "s"),
    ("c", "k"),
    ("oo", "u"),
    ("ee", "i"),
)
_ENDING = re.compile(r"(?<=\w{3})(?:ing|est|er|r|s)$")
_DOUBLED = re.compile(r"(.)\1+")
_UNITS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split()
    )
}
# "The portal eights": a number in the name, spoken of as several.
_UNITS |= {f"{word}s": number for word, number in _UNITS.items() if number > 2 and not word.endswith("x")}
_TENS = {
    word: 10 * number
    for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}


@dataclass(frozen=True)
class Part:
    """A run of letters or digits, folded, and where it stands."""

    text: str
    start: int
    end: int


def parts_of(text: str) -> list[Part]:
    """Runs of letters and runs of digits, folded, with their places; numbers in words become digits."""
    plain = text.lower() if text.isascii() else _folded(text)
    found = [Part(match[0], match.start(), match.end()) for match in _PART.finditer(plain)]
    return _numbers_in_digits([part for part in found if not _is_possessive(part, plain)])


def _folded(text: str) -> str:
    """Lower case without accents, as long as the text itself."""
    plain = "".join(unicodedata.normalize("NFKD", char)[0] for char in text).lower()
    if len(plain) == len(text):
        return plain
    return text.lower() if len(text.lower()) == len(text) else text


def _is_possessive(part: Part, text: str) -> bool:
    return part.text == "s" and part.start > 0 and text[part.start - 1] in "'’"


def _numbers_in_digits(parts: list[Part]) -> list[Part]:
    if not any(part.text in _UNITS or part.text in _TENS for part in parts):
        return parts
    result: list[Part] = []
    at = 0
    while at < len(parts):
        used, value = _number(parts, at)
        if used:
            result.append(Part(str(value), parts[at].start, parts[at + used - 1].end))
        else:
            result.append(parts[at])
        at += used or 1
    return result


def _number(parts: Sequence[Part], at: int) -> tuple[int, int]:
    """How many words from `at` on spell a number below a thousand, and which; (0, 0) when none."""
    words = [part.text for part in parts[at : at + 5]] + [""] * 5
    used, value = _below_hundred(words)
    if not used:
        return 0, 0
    if words[used] == "hundred":
        skip = used + 1 + (words[used + 1] == "and")
        more, rest = _below_hundred(words[skip:])
        return (skip + more, value * 100 + rest) if more else (used + 1, value * 100)
    return used, value


def _below_hundred(words: Sequence[str]) -> tuple[int, int]:
    if words and words[0] in _TENS:
        if 0 < _UNITS.get(words[1], 0) < 10:
            return 2, _TENS[words[0]] + _UNITS[words[1]]
        return 1, _TENS[words[0]]
    return (1, _UNITS[words[0]]) if words and words[0] in _UNITS else (0, 0)


def joined(parts: Iterable[Part]) -> str:
    """The parts in one, as the index knows names."""
    return "".join(part.text for part in parts)


@lru_cache(maxsize=1 << 17)
def key_of(text: str) -> str:
    """A text's parts in one, as the index knows names."""
    return joined(parts_of(text))


def stem_of(word: str) -> str:
    """A word without its ending: larger, largest and large are one, and so are mop, mops and mopping."""
    stem = _ENDING.sub("", word) if len(word) > 4 or word.endswith("s") else word
    stem = stem[:-1] if len(stem) > 3 and stem.endswith("e") else stem
    return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] else stem


def _sound(word: str) -> str:
    for written, heard in _SOUNDS:
        word = word.replace(written, heard)
    return _DOUBLED.sub(r"\1", word)


def consonants(word: str) -> str:
    """What is left of a word where vowels are misheard."""
    return re.sub("[aeiou]", "", _sound(word))


def begin_alike(one: str, other: str) -> bool:
    """Slips hardly ever change how a word begins; vowels there count as one, and the next letter may swap."""
    first, second = (re.sub("[aeiou]", "a", _sound(word)[:2]) for word in (one, other))
    return first[0] == second[0] or sorted(first) == sorted(second)


def neighbourhood(word: str) -> set[str]:
    """How a word sounds, whole and with any one letter left out."""
    sound = _sound(word)
    return {sound, *(sound[:at] + sound[at + 1 :] for at in range(len(sound)))}


def similarity(written: str, known: str) -> float:
    """How alike two words are, by letters or by sound, short of 1 when they differ at all."""
    letters = OSA.normalized_similarity(written, known)
    sound = OSA.normalized_similarity(_sound(written), _sound(known))
    return min(0.98, max(letters, 0.95 * sound))
