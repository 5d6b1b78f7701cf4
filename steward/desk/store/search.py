"""Finding messages by their words, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from steward.desk.conversation import Conversation
from steward.desk.store.conversations import by_ids, conversations, messages
from steward.desk.store.database import Repository, whole
from steward.desk.store.index import search

_PAGE = 100
_PAGES = 20
_SHOWN = 3
_INDEX = sa.table("search_index", sa.column("rowid"))


@dataclass(frozen=True)
class Filter:
    """Which conversations are searched; None asks for no more. Times are those of the messages."""

    state: str | None = None
    topic: str | None = None
    agent_id: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True)
class Match:
    """One message that was found."""

    seq: int
    at: int
    sender: str
    text: str


@dataclass(frozen=True)
class Found:
    """A conversation with the newest of its messages that were found."""

    conversation: Conversation
    matches: tuple[Match, ...]


class Search(Repository):
    """Full-text search over what was said."""

    @whole
    async def find(self, words: Sequence[str], chosen: Filter, limit: int) -> tuple[Found, ...]:
        """Conversations with a message that has, for each word, one that begins with it.

        The newest message decides on the order. `words` are folded and not empty.
        """
        query = self._query(words, chosen)
        found: dict[str, list[Match]] = {}
        async with self._read() as connection:
            if self.database.dialect == "postgresql":
                # Rare and common words need different plans, so none is kept for all of them.
                await connection.execute(sa.text("SET LOCAL plan_cache_mode = force_custom_plan"))
            last = None
            for _ in range(_PAGES):
                page = query if last is None else query.where(self._order < last)
                rows = (await connection.execute(page.limit(_PAGE))).all()
                _collect(found, rows, limit)
                if len(rows) < _PAGE or len(found) >= limit:
                    break
                last = rows[-1].id
            known = await by_ids(connection, found)
        return tuple(Found(known[one], tuple(found[one])) for one in found if one in known)

    @whole
    async def forget(self) -> None:
        """Take what was erased out of the index for good.

        FTS5 only notes that a row has gone and drops its words when it next puts its parts together; done
        here. PostgreSQL does as much when it vacuums.
        """
        if self.database.dialect == "sqlite":
            async with self._write() as connection:
                await connection.execute(
                    sa.text("INSERT INTO search_index (search_index) VALUES ('optimize')")
                )

    def _query(self, words: Sequence[str], chosen: Filter) -> sa.sql.Select:
        m, c = messages.c, conversations.c
        same_message = (m.conversation_id == search.c.conversation_id) & (m.seq == search.c.seq)
        query = sa.select(search.c.id, m.conversation_id, m.seq, m.at, m.sender, m.text, m.attachments)
        query = self._matching(query, words).join(messages, same_message)
        wanted = [
            column == value
            for column, value in ((c.state, chosen.state), (c.topic, chosen.topic))
            if value is not None
        ]
        if chosen.agent_id is not None:
            wanted.append((c.agent_id == chosen.agent_id) | (c.last_agent_id == chosen.agent_id))
        if wanted:
            query = query.join(conversations, c.id == m.conversation_id).where(*wanted)
        if chosen.since is not None:
            query = query.where(m.at >= chosen.since)
        if chosen.until is not None:
            query = query.where(m.at < chosen.until)
        return query.order_by(self._order.desc())

    def _matching(self, query: sa.sql.Select, words: Sequence[str]) -> sa.sql.Select:
        """The rows of the index whose words begin with the given ones, by the database's own means.

        The words are letters and digits alone, so none can be an operator of either query language.
        """
        if self.database.dialect == "sqlite":
            asked = " AND ".join(f'"{word}"*' for word in words)
            both = sa.join(_INDEX, search, search.c.id == _INDEX.c.rowid)
            return query.select_from(both).where(sa.literal_column("search_index").op("MATCH")(asked))
        asked = " & ".join(f"'{word}':*" for word in words)
        return query.select_from(search).where(search.c.words.op("@@")(sa.cast(asked, _TsQuery())))

    @property
    def _order(self) -> Any:
        """The number of a message in the index; FTS5 gives its own in order, and no other."""
        return _INDEX.c.rowid if self.database.dialect == "sqlite" else search.c.id


class _TsQuery(sa.types.UserDefinedType):
    """PostgreSQL's type of a text query."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        """Its name in SQL."""
        return "tsquery"


def _collect(found: dict[str, list[Match]], rows: Sequence[Any], limit: int) -> None:
    for row in rows:
        if row.conversation_id not in found and len(found) >= limit:
            continue
        matches = found.setdefault(row.conversation_id, [])
        if len(matches) < _SHOWN:
            names = [str(one["name"]) for one in row.attachments or ()]
            matches.append(Match(row.seq, row.at, row.sender, "\n".join(filter(None, [row.text, *names]))))
