"""Words as customers write them: folded, cut into tokens, reduced to a stem, compared with tolerance."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA

_TOKEN = re.compile(r"[a-z0-9]+")
_APOSTROPHE = re.compile("['’`´]")
_CODE = re.compile(r"\b([a-z]{1,2})[\s.\-]?0*(\d{1,3})\b")
_NUMBERED_FAULT = re.compile(r"\b(?:error|fault|code)s?\s+(?:code\s+)?(?:number\s+|no\.?\s+)?0*(\d{1,3})\b")
_VOWEL = re.compile("[aeiouy]")


def fold(text: str) -> str:
    """Lower case, without accents and apostrophes: the form in which texts are compared."""
    if text.isascii():
        return _APOSTROPHE.sub("", text.lower())
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return _APOSTROPHE.sub("", plain)


def tokens(text: str) -> tuple[str, ...]:
    """The words and numbers of a text, folded, in order."""
    return tuple(_TOKEN.findall(fold(text)))


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """What the inflected forms of a folded word have in common: fit, fits, fitted and fitting are one.

    It only has to give the same result for the forms of one word; the result need not be a word.
    """
    if len(word) < 4 or not word.isalpha():
        return word
    for ending, replacement in (("ies", "y"), ("ied", "y")):
        if word.endswith(ending) and len(word) > 4:
            return word[: -len(ending)] + replacement
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ation", "ing", "ed"):
        base = word[: -len(ending)]
        if word.endswith(ending) and len(base) >= 3 and _VOWEL.search(base):
            word = base
            break
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word


def codes(text: str) -> frozenset[str]:
    """The error codes in a text, written as one: "E4", "e 04" and "E-4" all give ``e4``.

    A fault given by its number alone ("error 4") gives ``?4``, which fits a code with any letter.
    """
    plain = fold(text)
    lettered = {letters + number for letters, number in _CODE.findall(plain)}
    return frozenset(lettered | {"?" + number for number in _NUMBERED_FAULT.findall(plain)})


@lru_cache(maxsize=65536)
def as_code(keyword: str) -> str:
    """The error code that a keyword is, as ``codes`` writes it; empty when it is an ordinary keyword."""
    match = _CODE.fullmatch(fold(keyword).strip())
    return match[1] + match[2] if match else ""


def close(written: str, meant: str) -> bool:
    """Whether one word or stem is a likely misspelling of another; the longer it is, the more is forgiven.

    Short ones have too many neighbours that are words of their own ("leak", "leaf") and must be right.
    """
    size = len(meant)
    if size < 5 or abs(len(written) - size) > 2 or not written.isalpha():
        return False
    if size == 5 and written[0] != meant[0]:
        return False
    allowed = 1 if size < 8 else 2
    return OSA.distance(written, meant, score_cutoff=allowed) <= allowed
