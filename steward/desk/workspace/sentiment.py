"""How a customer sounds, by rules, with the words it rests on. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Feeling = Literal["annoyed", "neutral", "happy"]

_ANNOYED = """
    angry annoyed annoying appalled appalling awful complain complaint crap cheated damn disappointed
    disappointing disaster disgrace disgraceful disgusted fed-up fraud frustrated frustrating furious
    garbage hate horrible hopeless incompetent insulting joke lousy mad nightmare nonsense outrageous
    pathetic pissed rage ridiculous rip-off rubbish scam shambles shame shameful shocking sick stupid
    terrible unacceptable unbelievable unhappy upset useless worst wtf
""".split()
_HAPPY = """
    amazing appreciate awesome brilliant delighted excellent fabulous fantastic glad grateful great
    happy helpful impressed legend love lovely perfect perfectly pleased splendid super superb thankful
    thrilled wonderful
""".split()
_ANNOYED_PHRASES = (
    "again and again",
    "asked twice",
    "fed up",
    "for the third time",
    "for weeks",
    "had enough",
    "how hard can it be",
    "money back now",
    "never again",
    "no one answers",
    "nobody answers",
    "rip off",
    "sick of",
    "still no",
    "still not",
    "still waiting",
    "the last time",
    "waste of",
    "what a joke",
)
_HAPPY_PHRASES = ("well done", "good job", "much appreciated", "works a treat")
_PHRASE = re.compile(r"\b(?:{})\b".format("|".join((*_ANNOYED_PHRASES, *_HAPPY_PHRASES))))
_NEGATIONS = frozenset("not no never isn't wasn't don't doesn't didn't can't cannot hardly nothing".split())
_WORD = re.compile(r"[a-z][a-z'’-]*")
_REACH = 3
_SHOUT = re.compile(r"\b[A-Z]{4,}\b(?:\W+[A-Z]{2,}\b)+")
_MARKS = re.compile(r"[!?]{3,}")
_RECENT = 6


@dataclass(frozen=True)
class Sentiment:
    """The feeling, and the words of the customer that say so."""

    feeling: Feeling
    words: tuple[str, ...] = ()


def sentiment(texts: Sequence[str]) -> Sentiment:
    """How the customer sounds in the last few of their messages; annoyance outweighs courtesy."""
    annoyed: dict[str, None] = {}
    happy: dict[str, None] = {}
    for text in texts[-_RECENT:]:
        bad, good = _signs(text)
        annoyed.update(dict.fromkeys(bad))
        happy.update(dict.fromkeys(good))
    if annoyed:
        return Sentiment("annoyed", tuple(annoyed))
    return Sentiment("happy", tuple(happy)) if happy else Sentiment("neutral")


def _signs(text: str) -> tuple[list[str], list[str]]:
    """What in one message shows annoyance, and what shows content."""
    plain = text.lower().replace("’", "'")
    words = _WORD.findall(plain)
    phrases = _PHRASE.findall(plain)
    annoyed = [phrase for phrase in phrases if phrase in _ANNOYED_PHRASES]
    happy = [phrase for phrase in phrases if phrase in _HAPPY_PHRASES]
    for at, word in enumerate(words):
        denied = not _NEGATIONS.isdisjoint(words[max(0, at - _REACH) : at])
        if word in _ANNOYED and not denied:
            annoyed.append(word)
        elif word in _HAPPY:
            (annoyed if denied else happy).append(f"not {word}" if denied else word)
    annoyed += _SHOUT.findall(text)[:1]
    annoyed += _MARKS.findall(text)[:1]
    return annoyed, happy
