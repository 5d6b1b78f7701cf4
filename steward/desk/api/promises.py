"""Promises: what a customer may ask for when nobody can come now, and what the desk has still to keep."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, Request

from steward.clock import now
from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import agent_of
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.conversation import PromiseKept
from steward.desk.queue.promises import Choices, NewPromise, PromiseList

promises = Blueprint("promises", url_prefix="/api/v1")


@operation(promises, "GET", "/conversations/{conversation_id}/promise", who=Who.CUSTOMER, gives=Choices)
async def choices(request: Request, conversation_id: str) -> Choices:
    """The times at which the customer can be promised an answer."""
    return desk_of(request).promises.choices()


@operation(
    promises,
    "POST",
    "/conversations/{conversation_id}/promise",
    who=Who.CUSTOMER,
    body=NewPromise,
    gives=shapes.View,
)
async def promise(request: Request, conversation_id: str, body: NewPromise) -> dict[str, Any]:
    """Leave an e-mail address or a telephone number, and be promised an answer."""
    desk = desk_of(request)
    committed = await desk.promises.make(conversation_id, body)
    return await desk.customers.view(committed.outcome.after, committed.messages)


@operation(
    promises,
    "GET",
    "/desk/promises",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:read",
    gives=PromiseList,
)
async def promised(request: Request) -> PromiseList:
    """What customers were promised and have not had yet, the earliest due first."""
    desk = desk_of(request)
    return await desk.promises.listed(desk.card)


@operation(
    promises,
    "POST",
    "/desk/conversations/{conversation_id}/promise/done",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="handoffs:accept",
    body=shapes.Epoch,
    gives=shapes.OneCard,
)
async def done(request: Request, conversation_id: str, body: shapes.Epoch) -> dict[str, Any]:
    """Say that the customer has been reached some other way; only the conversation's agent can."""
    desk = desk_of(request)
    event = PromiseKept(now(), body.epoch, agent_of(request).id)
    committed = await desk.commit(conversation_id, event)
    return {"conversation": desk.card(committed.outcome.after)}
