"""Where customers can be reached, the e-mails owed to them, and the links by which they come back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.row import Row

from steward.desk.conversation import Conversation
from steward.desk.store.conversations import STATE_COLUMNS, conversation_of, conversations, messages
from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Hash, Id, Time, conversation_column, metadata

contacts = sa.Table(
    "contacts",
    metadata,
    conversation_column(primary_key=True),
    sa.Column("name", sa.String(80)),
    sa.Column("email", sa.String(254)),
    sa.Column("phone", sa.String(40)),
    sa.Column("preferred_from", Time),
    sa.Column("preferred_until", Time),
    sa.Column("given_at", Time, nullable=False),
    sa.Column("told_seq", sa.Integer, nullable=False),
)
mails = sa.Table(
    "mails",
    metadata,
    sa.Column("id", Id, primary_key=True),
    conversation_column(nullable=False),
    sa.Column("address", sa.String(254), nullable=False),
    sa.Column("name", sa.String(80)),
    sa.Column("after_seq", sa.Integer, nullable=False),
    sa.Column("up_to_seq", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("made_at", Time, nullable=False),
    sa.Column("next_at", Time, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),
    sa.UniqueConstraint("conversation_id", "up_to_seq"),
    sa.Index(None, "state", "next_at"),
)
links = sa.Table(
    "links",
    metadata,
    sa.Column("token_hash", Hash, primary_key=True),
    conversation_column(nullable=False, index=True),
    sa.Column("expires_at", Time, nullable=False),
)
_LISTED = 500


class MailState(str, Enum):
    """What has become of an e-mail."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True)
