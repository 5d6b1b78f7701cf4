"""The agents' API: canned replies, and what the catalogue suggests."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from sanic import Blueprint, Request

from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import acted, agent_of
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.store import Snippet as StoredSnippet
from steward.desk.workspace.snippets import TITLE_LENGTH, Wanted, snippet_shape
from steward.desk.workspace.suggestions import suggest

_ASKED = 3

snippets_api = Blueprint("snippets", url_prefix="/api/v1/desk")


class NewSnippet(msgspec.Struct):
    """A canned reply to keep. `shared` ones are everybody's; only a lead changes them."""

    shortcut: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=TITLE_LENGTH)]
    text: shapes.Text
    shared: bool = False


class Snippet(msgspec.Struct):
    """A canned reply; the page fills in `{{customer}}`, `{{agent}}`, `{{product}}` and `{{shop}}`."""

    id: str
    shortcut: str
    title: str
    text: str
    shared: bool
    mine: bool
    builtin: bool


class OneSnippet(msgspec.Struct):
    """A canned reply as it is kept."""

    snippet: Snippet


class SnippetList(msgspec.Struct):
    """The agent's own, then the shared ones, then those that come with the shop's words."""

    snippets: list[Snippet]


class Suggestion(msgspec.Struct):
    """Words from the catalogue that the agent may send, and what they rest on."""

    title: str
    text: str
    source: str


class SuggestionList(msgspec.Struct):
    """At most five, the best for the customer's last messages first."""

    suggestions: list[Suggestion]


@operation(snippets_api, "GET", "/snippets", who=Who.AGENT, permission=Permission.ANSWER, gives=SnippetList)
async def snippets(request: Request) -> dict[str, Any]:
    """The canned replies that I may use."""
    return {"snippets": await desk_of(request).snippets.of(agent_of(request))}


@operation(
    snippets_api,
    "POST",
    "/snippets",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    body=NewSnippet,
    gives=OneSnippet,
    status=201,
)
async def add_snippet(request: Request, body: NewSnippet) -> dict[str, Any]:
    """Keep a canned reply."""
    snippet = await desk_of(request).snippets.add(agent_of(request), _wanted(body))
    await _note_change(request, "snippet.added", snippet)
    return {"snippet": snippet_shape(snippet, agent_of(request))}


@operation(
    snippets_api,
    "PUT",
    "/snippets/{snippet_id}",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    body=NewSnippet,
    gives=OneSnippet,
)
async def change_snippet(request: Request, snippet_id: str, body: NewSnippet) -> dict[str, Any]:
    """Change a canned reply."""
    replies, agent = desk_of(request).snippets, agent_of(request)
    before = await replies.changeable(agent, snippet_id)
    snippet = await replies.change(agent, snippet_id, _wanted(body))
    await _note_change(request, "snippet.changed", snippet, before)
    return {"snippet": snippet_shape(snippet, agent)}


@operation(
    snippets_api,
    "DELETE",
    "/snippets/{snippet_id}",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    status=204,
)
async def drop_snippet(request: Request, snippet_id: str) -> None:
    """Delete a canned reply."""
    snippet = await desk_of(request).snippets.drop(agent_of(request), snippet_id)
    await _note_change(request, "snippet.deleted", snippet)


@operation(
    snippets_api,
    "GET",
    "/conversations/{conversation_id}/suggestions",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:read",
    gives=SuggestionList,
)
async def suggestions(request: Request, conversation_id: str) -> dict[str, Any]:
    """What the catalogue says to the customer's last messages."""
    desk = desk_of(request)
    conversation = await desk.store.conversations.get(conversation_id)
    asked = await desk.store.conversations.asked(conversation_id, _ASKED)
    known = (desk.catalogue, desk.words.say, conversation.topic, conversation.skus, asked)
    found = await asyncio.to_thread(suggest, *known)
    return {"suggestions": [one.__dict__ for one in found]}


async def _note_change(
    request: Request, action: str, snippet: StoredSnippet, before: StoredSnippet | None = None
) -> None:
    """What concerns everybody goes into the log; an agent's own replies are their own business."""
    if not snippet.owner or (before and not before.owner):
        entry = acted(request, action, f"snippet {snippet.shortcut}", {"title": snippet.title})
        await desk_of(request).store.audit.record(entry)


def _wanted(body: NewSnippet) -> Wanted:
    return Wanted(body.shortcut, body.title, body.text, body.shared)
