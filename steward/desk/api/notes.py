"""The agents' API: notes for one another, and being named in them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from sanic import Blueprint, Request

from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import agent_of
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.workspace.notes import note_shape

notes_api = Blueprint("notes", url_prefix="/api/v1/desk")

Ids = Annotated[list[shapes.Line], msgspec.Meta(max_length=50)]


class NewNote(msgspec.Struct):
    """A note to write; `mentions` are the ids of colleagues to be told."""

    text: shapes.Text
    mentions: Ids = msgspec.field(default_factory=list)


class Note(msgspec.Struct):
    """A note that agents read and the customer never sees."""

    id: str
    conversation_id: str
    at: shapes.Moment
    author: shapes.Person
    text: str
    mentions: list[str]


class OneNote(msgspec.Struct):
    """A note as it is kept."""

    note: Note


class NoteList(msgspec.Struct):
    """The notes on a conversation, oldest first."""

    notes: list[Note]


class Mention(msgspec.Struct):
    """A note that names the agent."""

    note: Note
    conversation: shapes.Card
    read: bool


class Mentions(msgspec.Struct):
    """The newest notes that name the agent, and how many of all are unread."""

    mentions: list[Mention]
    unread: shapes.Whole


class ReadNotes(msgspec.Struct):
    """The notes that were read; without any, all."""

    notes: Ids | None = None


class Unread(msgspec.Struct):
    """How many notes that name the agent are unread."""

    unread: shapes.Whole


@operation(
    notes_api,
    "GET",
    "/conversations/{conversation_id}/notes",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:read",
    gives=NoteList,
)
async def notes(request: Request, conversation_id: str) -> dict[str, Any]:
    """The notes on a conversation."""
    desk = desk_of(request)
    await desk.store.conversations.get(conversation_id)
    return {"notes": await desk.notes.of(conversation_id)}


@operation(
    notes_api,
    "POST",
    "/conversations/{conversation_id}/notes",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:write",
    body=NewNote,
    gives=OneNote,
    status=201,
    headers={"Idempotency-Key": "Of one note; sent again with the same key, it is kept once."},
)
async def write_note(request: Request, conversation_id: str, body: NewNote) -> dict[str, Any]:
    """Write a note for colleagues; those named in it are told."""
    text = shapes.words(body.text, "text")
    key = shapes.idempotency_key(request.headers.get("idempotency-key"))
    book = desk_of(request).notes
    return {
        "note": note_shape(await book.write(conversation_id, agent_of(request), text, body.mentions, key))
    }


@operation(notes_api, "GET", "/mentions", who=Who.AGENT, permission=Permission.ANSWER, gives=Mentions)
async def mentions(request: Request) -> dict[str, Any]:
    """The notes that name me."""
    desk = desk_of(request)
    found, unread = await desk.notes.mentions(agent_of(request))
    shown = [
        {"note": note_shape(one.note), "conversation": desk.card(one.conversation), "read": one.read}
        for one in found
    ]
    return {"mentions": shown, "unread": unread}


@operation(
    notes_api,
    "POST",
    "/mentions/read",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    body=ReadNotes,
    gives=Unread,
)
async def read_mentions(request: Request, body: ReadNotes) -> dict[str, int]:
    """I have read these notes, or all."""
    return {"unread": await desk_of(request).notes.read(agent_of(request), body.notes)}
