"""The operators' API: conversations from elsewhere, read, and said to the bot that serves now."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from sanic import Blueprint, Request

from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.api.search import Piece
from steward.desk.improve.changes import refused
from steward.desk.improve.past import Told
from steward.desk.improve.trial import fare
from steward.errors import ConversationError, ProjectError
from steward.project.transcripts import Format, Speaker, read_transcripts
from steward.project.transcripts import Transcript as ReadTranscript

LARGEST = 4 * 1024 * 1024
_REFUSED = 4 * LARGEST
_READ_SECONDS = 60.0

transcripts_api = Blueprint("transcripts", url_prefix="/api/v1/desk")


class Import(msgspec.Struct):
    """Conversations as text. Without a format it is guessed."""

    content: str
    format: Format | None = None


class SaidLine(msgspec.Struct, rename={"speaker": "from"}):
    """What somebody said."""

    speaker: Speaker
    text: str


class Transcript(msgspec.Struct):
    """A conversation; its title is its own, or what the customer said first."""

    title: str
    turns: list[SaidLine]


class TranscriptList(msgspec.Struct):
    """The conversations that were read."""

    transcripts: list[Transcript]


class PastFilter(msgspec.Struct):
    """What is looked for: words of one message, a conversation's id or address, or a visitor's number."""

    q: Annotated[str, msgspec.Meta(max_length=200)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20


class PastConversation(msgspec.Struct):
    """A conversation at the desk, without personal data; `messages` are the customer's.

    `piece` is where the words stand that were looked for.
    """

    id: str
    title: str
    at: shapes.Moment
    state: shapes.StateName
    reason: str | None
    messages: shapes.Whole
    piece: Piece | None


class PastConversations(msgspec.Struct):
    """Conversations, the newest first."""

    conversations: list[PastConversation]


class PastTranscript(msgspec.Struct):
    """A conversation at the desk and what was said in it."""

    conversation: PastConversation
    transcript: Transcript


class Trial(msgspec.Struct):
    """What a customer says, message by message."""

    turns: Annotated[list[shapes.Text], msgspec.Meta(min_length=1, max_length=60)]


class Tried(msgspec.Struct):
    """A message and what the bot made of it; several questions have several topics, the first is `topic`."""

    text: str
    topic: str | None
    topics: list[str]
    skus: list[str]
    act: str | None
    acts: list[str]
    confidence: float | None
    reply: str


class TriedTurns(msgspec.Struct):
    """The messages in their order."""

    turns: list[Tried]


@operation(
    transcripts_api,
    "POST",
    "/improve/transcripts",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    consumes=("application/json",),
    gives=TranscriptList,
    also={422: shapes.Error},
)
async def import_transcripts(request: Request) -> dict[str, Any]:
    """Read conversations from JSON lines, CSV, Rasa's stories or pasted text.

    The body is `{content, format}`, of 4 MiB at most; the format is `jsonl`, `csv`, `story`, `text`, or null
    to have it guessed. What cannot be read is refused with 422, naming the line. Nothing is kept.
    """
    body = shapes.decode(await _body(request), Import)
    try:
        found = await asyncio.to_thread(read_transcripts, body.content, body.format or "auto")
    except ProjectError as error:
        raise refused(error) from None
    return {"transcripts": [_transcript(one) for one in found]}


@operation(
    transcripts_api,
    "GET",
    "/improve/transcripts/conversations",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    query=PastFilter,
    gives=PastConversations,
)
async def past_conversations(request: Request, query: PastFilter) -> dict[str, Any]:
    """Find conversations at the desk to make tests of, by what was said; the newest without a question.

    Personal data is neither shown nor found by.
    """
    found = await desk_of(request).improve.past.found(query.q, query.limit)
    return {"conversations": [_past(one) for one in found]}


@operation(
    transcripts_api,
    "GET",
    "/improve/transcripts/conversations/{conversation_id}",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    gives=PastTranscript,
)
async def past_transcript(request: Request, conversation_id: str) -> dict[str, Any]:
    """What was said in a conversation at the desk, without personal data, files and the desk's own lines."""
    told = await desk_of(request).improve.past.one(conversation_id)
    return {"conversation": _past(told), "transcript": _transcript(told.transcript)}


@operation(
    transcripts_api,
    "POST",
    "/improve/transcripts/try",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    body=Trial,
    gives=TriedTurns,
    also={503: shapes.Error},
)
async def try_turns(request: Request, body: Trial) -> dict[str, Any]:
    """Say the messages to the bot that serves now, as a customer nobody hears of."""
    return {"turns": await fare(desk_of(request).bot, body.turns)}


def _transcript(read: ReadTranscript) -> dict[str, Any]:
    turns = [{"from": said.speaker, "text": said.text} for said in read.turns]
    return {"title": read.title, "turns": turns}


def _past(told: Told) -> dict[str, Any]:
    found, piece = told.conversation, told.piece
    return {
        "id": found.id,
        "title": told.transcript.title,
        "at": shapes.time_text(found.updated_at),
        "state": found.state.value,
        "reason": found.reason,
        "messages": told.messages,
        "piece": {"text": piece.text, "marks": [list(mark) for mark in piece.marks]} if piece else None,
    }


async def _body(request: Request) -> bytes:
    """The whole body; what is larger is read to its end, within reason, so that the refusal is heard."""
    try:
        return await asyncio.wait_for(_read(request), _READ_SECONDS)
    except asyncio.TimeoutError:
        raise ConversationError("timeout", "The text took too long to arrive.", status=408) from None


async def _read(request: Request) -> bytes:
    content, size = bytearray(), 0
    while size <= _REFUSED and (chunk := await request.stream.read()) is not None:
        size += len(chunk)
        if size <= LARGEST:
            content += chunk
    if size > LARGEST:
        raise ConversationError("too_large", "The text is too large; 4 MiB are allowed.", status=413)
    return bytes(content)
