"""The operators' API: the topics that the bot knows, and their facts, as the shop's files have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from sanic import Blueprint, Request

from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.workspace.search import words_of
from steward.errors import ConversationError
from steward.project import Fact, FactSheet, Topic
from steward.project.facts import kind_of
from steward.project.operations import AnswerButton

topics_api = Blueprint("topics", url_prefix="/api/v1/desk")

Kind = Literal["built_in", "own", "control"]
FactKind = Literal["aspects", "cells", "none"]

_MOST_WORDS = 8


class TopicSummary(msgspec.Struct):
    """A topic. The shop made `own` ones itself; `control` ones steer the talk and are on no button."""

    name: str
    title: str
    kind: Kind
    examples: int
    product_needed: bool


class TopicList(msgspec.Struct):
    """Every topic, in the order of the domain file."""

    topics: list[TopicSummary]


class WholeTopic(msgspec.Struct):
    """A topic with its examples and what the bot says; an `answer` of null is worked out by code.

    `answers` are the own topic's facts, by sku; what `facts` there are on another is asked for by themselves.
    """

    name: str
    title: str
    kind: Kind
    product_needed: bool
    examples: list[str]
    answer: str | None
    answers: dict[str, str]
    buttons: list[AnswerButton]
    facts: FactKind


class OneTopic(msgspec.Struct):
    """A topic."""

    topic: WholeTopic


class FactFilter(msgspec.Struct):
    """Which products. Each word of `q` must begin one of the product's name or of one fact's."""

    q: Annotated[str, msgspec.Meta(max_length=200)] = ""
    after: Annotated[str, msgspec.Meta(max_length=200)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 40


class OneFact(msgspec.Struct):
    """A fact as customers are told it, and the words by which a question is known to ask for it."""

    aspect: str
    title: str
    keywords: list[str]
    text: str


class ProductFacts(msgspec.Struct):
    """What is true of a product; of the shop where sku and name are empty."""

    sku: str
    name: str
    facts: list[OneFact]


class TopicFacts(msgspec.Struct):
    """A topic's facts, product by product; `total` products fit, `next` continues as `after`.

    Of the kind `aspects` some may come and go; `cells` of a table are always there, `aspect` is the column.
    Of the kind `none` there is nothing that `set_fact` could change.
    """

    kind: FactKind
    path: str
    products: list[ProductFacts]
    total: shapes.Whole
    next: str | None


@operation(
    topics_api, "GET", "/improve/topics", who=Who.AGENT, permission=Permission.IMPROVE, gives=TopicList
)
async def topics(request: Request) -> dict[str, Any]:
    """The topics that the bot knows."""
    found = await desk_of(request).changes.topics()
    return {"topics": [_summary(one) for one in found]}


@operation(
    topics_api,
    "GET",
    "/improve/topics/{name}",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    gives=OneTopic,
)
async def topic(request: Request, name: str) -> dict[str, Any]:
    """One topic with its examples and its answer."""
    found = next((one for one in await desk_of(request).changes.topics() if one.name == name), None)
    if found is None:
        raise ConversationError("not_found", "There is no topic of this name.", status=404)
    whole = _summary(found) | {
        "examples": list(found.examples),
        "answer": found.answer,
        "answers": found.answers,
        "buttons": [msgspec.to_builtins(button) for button in found.buttons],
        "facts": kind_of(found.name) or "none",
    }
    return {"topic": whole}


@operation(
    topics_api,
    "GET",
    "/improve/topics/{name}/facts",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    query=FactFilter,
    gives=TopicFacts,
)
async def topic_facts(request: Request, name: str, query: FactFilter) -> dict[str, Any]:
    """What the bot knows about each product on a topic that it came with."""
    sheet = await desk_of(request).changes.facts(name)
    if sheet is None:
        return {"kind": "none", "path": "", "products": [], "total": 0, "next": None}
    words = tuple(dict.fromkeys(words_of(query.q)))[:_MOST_WORDS]
    found = [product for product in _products(sheet, words) if product["facts"] or not words]
    skus = [product["sku"] for product in found]
    begin = skus.index(query.after) + 1 if query.after and query.after in skus else 0
    shown = found[begin : begin + query.limit]
    following = shown[-1]["sku"] if begin + len(shown) < len(found) else None
    return {
        "kind": sheet.kind,
        "path": sheet.path,
        "products": shown,
        "total": len(found),
        "next": following,
    }


def _products(sheet: FactSheet, words: Sequence[str]) -> list[dict[str, Any]]:
    """The products with their facts; where words are looked for, with those facts alone that have them."""
    found = []
    for sku, name in sheet.products:
        facts = [one for one in sheet.facts[sku] if _has(words, f"{sku} {name}", one)]
        found.append({"sku": sku, "name": name, "facts": [_fact(one) for one in facts]})
    return found


def _has(words: Sequence[str], product: str, fact: Fact) -> bool:
    if not words:
        return True
    written = words_of(" ".join([product, fact.title, *fact.keywords, fact.text]))
    return all(any(one.startswith(word) for one in written) for word in words)


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "aspect": fact.aspect,
        "title": fact.title,
        "keywords": list(fact.keywords),
        "text": fact.text,
    }


def _summary(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "title": topic.title,
        "kind": topic.kind,
        "examples": len(topic.examples),
        "product_needed": topic.product_needed,
    }
