"""Where the desk keeps everything: SQLite or PostgreSQL, one repository for each noun."""

from __future__ import annotations

from steward.desk.store.agents import Account, Agent, Agents, Invitation, Session, SignInUnderWay
from steward.desk.store.audit import Audit
from steward.desk.store.bridges import Bridges
from steward.desk.store.changes import Changes, StoredChange
from steward.desk.store.conversations import (
    Claim,
    Committed,
    Conversations,
    EventsOf,
    KeyUsed,
    Origin,
    Sent,
    StoredMessage,
    Work,
)
from steward.desk.store.database import Database, StoreUnavailable
from steward.desk.store.events import Events
from steward.desk.store.feedback import Feedback
from steward.desk.store.figures import Figures
from steward.desk.store.files import FileRows, Quota, StoredFile
from steward.desk.store.hooks import Delivery, Hook, Hooks, Tried
from steward.desk.store.inbox import Inbox
from steward.desk.store.keys import Key, Keys
from steward.desk.store.lists import Lists
from steward.desk.store.notes import Mention, Note, Notes
from steward.desk.store.outbox import NewEvent, Outbox, StoredEvent
from steward.desk.store.presence import Presences, Seen
from steward.desk.store.promises import Contact, Due, Mail, MailState, Owed, Promises
from steward.desk.store.reading import Marks, Reading
from steward.desk.store.schema import metadata
from steward.desk.store.search import Filter, Found, Match, Search
from steward.desk.store.settings import StoredSettings
from steward.desk.store.shadow import Difference, Differences
from steward.desk.store.snippets import Snippet, Snippets

__all__ = [
    "Account",
    "Agent",
    "Claim",
    "Committed",
    "Contact",
    "Delivery",
    "Difference",
    "Due",
    "EventsOf",
    "Filter",
    "Found",
    "Hook",
    "Invitation",
    "Key",
    "KeyUsed",
    "Mail",
    "MailState",
    "Marks",
    "Match",
    "Mention",
    "NewEvent",
    "Note",
    "Origin",
    "Owed",
    "Quota",
    "Seen",
    "Sent",
    "Session",
    "SignInUnderWay",
    "Snippet",
    "Store",
    "StoreUnavailable",
    "StoredChange",
    "StoredEvent",
    "StoredFile",
    "StoredMessage",
    "Tried",
    "Work",
    "metadata",
]


class Store:
    """The repositories on one database. `open` before use, `close` at the end."""

    def __init__(self, url: str, events_of: EventsOf | None = None) -> None:
        self.database = Database(url)
        self.conversations = Conversations(self.database, events_of)
        self.lists = Lists(self.database)
        self.events = Events(self.database)
        self.feedback = Feedback(self.database)
        self.promises = Promises(self.database)
        self.agents = Agents(self.database)
        self.audit = Audit(self.database)
        self.figures = Figures(self.database)
        self.outbox = Outbox(self.database)
        self.hooks = Hooks(self.database)
        self.keys = Keys(self.database)
        self.bridges = Bridges(self.database)
        self.presence = Presences(self.database)
        self.settings = StoredSettings(self.database)
        self.notes = Notes(self.database)
        self.snippets = Snippets(self.database)
        self.changes = Changes(self.database)
        self.files = FileRows(self.database)
        self.reading = Reading(self.database)
        self.search = Search(self.database)
        self.inbox = Inbox(self.database)
        self.differences = Differences(self.database)

    async def open(self) -> None:
        """Bring the schema up to date; raises ConfigurationError when the database does not answer."""
        await self.database.open()

    async def close(self) -> None:
        """Finish what runs and let go of the connections."""
        await self.database.close()
