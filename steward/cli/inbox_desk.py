"""The desk's inbox for the command line, on the desk's own database."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from steward.clock import now
from steward.errors import ConfigurationError, StewardError
from steward.settings import Settings

if TYPE_CHECKING:
    from steward.desk.improve.changes import Changes
    from steward.desk.improve.inbox import InboxList, State, Wanted
    from steward.desk.improve.labels import Labels
    from steward.desk.improve.past import Past
    from steward.desk.improve.topics import Topics
    from steward.desk.store import Agent, Store

_PAGES = 500
HERE = "command line"
"""From where something was done, as the audit log says it."""

Group = Mapping[str, Any]


@dataclass(frozen=True)
class Desk:
    """The parts of the desk that operators' commands need, on the desk's own database."""

    store: Store
    inbox: InboxList
    labels: Labels
    topics: Topics
    changes: Changes
    past: Past


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Desk]:
    """The desk's database, whether a desk runs or not; ConfigurationError when it is not there or old."""
    from steward.desk.bus import Bus
    from steward.desk.improve.changes import Changes
    from steward.desk.improve.inbox import InboxList
    from steward.desk.improve.labels import Labels
    from steward.desk.improve.past import Past
    from steward.desk.improve.topics import Topics
    from steward.desk.store import Store
    from steward.desk.store.database import Database
    from steward.project import Project

    url = urlsplit(settings.database_url)
    if url.scheme.startswith("sqlite") and not Path(url.path.removeprefix("/")).is_file():
        raise ConfigurationError("There is no database yet; `steward run` makes one.")
    condition = await Database(settings.database_url).condition()
    if not condition.newest:
        raise ConfigurationError("The database is of another version; `steward run` brings it up to date.")
    store = Store(settings.database_url)
    topics = Topics(settings.domain, settings.catalogue / "topics.csv")
    # Who has the page open is not told of labels at once; the page looks again by itself.
    bus = Bus()
    labels = Labels(store, bus, topics, now)
    changes = Changes(Project(settings.root), store, labels, bus, now)
    topics.planned = changes.planned
    try:
        yield Desk(store, InboxList(store, lambda group: []), labels, topics, changes, Past(store))
    finally:
        await store.close()


async def groups_of(
    desk: Desk, state: State, wanted: Wanted, most: int
) -> tuple[list[Group], Mapping[str, Any]]:
    """Groups of like messages, the largest first, and how many messages are open in all."""
    found: list[Group] = []
    after: str | None = None
    for _ in range(_PAGES):
        page = await desk.inbox.page(state, wanted, after)
        found += page["groups"]
        after = page["next"]
        if after is None or len(found) >= most:
            break
    return found[:most], page["counts"]


async def group_named(desk: Desk, state: State, name: str) -> Group:
    """The group with this id, or with a message of this id; the beginning is enough."""
    from steward.desk.improve.inbox import Wanted

    groups, _ = await groups_of(desk, state, Wanted(), sys.maxsize)
    found = [
        group for group in groups if any(_begins(one, name) for one in (group["id"], *group["item_ids"]))
    ]
    if len(found) != 1:
        many = f"{len(found)} groups begin with {name!r}; give more of it." if found else ""
        raise StewardError(many or f"There is no group {name!r} in the inbox; it may be labelled already.")
    return found[0]


async def apply(desk: Desk, agent: Agent, message: str) -> tuple[str | None, list[str]]:
    """Write all that waits into the shop's files, as the desk's page does; the commit and the files.

    Raises ConversationError, with nothing written, when nothing waits or it does not fit the files any more.
    """
    commit, plan = await desk.changes.apply(agent, message, HERE)
    return commit.id if commit else None, [file.path for file in plan.files]


def how_to_undo(label_id: str) -> str:
    """What to type to take a label back."""
    # What begins with a dash would be taken for an option.
    return f"steward inbox undo {'-- ' if label_id.startswith('-') else ''}{label_id}"


def _begins(identity: str, name: str) -> bool:
    # What begins with a dash would be taken for an option, so it is understood without its dash, too.
    return identity.startswith(name) or identity.lstrip("-").startswith(name)


async def operator(desk: Desk, email: str | None) -> Agent:
    """The account in whose name labels are given: the one named, else the only one that may."""
    from steward.desk.accounts.permissions import Permission, may

    accounts = [account.agent for account in await desk.store.agents.accounts(now())]
    able = [one for one in accounts if one.active and may(one.role, Permission.IMPROVE)]
    if email is not None:
        named = [one for one in able if one.email.casefold() == email.casefold()]
        if not named:
            raise StewardError(f"{email} is no account that may improve the bot (operator or administrator).")
        return named[0]
    people = [one for one in able if one.kind == "person"]
    if len(people) != 1:
        known = ", ".join(one.email for one in people) or "none yet; an administrator invites them"
        raise StewardError(f"Say in whose name with --as EMAIL. Those who may: {known}.")
    return people[0]
