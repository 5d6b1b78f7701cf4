"""Conversations from elsewhere: JSON lines, CSV, Rasa's stories, or text that was pasted.

Each is a list of turns, told by who said them: the customer, a person of the shop, or a bot. What cannot be
read is refused with the line that it stands on.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from steward.errors import ProjectError
from steward.project.yaml_text import Node, YamlText, entries, items, text_of, value_of

Format = Literal["auto", "jsonl", "csv", "story", "text"]
Speaker = Literal["customer", "agent", "bot"]

_CUSTOMER = frozenset(
    "customer client user visitor guest human buyer shopper caller kunde kundin me q".split()
)
_BOT = frozenset("bot assistant chatbot machine ai system".split())
_AGENT = frozenset("agent support operator advisor adviser staff shop seller us service team a".split())
_WHO = ("from", "sender", "role", "author", "speaker", "who", "event")
_WHAT = ("text", "message", "content", "body", "words", "utterance")
_WHICH = ("conversation", "conversation_id", "session", "session_id", "sender_id", "thread", "title", "id")
_INSIDE = ("turns", "messages", "events", "transcript", "conversation")
_NAMED = ("title", "name", "conversation", "conversation_id", "sender_id", "id")
# "Customer: hello", also behind a time: "[12:04] Customer: hello".
_SAID = re.compile(
    r"\s*(?:[\[(]?\d[\d:./,\- TZ]*(?:[ap]m)?[\])]?\s*[-–]?\s*)?"
    r"(?P<who>[^\W\d_][\w .'()-]{0,40}?)\s*:(?:\s+|$)(?P<text>.*)",
    re.IGNORECASE,
)
_MARKED = re.compile(r"\[(?P<words>[^\]]+)\](?:\{[^}]*\}|\([^)]*\))")
_PARTED = re.compile(r"\s*(?:[-=_*]{3,}|#+\s+.*)\s*")
_TITLE = re.compile(r"\s*#+\s+(?P<title>.*\S)")
_SPACE = re.compile(r"\s+")
_LONGEST_TITLE = 60


@dataclass(frozen=True)
class Said:
    """One turn of a transcript."""

    speaker: Speaker
    text: str


@dataclass(frozen=True)
class Transcript:
    """A conversation from elsewhere."""

    title: str
    turns: tuple[Said, ...]


def read_transcripts(content: str, format: Format = "auto") -> tuple[Transcript, ...]:
    """The conversations that a text holds; raises ProjectError naming the line that cannot be read."""
    content = content.removeprefix("\ufeff")
    if not content.strip():
        raise ProjectError("empty; expected conversations", field="content")
    chosen = guessed(content) if format == "auto" else format
    found = [
        one for one in _READERS[chosen](content) if any(said.speaker == "customer" for said in one.turns)
    ]
    if not found:
        raise ProjectError("nothing that a customer said; expected conversations", field="content")
    return tuple(titled(one.title, one.turns) for one in found)


def titled(title: str, turns: Sequence[Said]) -> Transcript:
    """A transcript under its own title; without one, under what the customer said first."""
    first = next((said.text for said in turns if said.speaker == "customer"), "")
    short = first if len(first) <= _LONGEST_TITLE else first[: _LONGEST_TITLE - 1].rstrip() + "…"
    return Transcript(title or short, tuple(turns))


def guessed(content: str) -> Format:
    """The format that a text seems to be in."""
    start = content.lstrip()
    if start.startswith(("{", "[{")):
        return "jsonl"
    if re.search(r"^(?:stories|rules)\s*:\s*$", content, re.MULTILINE):
        return "story"
    header = [cell.strip().casefold() for cell in start.splitlines()[0].split(",")]
    if len(header) > 1 and any(column in _WHAT for column in header):
        return "csv"
    return "text"


def _jsonl(content: str) -> Iterator[Transcript]:
    groups: dict[str, list[Said]] = {}
    for line, value in _json_values(content):
        turns = next((value[key] for key in _INSIDE if isinstance(value.get(key), list)), None)
        if turns is not None:
            said = tuple(one for turn in turns if (one := _json_turn(turn, line)))
            yield Transcript(_text(value, _NAMED), said)
            continue
        one = _json_turn(value, line)
        if one is not None:
            groups.setdefault(_text(value, _WHICH), []).append(one)
    for title, turns in groups.items():
        yield Transcript(title, tuple(turns))


def _json_values(content: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if content.lstrip().startswith("["):
        try:
            values = json.loads(content)
        except json.JSONDecodeError as error:
            raise _odd(error.lineno, f"not JSON: {error.msg}") from None
        pairs: list[tuple[int, Any]] = [(1, value) for value in values]
    else:
        pairs = [(n, _json(n, text)) for n, text in enumerate(content.splitlines(), 1) if text.strip()]
    for line, value in pairs:
        if not isinstance(value, dict):
            raise _odd(line, "expected an object with a conversation or a message")
        yield line, value


def _json(line: int, text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _odd(line, f"not JSON: {getattr(error, 'msg', 'too deep')}") from None


def _json_turn(turn: Any, line: int) -> Said | None:
    """What was said; None for what is no message, as most of a bot's events are."""
    if isinstance(turn, str):
        return _said("customer", turn)
    if not isinstance(turn, dict):
        raise _odd(line, "expected a message with its text and who said it")
    if "event" in turn and turn["event"] not in ("user", "bot"):
        return None
    text = _text(turn, _WHAT)
    if not text and "event" not in turn:
        raise _odd(line, f"a message without words; expected one of {', '.join(_WHAT[:4])}")
    who = _text(turn, _WHO) or "customer"
    return _said(_speaker(who, line), text)


