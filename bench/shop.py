"""How often the bot is right about the shop's own customers: topic and product, and what it does when unsure.

    python bench/shop.py MESSAGES.csv [--model FILE] [--wrong]

MESSAGES.csv has the columns `text,intent,skus,note`; `skus` are separated by "|" and are all candidates
where the note is `ask`. Each message opens a conversation of its own: parsed by the trained model, answered
by the actions.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.agent import load_agent
from rasa_sdk import Tracker

from actions.base import action_for
from actions.context import in_context
from actions.reply import Reply
from actions.turn import read_turn
from steward.settings import load_settings
from steward.training.models import fitting


@dataclass(frozen=True)
class Row:
    """A message with what a person says it means."""

    text: str
    intent: str
    skus: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Verdict:
    """What became of a message: `right`, `asked` (not sure, and said so), `wrong`, or `missed` (safety)."""

    row: Row
    reply: Reply
    intent: str
    confidence: float
    outcome: str
    answered_wrongly: bool


def read_rows(path: Path) -> list[Row]:
    """The messages of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Row(r["text"], r["intent"], tuple(filter(None, r["skus"].split("|"))), r.get("note") or "")
            for r in csv.DictReader(file)
        ]


async def judge(rows: list[Row], model: Path) -> list[Verdict]:
    """Parse and answer every message, and compare with what it means."""
    agent = await load_agent(model_path=str(model))
    verdicts = []
    for row in rows:
        message = await agent.parse_message(row.text)
        verdicts.append(_verdict(row, message))
    return verdicts


def _verdict(row: Row, message: dict[str, Any]) -> Verdict:
    events = [{"event": "user", "text": row.text}]
    tracker = Tracker("bench", {}, message, events, False, None, {}, "action_listen")
    turn = in_context(read_turn(tracker))
    topic = "clarify" if turn.intent == "nlu_fallback" else turn.intent
    reply = action_for(topic).outcome(turn).replies[0]
    outcome = _outcome(row, reply, topic)
    wrongly = reply.act == "answer" and outcome == "wrong"
    return Verdict(row, reply, turn.intent, turn.confidence, outcome, wrongly)


def _outcome(row: Row, reply: Reply, topic: str) -> str:
    if row.intent == "safety":
        return "right" if reply.act == "safety" else "missed"
    if row.intent == "out_of_scope":
        return "right" if topic == "out_of_scope" else "asked" if topic == "clarify" else "wrong"
    if topic in ("clarify", "out_of_scope"):
        return "asked"
    topic_right = topic == row.intent
    if not row.skus or (not reply.skus and reply.act != "answer"):
        return "right" if topic_right else "wrong"
    return "right" if topic_right and set(reply.skus) == set(row.skus) else "wrong"


def report(verdicts: list[Verdict]) -> dict[str, float]:
    """The figures: shares of the messages of each kind, from 0 to 1."""

    def share(kind: list[Verdict], what: str) -> float:
        return sum(v.outcome == what for v in kind) / max(1, len(kind))

    safety = [v for v in verdicts if v.row.intent == "safety"]
    foreign = [v for v in verdicts if v.row.intent == "out_of_scope"]
    scope = [v for v in verdicts if v not in safety and v not in foreign]
    return {
        "in_scope_right": share(scope, "right"),
        "in_scope_asked": share(scope, "asked"),
        "in_scope_wrong": share(scope, "wrong"),
        "in_scope_answered_wrongly": sum(v.answered_wrongly for v in scope) / max(1, len(scope)),
        "out_of_scope_right": share(foreign, "right"),
        "out_of_scope_answered_wrongly": sum(v.reply.act == "answer" for v in foreign) / max(1, len(foreign)),
        "safety_missed": share(safety, "missed"),
    }


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("messages", type=Path)
    parser.add_argument(
        "--model", type=Path, help="a trained model; by default the one `steward run` would serve"
    )
    parser.add_argument("--wrong", action="store_true", help="list every message that was not right")
    options = parser.parse_args()
    model = options.model or fitting(load_settings())
    if model is None:
        parser.error("no model fits the data: run `steward train` first, or name one with --model")
    verdicts = asyncio.run(judge(read_rows(options.messages), model))
    if options.wrong:
        for v in verdicts:
            if v.outcome != "right":
                meant, got = f"{v.row.intent} {list(v.row.skus)}", f"{v.intent} {list(v.reply.skus)}"
                print(f"{v.outcome:7}{v.confidence:5.2f}  {meant} -> {got}: {v.row.text}")
    print(Counter(v.outcome for v in verdicts).most_common())
    print(json.dumps({name: round(value, 3) for name, value in report(verdicts).items()}, indent=2))


if __name__ == "__main__":
    main()
