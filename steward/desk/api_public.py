"""The customer's API: conversations, messages with long polling, the customer's own controls."""

from __future__ import annotations

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, empty

from steward.desk import shapes
from steward.desk.conversation import Cancelled, Ended, Event, HandoffAsked
from steward.desk.http import address_of, answer, bearer, desk_of, query
from steward.desk.service import now
from steward.desk.store import Origin

LONGEST_WAIT = 30.0

public = Blueprint("public", url_prefix="/api/v1")


@public.get("/widget")
async def widget(request: Request) -> HTTPResponse:
    """The widget's words and its first suggestions."""
    words = desk_of(request).words
    labels = words.starting("utter_widget_")
    buttons = words.buttons("utter_widget_greeting")
    starters = [
        {"title": button["title"]}
        | ({"payload": button["payload"]} if button.get("payload") else {"text": button["title"]})
        for button in buttons
    ]
    return answer({"shop": {"name": labels.get("shop", "")}, "words": labels, "starters": starters})


@public.post("/conversations")
async def begin(request: Request) -> HTTPResponse:
    """A new conversation."""
    body = shapes.decode(request.body, shapes.NewConversation)
    origin = Origin(
        shapes.words(body.locale, "locale", 40) if body.locale else None,
        shapes.words(body.page, "page", 2000) if body.page else None,
        body.identity,
    )
    conversation, token = await desk_of(request).begin(origin, address_of(request))
    shape = {
        "id": conversation.id,
        "token": token,
        "state": conversation.state.value,
        "epoch": conversation.epoch,
        "seq": conversation.seq,
    }
    return answer(shape, 201)


@public.post("/conversations/<conversation_id:str>/messages")
async def send(request: Request, conversation_id: str) -> HTTPResponse:
    """Store a message; the answer comes when it is stored, not when it is answered."""
    desk = desk_of(request)
    await desk.authorise(conversation_id, bearer(request))
    body = shapes.decode(request.body, shapes.NewMessage)
    key = shapes.idempotency_key(request.headers.get("idempotency-key"))
    return answer({"seq": await desk.customer_wrote(conversation_id, body, key)}, 202)


@public.get("/conversations/<conversation_id:str>/messages")
async def read(request: Request, conversation_id: str) -> HTTPResponse:
    """The messages after a seq, at once or as soon as there is an answer."""
    desk = desk_of(request)
    await desk.authorise(conversation_id, bearer(request))
    after = shapes.whole(query(request, "after"), "after")
    wait = shapes.seconds(query(request, "wait"), "wait", LONGEST_WAIT)
    conversation, messages = await desk.news(conversation_id, after, wait)
    return answer(await desk.view(conversation, messages))


@public.post("/conversations/<conversation_id:str>/handoff")
async def handoff(request: Request, conversation_id: str) -> HTTPResponse:
    """The customer wants a person."""
    reopen_for = int(desk_of(request).settings.reopen_hours * 3_600_000)
    return await _control(request, conversation_id, HandoffAsked(now(), reopen_for))


@public.post("/conversations/<conversation_id:str>/cancel")
async def cancel(request: Request, conversation_id: str) -> HTTPResponse:
    """The customer goes on with the bot."""
    return await _control(request, conversation_id, Cancelled(now()))


@public.post("/conversations/<conversation_id:str>/end")
async def end(request: Request, conversation_id: str) -> HTTPResponse:
    """The customer is done."""
    return await _control(request, conversation_id, Ended(now()))


@public.post("/conversations/<conversation_id:str>/feedback")
async def feedback(request: Request, conversation_id: str) -> HTTPResponse:
    """A thumb up or down for one message."""
    desk = desk_of(request)
    await desk.authorise(conversation_id, bearer(request))
    rating = shapes.decode(request.body, shapes.Rating)
    await desk.rate(conversation_id, rating)
    return answer({"seq": rating.seq, "value": rating.value})


@public.post("/conversations/<conversation_id:str>/export")
async def export(request: Request, conversation_id: str) -> HTTPResponse:
    """Everything that is stored about the customer."""
    desk = desk_of(request)
    await desk.authorise(conversation_id, bearer(request))
    headers = {"Content-Disposition": 'attachment; filename="conversation.json"'}
    return answer(await desk.export(conversation_id), headers=headers)


@public.delete("/conversations/<conversation_id:str>")
async def erase(request: Request, conversation_id: str) -> HTTPResponse:
    """Delete it all."""
    desk = desk_of(request)
    await desk.authorise(conversation_id, bearer(request))
    await desk.erase(conversation_id)
    return empty()


async def _control(request: Request, conversation_id: str, event: Event) -> HTTPResponse:
    desk = desk_of(request)
    await desk.authorise(conversation_id, bearer(request))
    committed = await desk.commit(conversation_id, event)
    view = await desk.view(committed.outcome.after, committed.messages)
    return answer(view)