class Contact:
    """Where a customer can be reached, and when they would like it. Times are milliseconds."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    preferred_from: int | None = None
    preferred_until: int | None = None


@dataclass(frozen=True)
class Due:
    """A conversation whose customer was promised to hear, and what became of the newest e-mail to them."""

    conversation: Conversation
    contact: Contact | None
    mail: MailState | None


@dataclass(frozen=True)
class Owed:
    """Answers that a customer with an e-mail address may not have read: seqs after `told`, up to `newest`."""

    conversation_id: str
    told: int
    newest: int
    newest_at: int


@dataclass(frozen=True)
class Mail:
    """One e-mail about the answers after a seq up to another; `tries` counts the one it was claimed for."""

    id: str
    conversation_id: str
    address: str
    name: str | None
    after_seq: int
    up_to_seq: int
    made_at: int
    tries: int


class Promises(Repository):
    """What was promised to customers, and the post to them."""

    async def give(self, connection: Any, conversation_id: str, contact: Contact, at: int) -> None:
        """Keep, within a transaction, where the customer can be reached.

        What was answered until now they have read here.
        """
        told = sa.select(conversations.c.seq).where(conversations.c.id == conversation_id)
        seq = (await connection.execute(told)).scalar_one()
        values = {**contact.__dict__, "given_at": at, "told_seq": seq}
        row = {"conversation_id": conversation_id, **values}
        await self.database.upsert(connection, contacts, row, values)

    @whole
    async def contact(self, conversation_id: str) -> Contact | None:
        """Where the customer can be reached, if they said so."""
        query = sa.select(contacts).where(contacts.c.conversation_id == conversation_id)
        async with self._read() as connection:
            row = (await connection.execute(query)).first()
        return _contact(row) if row else None

    @whole
    async def due(self) -> tuple[Due, ...]:
        """Every promise that is not kept yet, the earliest due first."""
        query = (
            sa.select(*STATE_COLUMNS)
            .where(conversations.c.due_at.is_not(None))
            .order_by(conversations.c.due_at, conversations.c.id)
            .limit(_LISTED)
        )
        async with self._read() as connection:
            found = [conversation_of(row) for row in (await connection.execute(query)).all()]
            ids = [one.id for one in found]
            known = sa.select(contacts).where(contacts.c.conversation_id.in_(ids))
            by_id = {row.conversation_id: _contact(row) for row in (await connection.execute(known)).all()}
            posted = sa.select(mails.c.conversation_id, mails.c.state).where(mails.c.conversation_id.in_(ids))
            rows = (await connection.execute(posted.order_by(mails.c.up_to_seq))).all()
        states = {row.conversation_id: MailState(row.state) for row in rows}
        return tuple(Due(one, by_id.get(one.id), states.get(one.id)) for one in found)

    # E-mails

    @whole
    async def owed(self, before: int) -> tuple[Owed, ...]:
        """Whom agents have answered, `before` that time at the latest, beyond what the customer was told."""
        unread = (
            (messages.c.conversation_id == contacts.c.conversation_id)
            & (messages.c.sender == "agent")
            & (messages.c.seq > contacts.c.told_seq)
        )
        query = (
            sa.select(
                contacts.c.conversation_id,
                contacts.c.told_seq,
                sa.func.max(messages.c.seq).label("newest"),
                sa.func.max(messages.c.at).label("newest_at"),
            )
            .join(messages, unread)
            .where(contacts.c.email.is_not(None))
            .group_by(contacts.c.conversation_id, contacts.c.told_seq)
            .having(sa.func.max(messages.c.at) <= before)
        )
        async with self._read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(Owed(row.conversation_id, row.told_seq, row.newest, row.newest_at) for row in rows)

    @whole
    async def told(self, owed: Owed) -> bool:
        """The customer has read the answers by themselves; False when somebody else has dealt with it."""
        async with self._write() as connection:
            return await self._settle(connection, owed)

    @whole
    async def post(self, owed: Owed, mail_id: str, at: int) -> bool:
        """Put an e-mail about the answers into the outbox; False when somebody else has dealt with it."""
        query = sa.select(contacts).where(contacts.c.conversation_id == owed.conversation_id)
        async with self._write() as connection:
            row = (await connection.execute(query)).first()
            if row is None or row.email is None or not await self._settle(connection, owed):
                return False
            values = {
                "id": mail_id,
                "conversation_id": owed.conversation_id,
                "address": row.email,
                "name": row.name,
                "after_seq": owed.told,
                "up_to_seq": owed.newest,
                "state": MailState.WAITING.value,
                "made_at": at,
                "next_at": at,
                "tries": 0,
            }
            await connection.execute(sa.insert(mails).values(**values))
        return True

    async def _settle(self, connection: Any, owed: Owed) -> bool:
        known = (contacts.c.conversation_id == owed.conversation_id) & (contacts.c.told_seq == owed.told)
        done = await connection.execute(sa.update(contacts).where(known).values(told_seq=owed.newest))
        return bool(done.rowcount == 1)

    @whole
    async def claim(self, now: int, until: int) -> Mail | None:
        """The next e-mail to try, which nobody else tries before `until`; None when there is none."""
        waiting = (mails.c.state == MailState.WAITING.value) & (mails.c.next_at <= now)
        query = sa.select(mails).where(waiting).order_by(mails.c.next_at, mails.c.id).limit(1)
        async with self._write() as connection:
            row = (await connection.execute(query.with_for_update(skip_locked=True))).first()
            if row is None:
                return None
            mine = sa.update(mails).where(mails.c.id == row.id)
            await connection.execute(mine.values(next_at=until, tries=row.tries + 1))
        return Mail(
            row.id,
            row.conversation_id,
            row.address,
            row.name,
            row.after_seq,
            row.up_to_seq,
            row.made_at,
            row.tries + 1,
        )

    @whole
    async def sent(self, mail_id: str) -> None:
        """The mail server has taken it."""
        await self._mark(mail_id, state=MailState.SENT.value, error=None)

    @whole
    async def try_again(self, mail_id: str, error: str, at: int) -> None:
        """It could not be sent now."""
        await self._mark(mail_id, error=error, next_at=at)

    @whole
    async def give_up(self, mail_id: str, error: str) -> None:
        """It cannot be sent at all."""
        await self._mark(mail_id, state=MailState.FAILED.value, error=error)

    async def _mark(self, mail_id: str, **values: object) -> None:
        async with self._write() as connection:
            await connection.execute(sa.update(mails).where(mails.c.id == mail_id).values(**values))

    @whole
    async def posted(self, conversation_id: str) -> tuple[tuple[MailState, str | None], ...]:
        """What has become of each e-mail about a conversation, oldest first, and what went wrong last."""
        query = sa.select(mails.c.state, mails.c.error).where(mails.c.conversation_id == conversation_id)
        async with self._read() as connection:
            rows = (await connection.execute(query.order_by(mails.c.up_to_seq))).all()
        return tuple((MailState(row.state), row.error) for row in rows)

    # The way back

    @whole
    async def add_link(self, conversation_id: str, token_hash: str, now: int, expires_at: int) -> None:
        """Let the token open the conversation until it expires; forget those that have."""
        values = {"token_hash": token_hash, "conversation_id": conversation_id, "expires_at": expires_at}
        async with self._write() as connection:
            await connection.execute(sa.delete(links).where(links.c.expires_at <= now))
            await connection.execute(sa.insert(links).values(**values))

    @whole
    async def opens(self, conversation_id: str, token_hash: str, now: int) -> bool:
        """Whether the token opens the conversation."""
        valid = (links.c.token_hash == token_hash) & (links.c.conversation_id == conversation_id)
        query = sa.select(links.c.token_hash).where(valid, links.c.expires_at > now)
        async with self._read() as connection:
            return (await connection.execute(query)).first() is not None


def _contact(row: Row) -> Contact:
    return Contact(**{name: row[name] for name in Contact.__dataclass_fields__})
