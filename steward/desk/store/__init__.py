"""Where the desk keeps everything: SQLite or PostgreSQL, one repository for each noun."""

from __future__ import annotations

from steward.desk.store.agents import Agent, Agents
from steward.desk.store.conversations import Committed, Conversations, KeyUsed, Origin, Sent, StoredMessage
from steward.desk.store.database import Database, StoreUnavailable
from steward.desk.store.events import Events
from steward.desk.store.feedback import Feedback
from steward.desk.store.lists import Lists
from steward.desk.store.schema import metadata

__all__ = [
    "Agent",
    "Committed",
    "KeyUsed",
    "Origin",
    "Sent",
    "Store",
    "StoreUnavailable",
    "StoredMessage",
    "metadata",
]


class Store:
    """The repositories on one database. `open` before use, `close` at the end."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.conversations = Conversations(self.database)
        self.lists = Lists(self.database)
        self.events = Events(self.database)
        self.feedback = Feedback(self.database)
        self.agents = Agents(self.database)

    async def open(self) -> None:
        """Bring the schema up to date; raises ConfigurationError when the database does not answer."""
        await self.database.open()

    async def close(self) -> None:
        """Finish what runs and let go of the connections."""
        await self.database.close()
