"""The agents' API: searching what was said, and telling how far one has read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from sanic import Blueprint, Request

from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import agent_of
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.store import Filter, Match
from steward.desk.workspace.search import snippet, words_of
from steward.errors import ConversationError

_MOST_WORDS = 8

search_api = Blueprint("search", url_prefix="/api/v1/desk")
reading_api = Blueprint("reading", url_prefix="/api/v1")


class Sought(msgspec.Struct):
    """What is looked for, and where. `agent` has or had the conversation; times are those of the messages."""

    q: shapes.Line
    state: shapes.StateName | None = None
    topic: shapes.Line | None = None
    agent: shapes.Line | None = None
    since: shapes.Moment | None = None
    until: shapes.Moment | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=50)] = 20


class Piece(msgspec.Struct):
    """A piece of a message. `marks` are [from, to) pairs in UTF-16 code units, where the words stand."""

    text: str
    marks: list[tuple[int, int]]


class FoundMessage(msgspec.Struct, rename={"sender": "from"}):
    """A message that was found."""

    seq: shapes.Seq
    at: shapes.Moment
    sender: Literal["customer", "bot", "agent"]
    snippet: Piece


class Result(msgspec.Struct):
    """A conversation, with the newest of its messages that were found."""

    conversation: shapes.Card
    matches: list[FoundMessage]


class Results(msgspec.Struct):
    """Conversations, the one with the newest message found first."""

    results: list[Result]


class ReadUpTo(msgspec.Struct):
    """The newest message that was read."""

    seq: shapes.Seq


class ReadSoFar(msgspec.Struct):
    """How far was read by now."""

    read_seq: shapes.Seq


@operation(
    search_api,
    "GET",
    "/search",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:read",
    query=Sought,
    gives=Results,
)
async def search(request: Request, query: Sought) -> dict[str, Any]:
    """Find conversations by what was said: every word, by its beginning, whatever its case and accents."""
    desk = desk_of(request)
    words = tuple(dict.fromkeys(words_of(query.q)))[:_MOST_WORDS]
    if not words:
        message = "Search for something with letters or digits."
        raise ConversationError("invalid", message, status=400, field="q")
    since, until = shapes.moment(query.since, "since"), shapes.moment(query.until, "until")
    chosen = Filter(query.state, query.topic, query.agent, since, until)
    found = await desk.store.search.find(words, chosen, query.limit)
    results = [
        {
            "conversation": desk.card(one.conversation),
            "matches": [_match_shape(match, words) for match in one.matches],
        }
        for one in found
    ]
    return {"results": results}


@operation(
    search_api,
    "POST",
    "/conversations/{conversation_id}/read",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:write",
    body=ReadUpTo,
    gives=ReadSoFar,
)
async def agent_read(request: Request, conversation_id: str, body: ReadUpTo) -> dict[str, int]:
    """I have read my conversation up to a message; the customer sees it."""
    desk = desk_of(request)
    conversation = await desk.store.conversations.get(conversation_id)
    return {"read_seq": await desk.receipts.by_agent(conversation, agent_of(request), body.seq)}


@operation(
    reading_api,
    "POST",
    "/conversations/{conversation_id}/read",
    who=Who.CUSTOMER,
    body=ReadUpTo,
    gives=ReadSoFar,
)
async def customer_read(request: Request, conversation_id: str, body: ReadUpTo) -> dict[str, int]:
    """The customer has read up to a message; the desk sees it."""
    return {"read_seq": await desk_of(request).receipts.by_customer(conversation_id, body.seq)}


def _match_shape(match: Match, words: tuple[str, ...]) -> dict[str, Any]:
    piece = snippet(match.text, words)
    return {
        "seq": match.seq,
        "at": shapes.time_text(match.at),
        "from": match.sender,
        "snippet": {"text": piece.text, "marks": [list(mark) for mark in piece.marks]},
    }
