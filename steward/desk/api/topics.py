"""The operators' API: the topics that the bot knows, as the shop's files have them."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from sanic import Blueprint, Request

from steward.desk.accounts.permissions import Permission
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.errors import ConversationError
from steward.project import Topic
from steward.project.operations import AnswerButton

topics_api = Blueprint("topics", url_prefix="/api/v1/desk")

Kind = Literal["built_in", "own", "control"]


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

    `answers` are the own topic's facts, by sku.
    """

    name: str
    title: str
    kind: Kind
    product_needed: bool
    examples: list[str]
    answer: str | None
    answers: dict[str, str]
    buttons: list[AnswerButton]


class OneTopic(msgspec.Struct):
    """A topic."""

    topic: WholeTopic


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
    }
    return {"topic": whole}


def _summary(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "title": topic.title,
        "kind": topic.kind,
        "examples": len(topic.examples),
        "product_needed": topic.product_needed,
    }
