"""The agents' API: the conversations that they read and answer."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from sanic import Blueprint, Request

from steward.clock import now
from steward.desk import shapes
from steward.desk.accounts.permissions import Permission, may
from steward.desk.api.entry import admit, agent_of
from steward.desk.api.http import desk_of, expect_socket
from steward.desk.api.inbox import Mark
from steward.desk.api.notes import Note
from steward.desk.api.operations import Who, operation
from steward.desk.commits import Typing
from steward.desk.conversation import AgentWrote, State
from steward.desk.workspace.packet import Packet
from steward.errors import ConversationError

_BASE = "/api/v1/desk"
_KEYED = {"Idempotency-Key": "Of one message; sent again with the same key, it is stored once."}

desk_api = Blueprint("desk", url_prefix=_BASE)


class Which(msgspec.Struct):
    """Which list: who waits, the agent's own, everything that is open, what was resolved lately."""

    view: Literal["queue", "mine", "open", "resolved"] = "queue"


class Counts(msgspec.Struct):
    """How many wait, and how many the agent has."""

    queue: shapes.Whole
    mine: shapes.Whole


class Cards(msgspec.Struct):
    """One list."""

    conversations: list[shapes.Card]
    counts: Counts


class Context(msgspec.Struct):
    """What is known about a conversation beside what was said in it."""

    handoff: shapes.Reasons | None
    page: str | None
    locale: str | None
    created_at: shapes.Moment
    packet: Packet


class Viewer(msgspec.Struct):
    """Somebody who has the conversation open now."""

    id: str
    name: str
    typing: bool


class Opened(msgspec.Struct):
    """A conversation as an agent reads it; the customer has read up to `read_seq`.

    `marks` are the messages that the bot should have known an answer to.
    """

    conversation: shapes.Card
    messages: list[shapes.Message]
    context: Context
    notes: list[Note]
    viewers: list[Viewer]
    marks: list[Mark]
    read_seq: shapes.Seq


@desk_api.on_request
async def guard(request: Request) -> None:
    """The socket opens to who is signed in, from the desk's own page only."""
    if request.path != _BASE + "/socket":
        return
    expect_socket(request)
    if not _same_site(request):
        raise ConversationError("forbidden", "The socket opens from the desk's own page only.", status=403)
    request.ctx.agent = await admit(request, None, None)
    if not any(may(agent_of(request).role, one) for one in (Permission.ANSWER, Permission.IMPROVE)):
        raise ConversationError("forbidden", "Your role does not allow this.", status=403)


@operation(
    desk_api,
    "GET",
    "/conversations",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:read",
    query=Which,
    gives=Cards,
)
async def listed(request: Request, query: Which) -> dict[str, Any]:
    """The cards of one view."""
    return await desk_of(request).views.listed(query.view, agent_of(request))


@operation(
    desk_api,
    "GET",
    "/conversations/{conversation_id}",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:read",
    query=shapes.After,
    gives=Opened,
)
async def opened(request: Request, conversation_id: str, query: shapes.After) -> dict[str, Any]:
    """One conversation with its transcript and what is known about it."""
    return await desk_of(request).views.opened(conversation_id, query.after, agent_of(request))


@operation(
    desk_api,
    "POST",
    "/conversations/{conversation_id}/messages",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:write",
    body=shapes.AgentMessage,
    gives=shapes.Stored,
    status=201,
    headers=_KEYED,
)
async def send(request: Request, conversation_id: str, body: shapes.AgentMessage) -> dict[str, int]:
    """Answer the customer."""
    text = shapes.words(body.text or "", "text") if body.text or not body.files else ""
    key = shapes.idempotency_key(request.headers.get("idempotency-key"))
    agent = agent_of(request)
    desk = desk_of(request)
    attached = await desk.files.chosen(conversation_id, agent.id, body.files)
    event = AgentWrote(now(), agent.id, agent.name, text, attached)
    return {"seq": await desk.write(conversation_id, event, key)}


@operation(
    desk_api,
    "POST",
    "/conversations/{conversation_id}/typing",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:write",
    status=204,
)
async def typing(request: Request, conversation_id: str) -> None:
    """Show the customer that the agent is writing; only the owner is shown."""
    desk = desk_of(request)
    conversation = await desk.store.conversations.get(conversation_id)
    if conversation.state is not State.AGENT or conversation.agent_id != agent_of(request).id:
        raise ConversationError("not_owner", "The conversation is not yours; take it over first.")
    desk.bus.publish(conversation_id, Typing("agent"))


def _same_site(request: Request) -> bool:
    origin = urlsplit(request.headers.get("origin") or "")
    return bool(origin.netloc) and origin.netloc == request.host
