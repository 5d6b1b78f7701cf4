"""Canned replies: those that come with the shop's words, those that everybody shares, each agent's own."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from steward.desk import shapes
from steward.desk.accounts.permissions import Permission, may
from steward.desk.store import Agent, Snippet, Store
from steward.desk.store.snippets import EVERYBODY
from steward.errors import ConversationError
from steward.words import Words

VARIABLES = ("customer", "agent", "product", "shop")
"""What may stand in double braces; the desk's page fills it in from the conversation."""

TITLE_LENGTH = 120
MOST = 500
_BUILT_IN = "utter_desk_snippet_"
_TITLE = "title_"
_ID = "builtin-"
_SHORTCUT = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_VARIABLE = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)


@dataclass(frozen=True)
class Wanted:
    """What a canned reply shall be."""

    shortcut: str
    title: str
    text: str
    shared: bool


class Replies:
    """The canned replies of everybody."""

    def __init__(self, store: Store, words: Words, now: Callable[[], int]) -> None:
        self._store = store
        self._words = words
        self._now = now

    async def of(self, agent: Agent) -> list[dict[str, Any]]:
        """What the agent may use: own ones first, then shared ones, then those of the shop's words."""
        stored = sorted(await self._store.snippets.of(agent.id), key=lambda one: one.owner == EVERYBODY)
        return [snippet_shape(one, agent) for one in stored] + built_in(self._words)

    async def add(self, agent: Agent, wanted: Wanted) -> Snippet:
        """Keep a new one; raises ConversationError for what cannot be."""
        _allow(agent, wanted.shared)
        snippet = _checked(secrets.token_urlsafe(12), agent, wanted, self._now())
        if await self._store.snippets.count(snippet.owner) >= MOST:
            raise ConversationError("full", f"There are {MOST} canned replies already; delete some first.")
        if not await self._store.snippets.add(snippet):
            raise _taken(snippet)
        return snippet

    async def change(self, agent: Agent, snippet_id: str, wanted: Wanted) -> Snippet:
        """Make one that the agent may change into what is wanted."""
        snippet = _checked(snippet_id, agent, wanted, self._now())
        await self.changeable(agent, snippet_id)
        _allow(agent, wanted.shared)
        changed = await self._store.snippets.change(snippet)
        if changed is None:
            raise _taken(snippet)
        if not changed:
            raise _none()
        return snippet

    async def drop(self, agent: Agent, snippet_id: str) -> Snippet:
        """Delete one that the agent may change."""
        snippet = await self.changeable(agent, snippet_id)
        await self._store.snippets.drop(snippet_id)
        return snippet

    async def changeable(self, agent: Agent, snippet_id: str) -> Snippet:
        """The snippet, if the agent may change it; raises ConversationError otherwise."""
        if snippet_id.startswith(_ID):
            message = "This reply is among the shop's words; it is changed in domain.yml."
            raise ConversationError("builtin", message)
        snippet = await self._store.snippets.by_id(snippet_id)
        if snippet is None or snippet.owner not in (EVERYBODY, agent.id):
            raise _none()
        _allow(agent, snippet.owner == EVERYBODY)
        return snippet


def built_in(words: Words) -> list[dict[str, Any]]:
    """The canned replies among the shop's words: `utter_desk_snippet_<shortcut>`, with a title of its own."""
    texts = words.starting(_BUILT_IN)
    return [
        {
            "id": _ID + name,
            "shortcut": name.replace("_", "-"),
            "title": texts.get(_TITLE + name, name),
            "text": text,
            "shared": True,
            "mine": False,
            "builtin": True,
        }
        for name, text in texts.items()
        if not name.startswith(_TITLE)
    ]


def snippet_shape(snippet: Snippet, agent: Agent) -> dict[str, Any]:
    """A canned reply as the agent sees it."""
    return {
        "id": snippet.id,
        "shortcut": snippet.shortcut,
        "title": snippet.title,
        "text": snippet.text,
        "shared": snippet.owner == EVERYBODY,
        "mine": snippet.owner == agent.id,
        "builtin": False,
    }


def _checked(snippet_id: str, agent: Agent, wanted: Wanted, at: int) -> Snippet:
    if not _SHORTCUT.fullmatch(wanted.shortcut):
        message = "A shortcut has 1 to 40 small letters, digits, - and _, and begins with a letter or digit."
        raise ConversationError("invalid", message, status=400, field="shortcut")
    title = shapes.words(wanted.title, "title", TITLE_LENGTH)
    text = shapes.words(wanted.text, "text")
    unknown = next((name for name in _VARIABLE.findall(text) if name not in VARIABLES), None)
    if unknown is not None:
        known = ", ".join("{{" + name + "}}" for name in VARIABLES)
        message = f"There is no variable {{{{{unknown[:40]}}}}}; there are {known}."
        raise ConversationError("invalid", message, status=400, field="text")
    owner = EVERYBODY if wanted.shared else agent.id
    return Snippet(snippet_id, owner, wanted.shortcut, title, text, at)


def _allow(agent: Agent, shared: bool) -> None:
    if shared and not may(agent.role, Permission.LEAD):
        message = "Only a lead changes the replies that everybody shares."
        raise ConversationError("forbidden", message, status=403, field="shared")


def _taken(snippet: Snippet) -> ConversationError:
    whose = "shared replies" if snippet.owner == EVERYBODY else "your replies"
    message = f"One of {whose} has the shortcut {snippet.shortcut} already."
    return ConversationError("shortcut_taken", message, field="shortcut")


def _none() -> ConversationError:
    return ConversationError("not_found", "There is no such canned reply.", status=404)
