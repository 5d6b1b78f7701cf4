"""The customer's API: conversations, messages with long polling, the customer's own controls."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from steward.clock import now
from steward.desk import shapes
from steward.desk.api.http import address_of, answer, desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.conversation import Cancelled, Ended, Event, HandoffAsked
from steward.desk.store import Origin

LONGEST_WAIT = 30.0
_KEYED = {"Idempotency-Key": "Of one message; sent again with the same key, it is stored once."}

public = Blueprint("public", url_prefix="/api/v1")


@operation(public, "GET", "/widget", who=Who.ANYONE, gives=shapes.Widget)
async def widget(request: Request) -> dict[str, Any]:
    """The widget's words and its first suggestions."""
    words = desk_of(request).words
    labels = words.starting("utter_widget_")
    buttons = words.buttons("utter_widget_greeting")
    starters = [
        {"title": button["title"]}
        | ({"payload": button["payload"]} if button.get("payload") else {"text": button["title"]})
        for button in buttons
    ]
    return {"shop": {"name": labels.get("shop", "")}, "words": labels, "starters": starters}


@operation(
    public,
    "POST",
    "/conversations",
    who=Who.ANYONE,
    body=shapes.NewConversation,
    gives=shapes.Begun,
    status=201,
)
async def begin(request: Request, body: shapes.NewConversation) -> dict[str, Any]:
    """A new conversation."""
    origin = Origin(
        shapes.words(body.locale, "locale", 40) if body.locale else None,
        shapes.words(body.page, "page", 2000) if body.page else None,
        body.identity,
    )
    conversation, token = await desk_of(request).customers.begin(origin, address_of(request), body.previous)
    return {
        "id": conversation.id,
        "token": token,
        "state": conversation.state.value,
        "epoch": conversation.epoch,
        "seq": conversation.seq,
        "previous_id": conversation.previous_id,
    }


@operation(
    public,
    "POST",
    "/conversations/{conversation_id}/messages",
    who=Who.CUSTOMER,
    body=shapes.NewMessage,
    gives=shapes.Stored,
    status=202,
    headers=_KEYED,
)
async def send(request: Request, conversation_id: str, body: shapes.NewMessage) -> dict[str, int]:
    """Store a message; the answer comes when it is stored, not when it is answered."""
    key = shapes.idempotency_key(request.headers.get("idempotency-key"))
    return {"seq": await desk_of(request).customers.write(conversation_id, body, key)}


@operation(
    public,
    "GET",
    "/conversations/{conversation_id}/messages",
    who=Who.CUSTOMER,
    query=shapes.News,
    gives=shapes.View,
)
async def read(request: Request, conversation_id: str, query: shapes.News) -> dict[str, Any]:
    """The messages after a seq, at once or as soon as there is an answer."""
    desk = desk_of(request)
    wait = min(query.wait, LONGEST_WAIT)
    conversation, messages = await desk.customers.news(conversation_id, query.after, wait, query.read)
    return await desk.customers.view(conversation, messages)


@operation(public, "POST", "/conversations/{conversation_id}/handoff", who=Who.CUSTOMER, gives=shapes.View)
async def handoff(request: Request, conversation_id: str) -> dict[str, Any]:
    """The customer wants a person."""
    event = HandoffAsked(now(), desk_of(request).settings.reopen_for)
    return await _control(request, conversation_id, event)


@operation(public, "POST", "/conversations/{conversation_id}/cancel", who=Who.CUSTOMER, gives=shapes.View)
async def cancel(request: Request, conversation_id: str) -> dict[str, Any]:
    """The customer goes on with the bot."""
    return await _control(request, conversation_id, Cancelled(now()))


@operation(public, "POST", "/conversations/{conversation_id}/end", who=Who.CUSTOMER, gives=shapes.View)
async def end(request: Request, conversation_id: str) -> dict[str, Any]:
    """The customer is done."""
    return await _control(request, conversation_id, Ended(now()))


@operation(
    public,
    "POST",
    "/conversations/{conversation_id}/feedback",
    who=Who.CUSTOMER,
    body=shapes.Rating,
    gives=shapes.Rating,
)
async def feedback(request: Request, conversation_id: str, body: shapes.Rating) -> shapes.Rating:
    """A thumb up or down for one message."""
    await desk_of(request).customers.rate(conversation_id, body)
    return body


@operation(public, "POST", "/conversations/{conversation_id}/export", who=Who.CUSTOMER, gives=shapes.Export)
async def export(request: Request, conversation_id: str) -> HTTPResponse:
    """Everything that is stored about the customer, as a file."""
    headers = {"Content-Disposition": 'attachment; filename="conversation.json"'}
    return answer(await desk_of(request).personal_data.export(conversation_id), headers=headers)


@operation(public, "DELETE", "/conversations/{conversation_id}", who=Who.CUSTOMER, status=204)
async def erase(request: Request, conversation_id: str) -> None:
    """Delete it all."""
    await desk_of(request).personal_data.erase(conversation_id)


async def _control(request: Request, conversation_id: str, event: Event) -> dict[str, Any]:
    desk = desk_of(request)
    committed = await desk.commit(conversation_id, event)
    return await desk.customers.view(committed.outcome.after, committed.messages)
