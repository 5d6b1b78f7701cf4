"""Conversations and their messages.

Every change goes through `apply`, which locks the conversation, lets the state machine decide, and writes
the outcome under the condition that state, epoch and seq are still those it decided on.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.row import Row
from sqlalchemy.exc import IntegrityError

from steward.desk.conversation import Conversation, Draft, Message, Outcome, State
from steward.desk.store.database import Database, Repository, whole
from steward.desk.store.events import note
from steward.desk.store.files import send_files
from steward.desk.store.index import index_messages
from steward.desk.store.outbox import NewEvent, add, forget
from steward.desk.store.presence import worked
from steward.desk.store.schema import Hash, Id, Json, Time, conversation_column, metadata
from steward.errors import ConversationError

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("token_hash", Hash, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("customer_seq", sa.Integer, nullable=False),
    sa.Column("answered_seq", sa.Integer, nullable=False),
    sa.Column("agent_id", Id, sa.ForeignKey("agents.id", ondelete="SET NULL")),
    sa.Column("last_agent_id", Id, sa.ForeignKey("agents.id", ondelete="SET NULL")),
    sa.Column("reason", sa.String(40)),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("evidence", Json),
    sa.Column("topic", sa.String(80)),
    sa.Column("skus", Json, nullable=False),
    sa.Column("confidence", sa.Float),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("preview", sa.Text, nullable=False),
    sa.Column("unread", sa.Integer, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("updated_at", Time, nullable=False),
    sa.Column("queued_at", Time),
    sa.Column("resolved_at", Time),
    sa.Column("skill", sa.String(80)),
    sa.Column("wanted_agent_id", Id),
    sa.Column("offer_until", Time),
    sa.Column("declined", Json, nullable=False, server_default="{}"),
    sa.Column("held", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("resolution", sa.String(40)),
    sa.Column("previous_id", Id, index=True),
    sa.Column("handed_at", Time),
    sa.Column("first_answer_at", Time),
    sa.Column("released_by", Id),
    sa.Column("released_seq", sa.Integer),
    sa.Column("released_skill", sa.String(80)),
    sa.Column("due_at", Time, index=True),
    sa.Column("locale", sa.String(40)),
    sa.Column("page", sa.Text),
    sa.Column("identity", Json),
    sa.Column("customer_read_seq", sa.Integer, nullable=False, server_default="0"),
    sa.Column("agent_read_seq", sa.Integer, nullable=False, server_default="0"),
    sa.Index(None, "state", "priority", "queued_at"),
    sa.Index(None, "agent_id"),
    sa.Index(None, "updated_at"),
)
messages = sa.Table(
    "messages",
    metadata,
    conversation_column(primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", Id, nullable=False),
    sa.Column("at", Time, nullable=False),
    sa.Column("sender", sa.String(10), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("buttons", Json),
    sa.Column("image", sa.Text),
    sa.Column("meta", Json),
    sa.Column("reply_to", sa.Integer),
    sa.Column("author_id", Id),
    sa.Column("author", sa.String(200)),
    sa.Column("key", sa.String(200)),
    sa.Column("digest", Hash),
    sa.Column("attachments", Json),
    sa.UniqueConstraint("conversation_id", "sender", "key"),
)
tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

STATE_COLUMNS = tuple(conversations.c[name] for name in Conversation.__dataclass_fields__)
_MESSAGE_COLUMNS = tuple(
    column for column in messages.c if column.name not in ("conversation_id", "key", "digest")
)

# The statements that most requests need, made once: to build one costs more than to run it.
_THE_CONVERSATION = conversations.c.id == sa.bindparam("conversation_id")
_ITS_MESSAGES = messages.c.conversation_id == sa.bindparam("conversation_id")
_READ = sa.select(*STATE_COLUMNS).where(_THE_CONVERSATION)
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


Work = Callable[[Any], Awaitable[None]]
"""Something to store with an outcome, given the transaction's connection."""


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
class Claim:
    """An agent who gets a conversation must have room for it: `capacity`, or as much as they like."""

    agent_id: str
    name: str
    capacity: int | None


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


EventsOf = Callable[[Committed], Sequence[NewEvent]]
"""What other systems are told of an outcome."""


