"""Regression conversations: what customers said and what the bot must make of it, a row a turn.

The files are `data/conversations/*.csv`. A conversation's rows stand together under its name. An empty
expectation leaves it open what the bot does; `skus` are separated by "|".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from steward.errors import ProjectError
from steward.project.tables import Record, Table

FOLDER = "data/conversations"
ADDED = f"{FOLDER}/added.csv"
"""The file for what is added at the desk."""

COLUMNS = ("conversation", "text", "topic", "skus", "act", "source")
ACTS = (
    "answer",
    "ask_which_product",
    "clarify",
    "offer_human",
    "handoff",
    "safety",
    "smalltalk",
)
"""What the bot can do with a message."""

_MUST = "must"


@dataclass(frozen=True)
class Turn:
    """One message of a customer and what is expected of the bot: nothing, where a part is empty."""

    text: str
    topic: str | None = None
    skus: tuple[str, ...] = ()
    act: str | None = None


@dataclass(frozen=True)
class Conversation:
    """A conversation by name. `source` says where it comes from."""

    name: str
    turns: tuple[Turn, ...]
    source: str = ""

    @property
    def must(self) -> bool:
        """Whether the shop has said that no model may ever fail it, by a source of "must" or "must: why"."""
        return self.source.partition(":")[0].strip().casefold() == _MUST


def read_conversations(files: Mapping[str, str]) -> tuple[Conversation, ...]:
    """The conversations of these files, by path; raises ProjectError naming file and line."""
    found: list[Conversation] = []
    known: dict[str, str] = {}
    for path, text in files.items():
        for name, rows in _grouped(path, Table(path, text, COLUMNS).rows):
            if name in known:
                message = f'"{name}" stands in {known[name]} already; expected its rows in one place'
                raise ProjectError(message, file=path, line=rows[0].line)
            known[name] = f"{path}:{rows[0].line}"
            turns = tuple(_turn(path, row) for row in rows)
            sources = [row["source"] for row in rows if row["source"]]
            found.append(Conversation(name, turns, sources[0] if sources else ""))
    return tuple(found)


def rows_of(conversation: Conversation) -> list[dict[str, str]]:
    """A conversation as the rows of a file."""
    return [
        {
            "conversation": conversation.name,
            "text": turn.text,
            "topic": turn.topic or "",
            "skus": "|".join(turn.skus),
            "act": turn.act or "",
            "source": conversation.source,
        }
        for turn in conversation.turns
    ]


def _grouped(path: str, rows: Iterable[Record]) -> list[tuple[str, list[Record]]]:
    groups: list[tuple[str, list[Record]]] = []
    for row in rows:
        if not row["conversation"]:
            raise ProjectError("no name; expected one in `conversation`", file=path, line=row.line)
        if groups and groups[-1][0] == row["conversation"]:
            groups[-1][1].append(row)
        else:
            groups.append((row["conversation"], [row]))
    return groups


def _turn(path: str, row: Record) -> Turn:
    if not row["text"]:
        raise ProjectError("no text; expected what the customer says", file=path, line=row.line)
    if row["act"] and row["act"] not in ACTS:
        message = f'unknown act "{row["act"]}"; expected one of {", ".join(ACTS)}, or nothing'
        raise ProjectError(message, file=path, line=row.line)
    skus = tuple(part.strip() for part in row["skus"].split("|") if part.strip())
    return Turn(row["text"], row["topic"] or None, skus, row["act"] or None)
