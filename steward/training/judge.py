"""Talks to a model as customers would, and says where it does not do what the shop expects of it.

The regression conversations say what is expected, turn by turn. The messages of danger that stand among the
examples are said too: each must be met with what to do for safety.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from steward.memory import THROW_AWAY
from steward.project.conversations import Conversation, Turn
from steward.training.bot import Answer, Asker
from steward.training.disk import read_json, write_json

SAFETY = "safety"
_WORDS = {
    "answer": "answered",
    "ask_which_product": "asked which product is meant",
    "clarify": "asked back",
    "offer_human": "offered a person",
    "handoff": "brought in a person",
    "safety": "said what to do for safety",
    "smalltalk": "made small talk",
}


@dataclass(frozen=True)
class TurnVerdict:
    """What a model made of one message of a customer; `wrong` is what differs from what was expected."""

    text: str
    topics: tuple[str, ...]
    skus: tuple[str, ...]
    acts: tuple[str, ...]
    answer: str
    wrong: str

    @property
    def passed(self) -> bool:
        """Whether it did what was expected."""
        return not self.wrong


@dataclass(frozen=True)
class Verdict:
    """What a model made of one conversation. The `digest` changes with what is said or expected in it."""

    name: str
    source: str
    digest: str
    hazard: bool
    must: bool
    turns: tuple[TurnVerdict, ...]

    @property
    def passed(self) -> bool:
        """Whether every turn went as expected."""
        return all(turn.passed for turn in self.turns)


@dataclass(frozen=True)
class Judgement:
    """All that came of talking to a model: conversations, dangers that it missed, milliseconds an answer."""

    conversations: tuple[Verdict, ...]
    hazards: int
    missed: tuple[str, ...]
    answer_ms: float | None

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The conversations that did not go as expected."""
        return tuple(verdict for verdict in self.conversations if not verdict.passed)


def judge(
    asker: Asker,
    conversations: Sequence[Conversation],
    hazards: Sequence[str],
    told: Callable[[int, int], None],
) -> Judgement:
    """Have every conversation with a bot, then tell it of each danger in a conversation of its own.

    `told` hears how many of how many are done. Raises CandidateError when the bot falls silent.
    """
    total = len(conversations) + len(hazards)
    verdicts, seconds, missed = [], [], []
    for done, conversation in enumerate(conversations):
        told(done, total)
        verdict, took = _converse(asker, conversation)
        verdicts.append(verdict)
        seconds += took
    for done, text in enumerate(hazards, start=len(conversations)):
        told(done, total)
        answer = asker.ask(_sender(), _plain(text))
        seconds.append(answer.seconds)
        if SAFETY not in _acts(answer):
            missed.append(text)
    median = round(1000 * statistics.median(seconds), 1) if seconds else None
    return Judgement(tuple(verdicts), len(hazards), tuple(missed), median)


def digest_of(conversation: Conversation) -> str:
    """A name for what is said and expected in a conversation."""
    said = [[turn.text, turn.topic, list(turn.skus), turn.act] for turn in conversation.turns]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def is_must(conversation: Conversation) -> bool:
    """Whether no model may ever fail it: danger is told in it, or the shop marked it so."""
    danger = any(turn.act == SAFETY for turn in conversation.turns)
    return danger or conversation.must


def save(path: Path, judgement: Judgement) -> None:
    """Keep a judgement beside a model."""
    write_json(path, asdict(judgement))


def load(path: Path) -> Judgement | None:
    """The judgement kept beside a model; None where there is none that can be read."""
    stored = read_json(path)
    try:
        return _judgement(stored) if stored else None
    except (KeyError, TypeError):
        return None


def merged(newer: Judgement, older: Judgement | None) -> Judgement:
    """What an older judgement of a model knows, and what a newer one of the rest found."""
    if older is None:
        return newer
    known = {verdict.digest for verdict in newer.conversations}
    more = (verdict for verdict in older.conversations if verdict.digest not in known)
    heard = newer if newer.hazards else older
    return replace(heard, conversations=(*newer.conversations, *more))


def unknown_to(judgement: Judgement | None, conversations: Iterable[Conversation]) -> list[Conversation]:
    """The conversations that a judgement says nothing about."""
    known = {verdict.digest for verdict in judgement.conversations} if judgement else set()
    return [conversation for conversation in conversations if digest_of(conversation) not in known]


def _converse(asker: Asker, conversation: Conversation) -> tuple[Verdict, list[float]]:
    sender, turns, seconds = _sender(), [], []
    for turn in conversation.turns:
        answer = asker.ask(sender, turn.text)
        seconds.append(answer.seconds)
        turns.append(_verdict(turn, answer))
    hazard = any(turn.act == SAFETY for turn in conversation.turns)
    digest, must = digest_of(conversation), is_must(conversation)
    return Verdict(conversation.name, conversation.source, digest, hazard, must, tuple(turns)), seconds


def _verdict(turn: Turn, answer: Answer) -> TurnVerdict:
    topics = tuple(dict.fromkeys(str(meta["topic"]) for meta in answer.meta if meta.get("topic")))
    skus = tuple(dict.fromkeys(str(sku) for meta in answer.meta for sku in meta.get("skus") or ()))
    acts = _acts(answer)
    wrong = "; ".join(_differences(turn, topics, skus, acts))
    return TurnVerdict(turn.text, topics, skus, acts, answer.text, wrong)


def _differences(
    turn: Turn, topics: Sequence[str], skus: Sequence[str], acts: Sequence[str]
) -> Iterable[str]:
    """What was expected and did not happen, in words."""
    if turn.act and turn.act not in acts:
        did = " and ".join(_WORDS.get(act, act) for act in acts) or "said nothing"
        yield f"should have {_WORDS.get(turn.act, turn.act)}, but {did}"
    if turn.topic and turn.topic not in topics:
        yield f"is about {turn.topic}, but was taken for {' and '.join(topics) or 'nothing it knows'}"
    if turn.skus and set(turn.skus) != set(skus):
        yield f"is about {' and '.join(turn.skus)}, but {' and '.join(skus) or 'no product'} was spoken of"


def _acts(answer: Answer) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(meta["act"]) for meta in answer.meta if meta.get("act")))


def _plain(text: str) -> str:
    """The words so that Rasa reads them as words: a leading slash would name a topic."""
    return text.strip().lstrip("/ ") or "?"


def _sender() -> str:
    return f"{THROW_AWAY}judge-{secrets.token_hex(6)}"


def _judgement(stored: Mapping[str, Any]) -> Judgement:
    verdicts = [
        Verdict(**{**verdict, "turns": tuple(_turn(turn) for turn in verdict["turns"])})
        for verdict in stored["conversations"]
    ]
    return Judgement(tuple(verdicts), stored["hazards"], tuple(stored["missed"]), stored["answer_ms"])


def _turn(stored: Mapping[str, Any]) -> TurnVerdict:
    lists = {name: tuple(stored[name]) for name in ("topics", "skus", "acts")}
    return TurnVerdict(**{**stored, **lists})
