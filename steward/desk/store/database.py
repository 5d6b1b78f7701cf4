"""The database behind every repository: SQLite or PostgreSQL, and what a transaction is on each."""

from __future__ import annotations

import asyncio
import functools
import sqlite3
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import msgspec
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import QueuePool

from steward.desk.tasks import Tasks
from steward.errors import ConfigurationError, StewardError

_BUSY_MILLISECONDS = 10_000

_CODEC: dict[str, Any] = {
    "json_serializer": lambda value: msgspec.json.encode(value).decode(),
    "json_deserializer": msgspec.json.decode,
}

P = ParamSpec("P")
T = TypeVar("T")


class StoreUnavailable(StewardError):
    """The database does not answer or refuses; what was asked for was not done."""


class Repository:
    """The statements about one noun. Every public method is one transaction; it may wait for nothing else."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def _read(self) -> AbstractAsyncContextManager[Any]:
        return self.database.read()

    def _write(self) -> AbstractAsyncContextManager[Any]:
        return self.database.write()


R = TypeVar("R", bound=Repository)


def whole(
    method: Callable[Concatenate[R, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[R, P], Coroutine[Any, Any, T]]:
    """Never cut a repository's transaction short when the caller is cancelled; name the driver's errors."""

    async def guarded(repository: R, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(repository, *args, **kwargs)
        except (OSError, SQLAlchemyError) as error:
            raise StoreUnavailable(f"The database cannot be used: {type(error).__name__}.") from error

    async def shielded(self: R, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.database.run(guarded(self, *args, **kwargs))

    functools.update_wrapper(shielded, method)
    return shielded


@dataclass(frozen=True)
class Condition:
    """Of which schema a database is (None when it is empty), and what is damaged in it."""

    revision: str | None
    known: bool
    newest: bool
    faults: tuple[str, ...]


class Database:
    """One database by its address. `open` brings its schema up to date."""

    def __init__(self, url: str) -> None:
        self._backend = _backend(url)

    async def open(self) -> None:
        """Migrate to the newest schema; raises ConfigurationError when the database does not answer."""
        await self.run(self._open())

    async def _open(self) -> None:
        try:
            async with self.write() as connection:
                await connection.run_sync(migrate)
        except (OSError, SQLAlchemyError) as error:
            where = self._backend.address
            raise ConfigurationError(
                f"The database {where} cannot be used ({error}); check DATABASE_URL."
            ) from error

    async def close(self) -> None:
        """Finish what runs and let go of the connections."""
        await self._backend.close()

    async def answers(self) -> bool:
        """Whether the database answers now."""
        return await self.run(self._answers())

    async def _answers(self) -> bool:
        try:
            async with self.read() as connection:
                await connection.execute(sa.select(1))
        except (OSError, SQLAlchemyError):
            return False
        return True

    async def condition(self) -> Condition:
        """How the database is; closes it. Raises StoreUnavailable when it cannot be asked."""
        try:
            return await self.run(self._condition())
        except (OSError, SQLAlchemyError) as error:
            raise StoreUnavailable(f"The database cannot be used ({error}); check DATABASE_URL.") from error
        finally:
            await self.close()

    async def _condition(self) -> Condition:
        async with self.read() as connection:
            return await connection.run_sync(_condition_of)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a transaction where it belongs, to the end even if the caller is cancelled."""
        return await self._backend.run(work)

    @property
    def dialect(self) -> str:
        """Which kind of database it is: `sqlite` or `postgresql`."""
        return self._backend.dialect

    def read(self) -> AbstractAsyncContextManager[Any]:
        """A connection that only reads."""
        return self._backend.connect(write=False)

    def write(self) -> AbstractAsyncContextManager[Any]:
        """A connection in a transaction: committed at the end, undone by an error."""
        return self._backend.connect(write=True)

    async def upsert(
        self, connection: Any, table: sa.Table, row: Mapping[str, Any], changes: Mapping[str, Any]
    ) -> None:
        """Insert the row, or make the changes to the one with its primary key."""
        query = self._backend.insert(table).values(**row)
        await connection.execute(
            query.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes)
        )


class _Backend(Protocol):
    """How the store's transactions reach one kind of database."""

    dialect: str
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

    dialect = "postgresql"
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

    dialect = "sqlite"
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


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the schema up to a revision, the newest one by default, within the connection's transaction."""
    if connection.dialect.name == "postgresql":
        # Of several desks that start at once, one migrates and the others wait for it.
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(7391824650)"))
    config = Config()
    config.set_main_option("script_location", "steward.desk:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _condition_of(connection: Connection) -> Condition:
    config = Config()
    config.set_main_option("script_location", "steward.desk:migrations")
    scripts = ScriptDirectory.from_config(config)
    revision = MigrationContext.configure(connection).get_current_revision()
    faults: tuple[str, ...] = ()
    if connection.dialect.name == "sqlite":
        found = [str(row[0]) for row in connection.execute(sa.text("PRAGMA quick_check(3)"))]
        faults = tuple(found) if found != ["ok"] else ()
    known = {script.revision for script in scripts.walk_revisions()}
    return Condition(revision, revision in known, revision == scripts.get_current_head(), faults)


def _backend(url: str) -> _Backend:
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
