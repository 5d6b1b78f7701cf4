"""What is known about files; their contents lie on disk. A file exists when it has a row here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.row import Row

from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Hash, Id, Time, conversation_column, metadata
from steward.errors import ConversationError

CUSTOMER = "customer"
"""The uploader of a customer's files; those of the desk have the agent's id."""

files = sa.Table(
    "files",
    metadata,
    sa.Column("id", Id, primary_key=True),
    conversation_column(nullable=False),
    sa.Column("uploader", Id, nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("type", sa.String(120), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("digest", Hash, nullable=False),
    sa.Column("at", Time, nullable=False),
    sa.Column("seq", sa.Integer),
    sa.Column("key", sa.String(200)),
    sa.UniqueConstraint("conversation_id", "uploader", "key"),
    sa.Index(None, "seq", "at"),
)
_CONVERSATIONS = sa.table("conversations", sa.column("id"))


@dataclass(frozen=True)
class StoredFile:
    """One file. `seq` is the message it was sent with, None as long as it was not."""

    id: str
    conversation_id: str
    uploader: str
    name: str
    type: str
    size: int
    digest: str
    at: int
    seq: int | None = None
    key: str | None = None


@dataclass(frozen=True)
class Quota:
    """What the files of one conversation may come to."""

    files: int
    size: int


class FileRows(Repository):
    """The files that there are."""

    @whole
    async def add(self, file: StoredFile, quota: Quota) -> StoredFile:
        """Store a file within the conversation's quota; what is stored now.

        The uploader's file with the same key and content stands for this one. Raises ConversationError
        `not_found`, `key_reused` or `too_many_files`.
        """
        mine = files.c.conversation_id == file.conversation_id
        async with self._write() as connection:
            await _lock_conversation(connection, file.conversation_id)
            if file.key is not None:
                same = mine & (files.c.uploader == file.uploader) & (files.c.key == file.key)
                first = (await connection.execute(sa.select(files).where(same))).first()
                if first is not None:
                    return _the_same(_file(first), file)
            used = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(files.c.size), 0)).where(mine)
            count, size = (await connection.execute(used)).one()
            if count >= quota.files or size + file.size > quota.size:
                message = "This conversation has taken all the files it can."
                raise ConversationError("too_many_files", message, status=413)
            await connection.execute(sa.insert(files).values(**file.__dict__))
        return file

    @whole
    async def by_id(self, file_id: str) -> StoredFile | None:
        """The file with this id."""
        async with self._read() as connection:
            row = (await connection.execute(sa.select(files).where(files.c.id == file_id))).first()
        return _file(row) if row else None

    @whole
    async def of(self, conversation_id: str) -> tuple[StoredFile, ...]:
        """A conversation's files, oldest first."""
        query = sa.select(files).where(files.c.conversation_id == conversation_id)
        async with self._read() as connection:
            rows = (await connection.execute(query.order_by(files.c.at, files.c.id))).all()
        return tuple(_file(row) for row in rows)

    @whole
    async def known(self, ids: Collection[str]) -> frozenset[str]:
        """Which of these ids are files."""
        async with self._read() as connection:
            query = sa.select(files.c.id).where(files.c.id.in_(sorted(ids)))
            return frozenset((await connection.execute(query)).scalars().all())

    @whole
    async def drop(self, file_id: str) -> bool:
        """Forget a file that was not sent; False when it was, or is not there."""
        unsent = (files.c.id == file_id) & files.c.seq.is_(None)
        async with self._write() as connection:
            return bool((await connection.execute(sa.delete(files).where(unsent))).rowcount)

    @whole
    async def drop_unsent(self, before: int) -> tuple[str, ...]:
        """Forget the files that came before a time and were never sent; their ids."""
        unsent = files.c.seq.is_(None) & (files.c.at < before)
        async with self._write() as connection:
            ids = (await connection.execute(sa.select(files.c.id).where(unsent))).scalars().all()
            still = files.c.id.in_(ids) & files.c.seq.is_(None)
            if ids:
                await connection.execute(sa.delete(files).where(still))
            kept = sa.select(files.c.id).where(files.c.id.in_(ids))
            left = set((await connection.execute(kept)).scalars().all()) if ids else set()
        return tuple(one for one in ids if one not in left)


async def send_files(
    connection: Any, conversation_id: str, seq: int, uploader: str, ids: Sequence[str]
) -> None:
    """Make files part of a message within the message's transaction; each is sent once."""
    mine = (
        (files.c.conversation_id == conversation_id)
        & (files.c.uploader == uploader)
        & files.c.seq.is_(None)
        & files.c.id.in_(list(ids))
    )
    sent = await connection.execute(sa.update(files).where(mine).values(seq=seq))
    if sent.rowcount != len(ids):
        message = "One of the files was sent already, or is no longer there; upload it again."
        raise ConversationError("file_gone", message, field="files")


async def _lock_conversation(connection: Any, conversation_id: str) -> None:
    """Uploads into one conversation are counted one after the other."""
    query = sa.select(_CONVERSATIONS.c.id).where(_CONVERSATIONS.c.id == conversation_id)
    if (await connection.execute(query.with_for_update())).first() is None:
        raise ConversationError("not_found", "There is no such conversation.", status=404)


def _the_same(first: StoredFile, file: StoredFile) -> StoredFile:
    if first.digest != file.digest:
        message = "This idempotency key was used for another file."
        raise ConversationError("key_reused", message, field="Idempotency-Key")
    return first


def _file(row: Row) -> StoredFile:
    return StoredFile(**row._mapping)