class Conversations(Repository):
    """The conversations with their messages. What `events_of` makes of an outcome is stored with it."""

    def __init__(self, database: Database, events_of: EventsOf | None = None) -> None:
        super().__init__(database)
        self._events_of = events_of

    @whole
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

    @whole
    async def token_hash(self, conversation_id: str) -> str | None:
        """The hash of the customer's token, or None when there is no such conversation."""
        query = sa.select(conversations.c.token_hash).where(conversations.c.id == conversation_id)
        async with self._read() as connection:
            return (await connection.execute(query)).scalar()

    @whole
    async def apply(
        self,
        conversation_id: str,
        decide: Callable[[Conversation], Outcome],
        *,
        key: str | None = None,
        digest: str | None = None,
        claim: Claim | None = None,
        also: Sequence[Work] = (),
    ) -> Committed:
        """Let `decide` answer the locked conversation and store the outcome, all or nothing.

        `key` and `digest` belong to the first message; what is in `also` gets the connection and is done in
        the same transaction. Raises what `decide` raises, KeyUsed when the key was used before, and
        ConversationError `not_found`, `stale`, or `full` when the claim's agent has no room.
        """
        async with self._write() as connection:
            outcome = decide(await _the(connection, _LOCK, conversation_id))
            stored = tuple(StoredMessage(secrets.token_urlsafe(16), message) for message in outcome.messages)
            if outcome.changed:
                await self._save(connection, outcome)
                await self._hold_to(connection, outcome, claim)
            await self._add(connection, conversation_id, stored, key, digest)
            for work in also:
                await work(connection)
            committed = Committed(outcome, stored)
            if outcome.changed and self._events_of:
                await add(connection, self._events_of(committed))
        return committed

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
        for kind, detail in _what_happened(outcome):
            await note(connection, after.id, after.updated_at, kind, after.epoch, detail)

    async def _hold_to(self, connection: Any, outcome: Outcome, claim: Claim | None) -> None:
        """Count the work of the agent who got the conversation or let it go."""
        before, after = outcome.before, outcome.after
        if before.agent_id == after.agent_id:
            return
        left = before.agent_id if before.state is State.AGENT else None
        for agent_id in filter(None, (left, after.agent_id)):
            await worked(self.database, connection, agent_id, after.updated_at)
        if claim is None or claim.capacity is None or after.agent_id != claim.agent_id:
            return
        mine = conversations.c.state.in_(["agent", "offered"]) & (conversations.c.agent_id == claim.agent_id)
        query = sa.select(sa.func.count()).select_from(conversations).where(mine)
        if (await connection.execute(query)).scalar_one() > claim.capacity:
            message = f"{claim.name} has {claim.capacity} conversations already, which is as many as allowed."
            raise ConversationError("full", message)

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
        await index_messages(connection, conversation_id, [item.message for item in stored])
        for item in stored:
            draft = item.message.draft
            if draft.attachments:
                uploader = draft.author_id or draft.sender
                ids = [str(one["id"]) for one in draft.attachments]
                await send_files(connection, conversation_id, item.message.seq, uploader, ids)

    @whole
    async def sent(self, conversation_id: str, sender: str, key: str) -> Sent | None:
        """The message that the sender sent with this key."""
        query = sa.select(messages.c.seq, messages.c.digest).where(
            messages.c.conversation_id == conversation_id, messages.c.sender == sender, messages.c.key == key
        )
        async with self._read() as connection:
            row = (await connection.execute(query)).first()
        return Sent(row.seq, row.digest) if row else None

    @whole
    async def get(self, conversation_id: str) -> Conversation:
        """The conversation without its messages; raises ConversationError `not_found`."""
        async with self._read() as connection:
            return await _the(connection, _READ, conversation_id)

    @whole
    async def snapshot(
        self, conversation_id: str, after: int = 0
    ) -> tuple[Conversation, tuple[StoredMessage, ...]]:
        """The conversation and its messages with a seq greater than `after`, as of one moment.

        Raises ConversationError `not_found`, or `invalid` for a seq that is not there yet.
        """
        chosen = {"conversation_id": conversation_id, "after": after}
        async with self._read() as connection:
            conversation = await _the(connection, _READ, conversation_id)
            rows = (await connection.execute(_NEWER, chosen)).all()
        if after > conversation.seq:
            message = f"after is {after}, but the newest message has the seq {conversation.seq}."
            raise ConversationError("invalid", message, status=400, field="after")
        # A message stored between the two reads belongs to the next snapshot.
        stored = (_stored(row) for row in rows)
        return conversation, tuple(item for item in stored if item.message.seq <= conversation.seq)

    @whole
    async def origin(self, conversation_id: str) -> Origin | None:
        """Where the conversation came from."""
        query = sa.select(conversations.c.locale, conversations.c.page, conversations.c.identity)
        async with self._read() as connection:
            row = (await connection.execute(query.where(conversations.c.id == conversation_id))).first()
        return Origin(row.locale, row.page, row.identity) if row else None

    @whole
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

    @whole
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

    @whole
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

    @whole
    async def read_by_agent(self, conversation_id: str, agent_id: str) -> None:
        """The owner has seen everything."""
        owned = (conversations.c.id == conversation_id) & (conversations.c.agent_id == agent_id)
        query = sa.update(conversations).where(owned, conversations.c.unread > 0).values(unread=0)
        async with self._write() as connection:
            await connection.execute(query)

    @whole
    async def erase(self, conversation_id: str, told: Sequence[NewEvent] = ()) -> bool:
        """Delete everything of a conversation but the counts; False when there is no such conversation.

        Other systems are `told` that it is gone, and nothing else of it any more.
        """
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
            await forget(connection, conversation_id)
            await add(connection, told)
            later = sa.update(conversations).where(conversations.c.previous_id == conversation_id)
            await connection.execute(later.values(previous_id=None))
            for name, value in {"conversations": 1, **counts}.items():
                more = {"value": tallies.c.value + value}
                await self.database.upsert(connection, tallies, {"name": name, "value": value}, more)
        return True

    @whole
    async def erased(self) -> dict[str, int]:
        """How much was erased, in numbers."""
        async with self._read() as connection:
            return {row.name: row.value for row in (await connection.execute(sa.select(tallies))).all()}


