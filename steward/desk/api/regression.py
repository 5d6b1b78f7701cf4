"""The operators' API: the conversations that every new model is tried on."""

from __future__ import annotations

from typing import Any

import msgspec
from sanic import Blueprint, Request

from steward.desk.accounts.permissions import Permission
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation

regression_api = Blueprint("regression", url_prefix="/api/v1/desk")


class ExpectedOfBot(msgspec.Struct):
    """A customer's message and what is expected of the bot; null, or no sku, leaves it open."""

    text: str
    topic: str | None
    skus: list[str]
    act: str | None


class RegressionConversation(msgspec.Struct):
    """A conversation that models are tried on, and where it comes from."""

    name: str
    source: str
    turns: list[ExpectedOfBot]


class RegressionConversations(msgspec.Struct):
    """All of them, file by file."""

    conversations: list[RegressionConversation]


@operation(
    regression_api,
    "GET",
    "/improve/conversations",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    gives=RegressionConversations,
)
async def regression_conversations(request: Request) -> dict[str, Any]:
    """The conversations that every new model is tried on."""
    return {"conversations": await desk_of(request).changes.conversations()}
