"""Where conversations are kept: SQLite or PostgreSQL, behind one set of transactions.

Every change goes through `Store.apply`, which locks the conversation, lets the state machine decide, and
writes the outcome under the condition that state, epoch and seq are still those it decided on.
"""

from __future__ import annotations

import asyncio
import functools
import secrets
import sqlite3
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import msgspec
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.row import Row
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import QueuePool

from steward.desk.conversation import WAITING, Conversation, Draft, Message, Outcome, State
from steward.desk.tasks import Tasks
from steward.errors import ConfigurationError, ConversationError, StewardError

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=_NAMES)
_Json = sa.JSON(none_as_null=True)
_ID = sa.String(64)
_HASH = sa.String(64)
_TIME = sa.BigInteger  # milliseconds since 1970, UTC

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("email", sa.String(320), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("password_hash", sa.String(300), nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
)
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", _HASH, primary_key=True),
    sa.Column("agent_id", _ID, sa.ForeignKey("agents.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("expires_at", _TIME, nullable=False),
)
conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("token_hash", _HASH, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("customer_seq", sa.Integer, nullable=False),
    sa.Column("answered_seq", sa.Integer, nullable=False),
    sa.Column("agent_id", _ID, sa.ForeignKey("agents.id", ondelete="SET NULL")),
    sa.Column("last_agent_id", _ID, sa.ForeignKey("agents.id", ondelete="SET NULL")),
    sa.Column("reason", sa.String(40)),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("evidence", _Json),
    sa.Column("topic", sa.String(80)),
    sa.Column("skus", _Json, nullable=False),
    sa.Column("confidence", sa.Float),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("preview", sa.Text, nullable=False),
    sa.Column("unread", sa.Integer, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("updated_at", _TIME, nullable=False),
    sa.Column("queued_at", _TIME),
    sa.Column("resolved_at", _TIME),
    sa.Column("locale", sa.String(40)),
    sa.Column("page", sa.Text),
    sa.Column("identity", _Json),
    sa.Index(None, "state", "priority", "queued_at"),
    sa.Index(None, "agent_id"),
    sa.Index(None, "updated_at"),
)
messages = sa.Table(
    "messages",
    metadata,
    sa.Column(
        "conversation_id", _ID, sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", _ID, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("sender", sa.String(10), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("buttons", _Json),
    sa.Column("image", sa.Text),
    sa.Column("meta", _Json),
    sa.Column("reply_to", sa.Integer),
    sa.Column("author_id", _ID),
    sa.Column("author", sa.String(200)),
    sa.Column("key", sa.String(200)),
    sa.Column("digest", _HASH),
    sa.UniqueConstraint("conversation_id", "sender", "key"),
)
feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column(
        "conversation_id", _ID, sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    ),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("value", sa.String(10), nullable=False),
    sa.Column("at", _TIME, nullable=False),
)
events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "conversation_id",
        _ID,
        sa.ForeignKey("conversations.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("detail", _Json, nullable=False),
)
tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

_STATE_COLUMNS = tuple(conversations.c[name] for name in Conversation.__dataclass_fields__)
_MESSAGE_COLUMNS = tuple(
    column for column in messages.c if column.name not in ("conversation_id", "key", "digest")
)
_WAITING = sorted(state.value for state in WAITING)
_LISTED = 100
_QUEUE_LISTED = 500
_BUSY_MILLISECONDS = 10_000

# The statements that most requests need, made once: to build one costs more than to run it.
_THE_CONVERSATION = conversations.c.id == sa.bindparam("conversation_id")
_ITS_MESSAGES = messages.c.conversation_id == sa.bindparam("conversation_id")
_READ = sa.select(*_STATE_COLUMNS).where(_THE_CONVERSATION)
_LOCK = _READ.with_for_update()
_MOVE = sa.update(conversations).where(
    _THE_CONVERSATION,
    conversations.c.epoch == sa.bindparam("known_epoch"),
    conversations.c.state == sa.bindparam("known_state"),
    conversations.c.seq == sa.bindparam("known_seq"),
)
_BEGIN = sa.insert(conversations)
_ADD = sa.insert(messages)
_NEWER = (
    sa.select(*_MESSAGE_COLUMNS)
    .where(_ITS_MESSAGES, messages.c.seq > sa.bindparam("after"))
    .order_by(messages.c.seq)
)

_CODEC: dict[str, Any] = {
    "json_serializer": lambda value: msgspec.json.encode(value).decode(),
    "json_deserializer": msgspec.json.decode,
}

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Agent:
    """One who may sign in to the desk."""

    id: str
    email: str
    name: str
    role: str


@dataclass(frozen=True)
class StoredMessage:
    """A message as it is read back; `id` never changes and is unlike any other."""

    id: str
    message: Message


@dataclass(frozen=True)
class Committed:
    """An outcome that is stored now, with the messages as others will read them."""

    outcome: Outcome
    messages: tuple[StoredMessage, ...]


@dataclass(frozen=True)
class Origin:
    """What a conversation's start told about the customer."""

    locale: str | None
    page: str | None
    identity: Mapping[str, Any] | None


@dataclass(frozen=True)
class Sent:
    """A message that carried an idempotency key."""

    seq: int
    digest: str | None


class KeyUsed(Exception):
    """The idempotency key was used before in this conversation by this sender."""


class StoreUnavailable(StewardError):
    """The database does not answer or refuses; what was asked for was not done."""


def _whole(
    method: Callable[Concatenate[Store, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Store, P], Coroutine[Any, Any, T]]:
    """Never cut a transaction short when the caller is cancelled; name the driver's errors."""

    async def guarded(store: Store, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(store, *args, **kwargs)
        except (OSError, SQLAlchemyError) as error:
            raise StoreUnavailable(f"The database cannot be used: {type(error).__name__}.") from error

    async def shielded(self: Store, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._backend.run(guarded(self, *args, **kwargs))

    functools.update_wrapper(shielded, method)
    return shielded


class _Database(Protocol):
    """How the store's transactions reach one kind of database."""

    insert: Any
    address: str

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one of the store's methods where its transactions belong, to the end even if cancelled."""

    def connect(self, *, write: bool) -> AbstractAsyncContextManager[Any]:
        """A connection in a transaction: committed at the end, undone by an error."""

    async def close(self) -> None:
        """Finish what runs and let go of the connections."""


class _Postgres:
    """PostgreSQL by asyncpg: transactions wait in the event loop."""

    insert = staticmethod(postgresql.insert)

    def __init__(self, url: URL) -> None:
        self.address = url.render_as_string(hide_password=True)
        self._engine = create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, **_CODEC)
        self._tasks = Tasks()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        return await self._tasks.whole(work)

    def connect(self, *, write: bool) -> AbstractAsyncContextManager[Any]:
        context: AbstractAsyncContextManager[Any] = self._engine.begin() if write else self._engine.connect()
        return context

    async def close(self) -> None:
        await self._tasks.finish(_BUSY_MILLISECONDS / 1000)
        await self._engine.dispose()


class _Sqlite:
    """SQLite in a thread of its own. A transaction is one visit to it, not one for each statement.

    The thread also is the fair queue of those who want to write, of whom SQLite lets in one at a time.
    """

    insert = staticmethod(sqlite.insert)

    def __init__(self, url: URL) -> None:
        self.address = url.render_as_string(hide_password=True)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        self._engine = sa.create_engine(
            url.set(drivername="sqlite"),
            poolclass=QueuePool,
            pool_size=1,
            pool_reset_on_return=None,
            connect_args={"check_same_thread": False},
            **_CODEC,
        )
        event.listen(self._engine, "connect", _prepare_sqlite)
        event.listen(self._engine, "begin", _begin_sqlite)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._thread, _without_waiting, work))

    def connect(self, *, write: bool) -> AbstractAsyncContextManager[Any]:
        # Readers need no transaction: a snapshot reads the conversation first, and its messages never change.
        return _Inline(self._engine.begin() if write else self._engine.connect())

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()


class _Inline:
    """A plain connection behind the face of an async one; it never waits."""

    def __init__(self, opening: AbstractContextManager[Connection]) -> None:
        self._opening = opening

    async def __aenter__(self) -> _Inline:
        self._connection = self._opening.__enter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._opening.__exit__(*error)

    async def execute(self, *arguments: Any) -> Any:
        return self._connection.execute(*arguments)

    async def run_sync(self, work: Callable[[Connection], T]) -> T:
        return work(self._connection)


def _without_waiting(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise RuntimeError("A transaction waited for something else than its database.")


class Store:
    """The database. `open` brings its schema up to date; every method is one transaction."""

    def __init__(self, url: str) -> None:
        self._backend = _backend(url)

    @_whole
    async def open(self) -> None:
        """Migrate to the newest schema; raises ConfigurationError when the database does not answer."""
        try:
            async with self._write() as connection:
                await connection.run_sync(migrate)
        except (OSError, SQLAlchemyError) as error:
            where = self._backend.address
            raise ConfigurationError(
                f"The database {where} cannot be used ({error}); check DATABASE_URL."
            ) from error

    async def close(self) -> None:
        """Finish what runs and let go of the connections."""
        await self._backend.close()

    @_whole
    async def answers(self) -> bool:
        """Whether the database answers now."""
        try:
            async with self._read() as connection:
                await connection.execute(sa.select(1))
        except (OSError, SQLAlchemyError):
            return False
        return True

    # Conversations

    @_whole
    async def create(self, conversation: Conversation, token_hash: str, origin: Origin) -> None:
        """Store a new conversation."""
        values = _state_values(conversation) | {
            "token_hash": token_hash,
            "locale": origin.locale,
            "page": origin.page,
            "identity": origin.identity,
        }
        async with self._write() as connection:
            await connection.execute(_BEGIN, values)

    @_whole
    async def token_hash(self, conversation_id: str) -> str | None:
        """The hash of the customer's token, or None when there is no such conversation."""
        query = sa.select(conversations.c.token_hash).where(conversations.c.id == conversation_id)
        async with self._read() as connection:
            return (await connection.execute(query)).scalar()

    @_whole
    async def apply(
        self,
        conversation_id: str,
        decide: Callable[[Conversation], Outcome],
        *,
        key: str | None = None,
        digest: str | None = None,
    ) -> Committed:
        """Let `decide` answer the locked conversation and store the outcome, all or nothing.

        `key` and `digest` belong to the first message. Raises what `decide` raises, KeyUsed when the key
        was used before, and ConversationError `not_found` or `stale`.
        """
        async with self._write() as connection:
            row = (await connection.execute(_LOCK, {"conversation_id": conversation_id})).first()
            if row is None:
                raise ConversationError("not_found", "There is no such conversation.", status=404)
            outcome = decide(_conversation(row))
            stored = tuple(StoredMessage(secrets.token_urlsafe(16), message) for message in outcome.messages)
            if outcome.changed:
                await self._save(connection, outcome)
            await self._add(connection, conversation_id, stored, key, digest)
        return Committed(outcome, stored)

    async def _save(self, connection: Any, outcome: Outcome) -> None:
        before, after = outcome.before, outcome.after
        values = _state_values(after)
        old = _state_values(before)
        changes = {name: value for name, value in values.items() if value != old[name]}
        known = {
            "conversation_id": before.id,
            "known_epoch": before.epoch,
            "known_state": before.state.value,
            "known_seq": before.seq,
        }
        result = await connection.execute(_MOVE, changes | known)
        if result.rowcount != 1:
            raise ConversationError("stale", "The conversation has moved on; look at it again.")
        if outcome.owner_changed:
            detail = {
                "from": before.state.value,
                "to": after.state.value,
                "agent": after.agent_id or before.agent_id,
                "reason": after.reason,
            }
            await self._note(connection, after.id, after.updated_at, "owner", after.epoch, detail)

    async def _add(
        self,
        connection: Any,
        conversation_id: str,
        stored: tuple[StoredMessage, ...],
        key: str | None,
        digest: str | None,
    ) -> None:
        if not stored:
            return
        rows = [_message_values(conversation_id, item) for item in stored]
        rows[0] |= {"key": key, "digest": digest}
        try:
            await connection.execute(_ADD, rows)
        except IntegrityError as error:
            if key is None:
                raise
            raise KeyUsed from error

    @_whole
    async def sent(self, conversation_id: str, sender: str, key: str) -> Sent | None:
        """The message that the sender sent with this key."""
        query = sa.select(messages.c.seq, messages.c.digest).where(
            messages.c.conversation_id == conversation_id, messages.c.sender == sender, messages.c.key == key
        )
        async with self._read() as connection:
            row = (await connection.execute(query)).first()
        return Sent(row.seq, row.digest) if row else None

    @_whole
    async def snapshot(
        self, conversation_id: str, after: int = 0
    ) -> tuple[Conversation, tuple[StoredMessage, ...]] | None:
        """The conversation and its messages with a seq greater than `after`, as of one moment."""
        chosen = {"conversation_id": conversation_id, "after": after}
        async with self._read() as connection:
            row = (await connection.execute(_READ, chosen)).first()
            if row is None:
                return None
            rows = (await connection.execute(_NEWER, chosen)).all()
        conversation = _conversation(row)
        # A message stored between the two reads belongs to the next snapshot.
        stored = (_stored(row) for row in rows)
        return conversation, tuple(item for item in stored if item.message.seq <= conversation.seq)

    @_whole
    async def origin(self, conversation_id: str) -> Origin | None:
        """Where the conversation came from."""
        query = sa.select(conversations.c.locale, conversations.c.page, conversations.c.identity)
        async with self._read() as connection:
            row = (await connection.execute(query.where(conversations.c.id == conversation_id))).first()
        return Origin(row.locale, row.page, row.identity) if row else None

    @_whole
    async def waiting(self) -> tuple[Conversation, ...]:
        """The queue: the most urgent first, then the longest waiting; the deferred ones last."""
        query = (
            sa.select(*_STATE_COLUMNS)
            .where(conversations.c.state.in_([*_WAITING, State.DEFERRED.value]))
            .order_by(
                sa.case((conversations.c.state == "deferred", 1), else_=0),
                conversations.c.priority,
                conversations.c.queued_at,
                conversations.c.id,
            )
            .limit(_QUEUE_LISTED)
        )
        return await self._conversations(query)

    @_whole
    async def place(self, conversation: Conversation) -> int:
        """The conversation's place in the queue, counted from 1."""
        c, mine = conversations.c, conversation
        earlier = (c.queued_at < mine.queued_at) | ((c.queued_at == mine.queued_at) & (c.id < mine.id))
        ahead = (c.priority < mine.priority) | ((c.priority == mine.priority) & earlier)
        query = sa.select(sa.func.count()).where(c.state.in_(_WAITING), ahead)
        async with self._read() as connection:
            return int((await connection.execute(query)).scalar_one()) + 1

    @_whole
    async def asked(self, conversation_id: str, limit: int) -> list[str]:
        """The customer's last few messages, the newest last."""
        query = (
            sa.select(messages.c.text)
            .where(messages.c.conversation_id == conversation_id, messages.c.sender == "customer")
            .order_by(messages.c.seq.desc())
            .limit(limit)
        )
        async with self._read() as connection:
            return list(reversed((await connection.execute(query)).scalars().all()))

    @_whole
    async def mine(self, agent_id: str) -> tuple[Conversation, ...]:
        """The conversations that the agent owns, the newest activity first."""
        owned = (conversations.c.state == "agent") & (conversations.c.agent_id == agent_id)
        query = sa.select(*_STATE_COLUMNS).where(owned).order_by(conversations.c.updated_at.desc())
        return await self._conversations(query)

    @_whole
    async def recent(self, *, resolved: bool) -> tuple[Conversation, ...]:
        """The newest conversations in which somebody wrote, resolved or not."""
        state = conversations.c.state
        chosen = state == "resolved" if resolved else state != "resolved"
        query = (
            sa.select(*_STATE_COLUMNS)
            .where(chosen, conversations.c.seq > 0)
            .order_by(conversations.c.updated_at.desc())
            .limit(_LISTED)
        )
        return await self._conversations(query)

    @_whole
    async def owned_counts(self) -> dict[str, int]:
        """How many conversations each agent owns."""
        query = (
            sa.select(conversations.c.agent_id, sa.func.count())
            .where(conversations.c.state == "agent", conversations.c.agent_id.is_not(None))
            .group_by(conversations.c.agent_id)
        )
        async with self._read() as connection:
            return {row[0]: row[1] for row in (await connection.execute(query)).all()}

    @_whole
    async def unanswered(self) -> list[tuple[str, int, Message]]:
        """Conversation id, epoch and message of all that the bot still owes an answer to, in order."""
        query = (
            sa.select(conversations.c.id.label("conversation"), conversations.c.epoch, *_MESSAGE_COLUMNS)
            .join(messages, messages.c.conversation_id == conversations.c.id)
            .where(
                conversations.c.state == "bot",
                messages.c.sender == "customer",
                messages.c.seq > conversations.c.answered_seq,
            )
            .order_by(conversations.c.updated_at, conversations.c.id, messages.c.seq)
        )
        async with self._read() as connection:
            rows = (await connection.execute(query)).all()
        return [(row.conversation, row.epoch, _stored(row).message) for row in rows]

    @_whole
    async def offered_buttons(self, conversation_id: str) -> list[Mapping[str, str]]:
        """Every button that the bot offered in the conversation, the newest message first."""
        query = (
            sa.select(messages.c.buttons)
            .where(
                messages.c.conversation_id == conversation_id,
                messages.c.sender == "bot",
                messages.c.buttons.is_not(None),
            )
            .order_by(messages.c.seq.desc())
        )
        async with self._read() as connection:
            rows = (await connection.execute(query)).scalars().all()
        return [button for buttons in rows for button in buttons]

    @_whole
    async def read_by_agent(self, conversation_id: str, agent_id: str) -> None:
        """The owner has seen everything."""
        owned = (conversations.c.id == conversation_id) & (conversations.c.agent_id == agent_id)
        query = sa.update(conversations).where(owned, conversations.c.unread > 0).values(unread=0)
        async with self._write() as connection:
            await connection.execute(query)

    @_whole
    async def record(
        self, conversation_id: str, at: int, kind: str, epoch: int, detail: Mapping[str, Any]
    ) -> None:
        """Keep that something happened to a conversation; one that was erased meanwhile is left alone."""
        with suppress(IntegrityError):
            async with self._write() as connection:
                await self._note(connection, conversation_id, at, kind, epoch, detail)

    @_whole
    async def recorded(self, conversation_id: str) -> list[dict[str, Any]]:
        """What happened to a conversation, oldest first."""
        query = sa.select(events.c.at, events.c.kind, events.c.epoch, events.c.detail)
        query = query.where(events.c.conversation_id == conversation_id).order_by(events.c.id)
        async with self._read() as connection:
            return [dict(row._mapping) for row in (await connection.execute(query)).all()]

    @_whole
    async def rate(self, conversation_id: str, seq: int, value: str, at: int) -> bool:
        """Keep the customer's opinion of a bot or agent message, the newest one; False if there is none."""
        rated = sa.select(messages.c.sender).where(
            messages.c.conversation_id == conversation_id, messages.c.seq == seq
        )
        async with self._write() as connection:
            if (await connection.execute(rated)).scalar() not in ("bot", "agent"):
                return False
            row = {"conversation_id": conversation_id, "seq": seq, "value": value, "at": at}
            await self._upsert(connection, feedback, row, {"value": value, "at": at})
        return True

    @_whole
    async def ratings(self, conversation_id: str) -> list[dict[str, Any]]:
        """The customer's opinions."""
        query = sa.select(feedback.c.seq, feedback.c.value, feedback.c.at)
        query = query.where(feedback.c.conversation_id == conversation_id).order_by(feedback.c.seq)
        async with self._read() as connection:
            return [dict(row._mapping) for row in (await connection.execute(query)).all()]

    @_whole
    async def erase(self, conversation_id: str) -> bool:
        """Delete everything of a conversation but the counts; False when there is no such conversation."""
        sent = (
            sa.select(messages.c.sender, sa.func.count())
            .where(messages.c.conversation_id == conversation_id)
            .group_by(messages.c.sender)
        )
        async with self._write() as connection:
            counts = {f"messages_{row[0]}": row[1] for row in (await connection.execute(sent)).all()}
            gone = await connection.execute(
                sa.delete(conversations).where(conversations.c.id == conversation_id)
            )
            if gone.rowcount != 1:
                return False
            for name, value in {"conversations": 1, **counts}.items():
                more = {"value": tallies.c.value + value}
                await self._upsert(connection, tallies, {"name": name, "value": value}, more)
        return True

    @_whole
    async def erased(self) -> dict[str, int]:
        """How much was erased, in numbers."""
        async with self._read() as connection:
            return {row.name: row.value for row in (await connection.execute(sa.select(tallies))).all()}

    # Agents

    @_whole
    async def add_agent(self, agent: Agent, password_hash: str, at: int) -> bool:
        """Store an agent; False when somebody has that e-mail address already."""
        values = {**agent.__dict__, "password_hash": password_hash, "created_at": at}
        try:
            async with self._write() as connection:
                await connection.execute(sa.insert(agents).values(**values))
        except IntegrityError:
            return False
        return True

    @_whole
    async def agents(self) -> tuple[Agent, ...]:
        """Everybody who may sign in."""
        async with self._read() as connection:
            return tuple(_agent(row) for row in (await connection.execute(sa.select(agents))).all())

    @_whole
    async def agent_by_email(self, email: str) -> tuple[Agent, str] | None:
        """The agent with that address, and the hash of the password."""
        async with self._read() as connection:
            row = (await connection.execute(sa.select(agents).where(agents.c.email == email))).first()
        return (_agent(row), row.password_hash) if row else None

    @_whole
    async def add_session(self, token_hash: str, agent_id: str, now: int, expires_at: int) -> None:
        """Store a session, and drop those that have expired."""
        values = {"token_hash": token_hash, "agent_id": agent_id, "expires_at": expires_at}
        async with self._write() as connection:
            await connection.execute(sa.delete(sessions).where(sessions.c.expires_at <= now))
            await connection.execute(sa.insert(sessions).values(**values))

    @_whole
    async def session(self, token_hash: str, now: int) -> Agent | None:
        """Whose session it is, or None when there is none or it has expired."""
        query = sa.select(agents).join(sessions, sessions.c.agent_id == agents.c.id)
        query = query.where(sessions.c.token_hash == token_hash, sessions.c.expires_at > now)
        async with self._read() as connection:
            row = (await connection.execute(query)).first()
        return _agent(row) if row else None

    @_whole
    async def drop_session(self, token_hash: str) -> None:
        """End a session."""
        async with self._write() as connection:
            await connection.execute(sa.delete(sessions).where(sessions.c.token_hash == token_hash))

    # Transactions

    async def _conversations(self, query: sa.sql.Select) -> tuple[Conversation, ...]:
        async with self._read() as connection:
            return tuple(_conversation(row) for row in (await connection.execute(query)).all())

    async def _note(
        self,
        connection: Any,
        conversation_id: str,
        at: int,
        kind: str,
        epoch: int,
        detail: Mapping[str, Any],
    ) -> None:
        values = {
            "conversation_id": conversation_id,
            "at": at,
            "kind": kind,
            "epoch": epoch,
            "detail": detail,
        }
        await connection.execute(sa.insert(events).values(**values))

    async def _upsert(
        self, connection: Any, table: sa.Table, row: Mapping[str, Any], changes: Mapping[str, Any]
    ) -> None:
        query = self._backend.insert(table).values(**row)
        await connection.execute(
            query.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes)
        )

    def _read(self) -> AbstractAsyncContextManager[Any]:
        return self._backend.connect(write=False)

    def _write(self) -> AbstractAsyncContextManager[Any]:
        return self._backend.connect(write=True)


def migrate(connection: Connection) -> None:
    """Bring the schema up to date within the connection's transaction."""
    if connection.dialect.name == "postgresql":
        # Of several desks that start at once, one migrates and the others wait for it.
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(7391824650)"))
    config = Config()
    config.set_main_option("script_location", "steward.desk:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _backend(url: str) -> _Database:
    try:
        address = make_url(url)
        dialect = address.get_backend_name()
    except ArgumentError as error:
        raise ConfigurationError(f"DATABASE_URL is not a database address: {error}") from None
    if dialect == "postgresql":
        return _Postgres(address.set(drivername="postgresql+asyncpg"))
    if dialect == "sqlite":
        return _Sqlite(address)
    raise ConfigurationError(
        f"DATABASE_URL must begin with sqlite:// or postgresql://, not with {dialect}://."
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Write-ahead logging; with it NORMAL survives a crash of the process and never corrupts the file."""
    connection.isolation_level = None
    cursor = connection.cursor()
    _use_wal(cursor)
    for pragma in (
        "synchronous=NORMAL",
        f"busy_timeout={_BUSY_MILLISECONDS}",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Wait here for another desk that does the same to the same file: SQLite refuses at once instead."""
    deadline = time.monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: one that began by reading could not wait for it later."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _state_values(conversation: Conversation) -> dict[str, Any]:
    values = dict(conversation.__dict__)
    values["state"] = conversation.state.value
    values["skus"] = list(conversation.skus)
    return values


def _conversation(row: Row) -> Conversation:
    values = dict(row._mapping)
    values["state"] = State(values["state"])
    values["skus"] = tuple(values["skus"])
    return Conversation(**values)


def _message_values(conversation_id: str, item: StoredMessage) -> dict[str, Any]:
    draft = item.message.draft
    return {
        "conversation_id": conversation_id,
        "seq": item.message.seq,
        "id": item.id,
        "at": item.message.at,
        "sender": draft.sender,
        "text": draft.text,
        "buttons": [dict(button) for button in draft.buttons] or None,
        "image": draft.image,
        "meta": draft.meta,
        "reply_to": draft.reply_to,
        "author_id": draft.author_id,
        "author": draft.author,
        "key": None,
        "digest": None,
    }


def _stored(row: Row) -> StoredMessage:
    draft = Draft(
        sender=row.sender,
        text=row.text,
        buttons=tuple(row.buttons or ()),
        image=row.image,
        meta=row.meta,
        reply_to=row.reply_to,
        author_id=row.author_id,
        author=row.author,
    )
    return StoredMessage(row.id, Message(row.seq, row.at, draft))


def _agent(row: Row) -> Agent:
    return Agent(row.id, row.email, row.name, row.role)