def _what_happened(outcome: Outcome) -> list[tuple[str, dict[str, Any]]]:
    """What is worth keeping of an outcome: a new owner, a move within the queue, a first answer."""
    before, after = outcome.before, outcome.after
    happened = []
    if before.state is not after.state or outcome.owner_changed:
        waited = before.queued_at is not None and after.queued_at is None
        detail = {
            "from": before.state.value,
            "to": after.state.value,
            "agent": after.agent_id or before.agent_id,
            "reason": after.reason,
            "skill": after.skill,
            "waited": after.updated_at - (before.queued_at or 0) if waited else None,
        }
        happened.append(("owner" if outcome.owner_changed else "queue", detail))
    if before.first_answer_at is None and after.first_answer_at is not None and after.handed_at is not None:
        took = after.first_answer_at - after.handed_at
        happened.append(("first_answer", {"agent": after.agent_id, "took": took}))
    return happened


def _state_values(conversation: Conversation) -> dict[str, Any]:
    values = dict(conversation.__dict__)
    values["state"] = conversation.state.value
    values["skus"] = list(conversation.skus)
    values["declined"] = dict(conversation.declined)
    return values


async def _the(connection: Any, query: sa.Select[Any], conversation_id: str) -> Conversation:
    row = (await connection.execute(query, {"conversation_id": conversation_id})).first()
    if row is None:
        raise ConversationError("not_found", "There is no such conversation.", status=404)
    return conversation_of(row)


def conversation_of(row: Row) -> Conversation:
    """The conversation that a row of STATE_COLUMNS holds."""
    values = dict(row._mapping)
    values["state"] = State(values["state"])
    values["skus"] = tuple(values["skus"])
    return Conversation(**values)


async def by_ids(connection: Any, ids: Collection[str]) -> dict[str, Conversation]:
    """Those of these conversations that there are."""
    query = sa.select(*STATE_COLUMNS).where(conversations.c.id.in_(sorted(ids)))
    found = [conversation_of(row) for row in (await connection.execute(query)).all()] if ids else []
    return {conversation.id: conversation for conversation in found}


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
        "attachments": [dict(one) for one in draft.attachments] or None,
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
        attachments=tuple(row.attachments or ()),
    )
    return StoredMessage(row.id, Message(row.seq, row.at, draft))
