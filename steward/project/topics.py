"""The shop's topics as the operators see them: what each is called, from what it is known, what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from steward.catalogue import BUILT_IN_TOPICS, GUIDE_TOPICS
from steward.project import domain, examples
from steward.project.draft import Draft
from steward.project.operations import AnswerButton
from steward.project.tables import Record, Table

CATALOGUE = "data/catalogue"
TOPICS = f"{CATALOGUE}/topics.csv"
FACTS = f"{CATALOGUE}/topic_facts.csv"
PRODUCTS = f"{CATALOGUE}/products.csv"
TOPIC_COLUMNS = ("topic", "title", "product_needed")
FACT_COLUMNS = ("topic", "sku", "answer")

UNSURE = "nlu_fallback"
_ABOUT_A_PRODUCT = frozenset((*GUIDE_TOPICS, "product", "price", "availability", "comparison"))

Kind = Literal["built_in", "own", "control"]


@dataclass(frozen=True)
class Topic:
    """A topic. `own` ones the shop made itself; `control` ones steer the talk and are on no button.

    `answer` is what the bot says, as written; `answers` are the own topic's facts by sku.
    """

    name: str
    title: str
    kind: Kind
    product_needed: bool
    examples: tuple[str, ...]
    answer: str | None
    answers: dict[str, str]
    buttons: tuple[AnswerButton, ...]


def topics(draft: Draft) -> Iterator[Topic]:
    """Every topic, in the order of the domain."""
    known = examples.examples_of(draft)
    own = {row["topic"]: row for row in own_rows(draft)}
    facts = facts_of(draft)
    for name in domain.intents(draft):
        if name != UNSURE:
            yield _topic(draft, name, own.get(name), tuple(known.get(name, ())), facts.get(name, {}))


def is_own(draft: Draft, name: str) -> bool:
    """Whether the shop made the topic itself."""
    return any(row["topic"] == name for row in own_rows(draft))


def own_rows(draft: Draft) -> list[Record]:
    """The rows of the own topics."""
    return Table(TOPICS, draft.text(TOPICS), TOPIC_COLUMNS).rows if draft.exists(TOPICS) else []


def fact_rows(draft: Draft) -> list[Record]:
    """The rows of the own topics' facts."""
    return Table(FACTS, draft.text(FACTS), FACT_COLUMNS).rows if draft.exists(FACTS) else []


def facts_of(draft: Draft) -> dict[str, dict[str, str]]:
    """The own topics' facts, by topic and sku."""
    found: dict[str, dict[str, str]] = {}
    for row in fact_rows(draft):
        found.setdefault(row["topic"], {})[row["sku"]] = row["answer"]
    return found


def skus(draft: Draft) -> list[str]:
    """The keys of all products."""
    return [row["sku"] for row in Table(PRODUCTS, draft.text(PRODUCTS), ("sku",)).rows]


def _topic(
    draft: Draft, name: str, own: Record | None, texts: tuple[str, ...], facts: dict[str, str]
) -> Topic:
    said = domain.response(draft, f"utter_{name}")
    title = domain.response(draft, f"utter_title_{name}")
    if own is not None:
        kind: Kind = "own"
    elif title is not None or name not in BUILT_IN_TOPICS:
        kind = "built_in"
    else:
        kind = "control"
    return Topic(
        name=name,
        title=own["title"] if own else title.text if title else name.replace("_", " ").capitalize(),
        kind=kind,
        product_needed=own["product_needed"] == "yes" if own else name in _ABOUT_A_PRODUCT,
        examples=texts,
        answer=said.text if said else None,
        answers=facts,
        buttons=said.buttons if said else (),
    )
