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
from steward.desk.improve.changes import refused
from steward.desk.improve.trial import fare
from steward.errors import ConversationError, ProjectError
from steward.project.transcripts import Format, Speaker, read_transcripts

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
    return {"transcripts": [{"title": one.title, "turns": _lines(one.turns)} for one in found]}


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


def _lines(turns: Any) -> list[dict[str, Any]]:
    return [{"from": said.speaker, "text": said.text} for said in turns]


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