def _csv(content: str) -> Iterator[Transcript]:
    reader = csv.reader(io.StringIO(content, newline=""), strict=True)
    groups: dict[str, list[Said]] = {}
    try:
        header = [cell.strip().casefold() for cell in next(reader)]
        what = _column(header, _WHAT)
        who, which = _column(header, _WHO), _column(header, _WHICH)
        if what is None:
            raise _odd(1, f"no column with what was said; expected one of {', '.join(_WHAT[:4])}")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise _odd(reader.line_num, f"{len(cells)} cells; expected {len(header)}, as in the header")
            speaker = _speaker(cells[who], reader.line_num) if who is not None else "customer"
            said = _said(speaker, cells[what])
            if said is None:
                raise _odd(reader.line_num, "no words; expected what was said")
            groups.setdefault(cells[which].strip() if which is not None else "", []).append(said)
    except csv.Error as error:
        raise _odd(reader.line_num, f"not readable as CSV: {error}") from None
    for title, turns in groups.items():
        yield Transcript(title, tuple(turns))


def _column(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _story(content: str) -> Iterator[Transcript]:
    try:
        file = YamlText("story", content)
    except ProjectError as error:
        raise _odd(error.line, str(error).partition(": ")[2]) from None
    stories = [*items(file.section("stories")), *items(file.section("rules"))]
    if not stories:
        raise _odd(1, "no stories; expected a list of them under `stories:`")
    for story in stories:
        title = text_of(value_of(story, "story")) or text_of(value_of(story, "rule")) or ""
        steps = value_of(story, "steps")
        if steps is None:
            raise _odd(story.start_mark.line + 1, "no steps; expected what was said, step by step")
        turns = [said for step in items(steps) for said in _step(step)]
        if not any(said.speaker == "customer" for said in turns):
            message = f'"{title}" has no words of a customer; expected steps like `user: how much is it`'
            raise _odd(story.start_mark.line + 1, message)
        yield Transcript(title, tuple(turns))


def _step(step: Node) -> Iterator[Said]:
    for key, value in entries(step):
        speaker: Speaker | None = {"user": "customer", "bot": "bot"}.get(key.value)  # type: ignore[assignment]
        said = _said(speaker, _MARKED.sub(r"\g<words>", text_of(value) or "")) if speaker else None
        if said:
            yield said


def _pasted(content: str) -> Iterator[Transcript]:
    known = any(_speaker_or_none(found["who"]) for found in _openings(content))
    strangers: list[str] = []
    title, turns, first = "", list[tuple[Speaker, str]](), 0
    for number, line in enumerate(content.splitlines(), 1):
        if _PARTED.fullmatch(line):
            if turns:
                yield _joined(title, turns)
            heading = _TITLE.fullmatch(line)
            title, turns, strangers = heading["title"] if heading else "", [], []
            continue
        found = _SAID.fullmatch(line)
        speaker = _pasted_speaker(found["who"], known, strangers) if found else None
        if found and speaker:
            turns.append((speaker, found["text"]))
            first = first or number
        elif turns:
            turns[-1] = (turns[-1][0], f"{turns[-1][1]}\n{line}")
        elif line.strip():
            raise _odd(number, 'nobody is named; expected who says it, like "Customer: how much is it?"')
    if turns:
        yield _joined(title, turns)


def _openings(content: str) -> Iterator[re.Match[str]]:
    for line in content.splitlines():
        found = _SAID.fullmatch(line)
        if found:
            yield found


def _pasted_speaker(who: str, known: bool, strangers: list[str]) -> Speaker | None:
    """Who says a line. Where nobody is called customer or agent, whoever speaks first is the customer."""
    if known:
        return _speaker_or_none(who)
    name = who.strip().casefold()
    if name not in strangers:
        strangers.append(name)
    return "customer" if strangers.index(name) == 0 else "agent"


def _joined(title: str, turns: Sequence[tuple[Speaker, str]]) -> Transcript:
    said = (_said(speaker, text) for speaker, text in turns)
    return Transcript(title, tuple(one for one in said if one))


def _speaker(who: str, line: int) -> Speaker:
    found = _speaker_or_none(who)
    if found is None:
        raise _odd(line, f'"{who.strip()}" said it; expected customer, agent or bot')
    return found


def _speaker_or_none(who: str) -> Speaker | None:
    words = set(re.findall(r"[^\W\d_]+", who.casefold()))
    if words & _CUSTOMER:
        return "customer"
    if words & _BOT:
        return "bot"
    return "agent" if words & _AGENT else None


def _said(speaker: Speaker, text: str) -> Said | None:
    words = _SPACE.sub(" ", "".join(c for c in text if c.isprintable() or c.isspace())).strip()
    return Said(speaker, words) if words else None


def _text(value: Mapping[str, Any], keys: Sequence[str]) -> str:
    """The first of these that is text or a number."""
    found = next((value[key] for key in keys if isinstance(value.get(key), str | int)), "")
    return str(found).strip()


def _odd(line: int, message: str) -> ProjectError:
    return ProjectError(f"line {line}: {message}", field="content", line=line)


_READERS: Mapping[str, Callable[[str], Iterator[Transcript]]] = {
    "jsonl": _jsonl,
    "csv": _csv,
    "story": _story,
    "text": _pasted,
}
