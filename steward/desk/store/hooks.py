"""Webhooks and their deliveries.

A delivery is one event on its way to one webhook. It is claimed for a while (`leased_until`), so that several
desks share the work and the claim of one that died ends by itself. Of one conversation a webhook gets the
events in order: a delivery waits as long as an earlier one of the same conversation does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from steward.desk.accounts.audit import Entry
from steward.desk.store.audit import append
from steward.desk.store.database import Repository, whole
from steward.desk.store.outbox import Serial, StoredEvent, number, outbox
from steward.desk.store.schema import Id, Json, Time, metadata

hooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("events", Json, nullable=False),
    sa.Column("secret", sa.String(200), nullable=False),
    sa.Column("old_secret", sa.String(200)),
    sa.Column("old_secret_until", Time),
    sa.Column("settings", Json, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("created_at", Time, nullable=False),
    sa.Column("created_by", Id),
    sa.Column("failing_since", Time),
    sa.Column("delivered_at", Time),
    sa.Column("error", sa.String(300)),
)
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", Serial, primary_key=True),
    sa.Column("hook_id", Id, sa.ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    sa.Column("event", Serial, sa.ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("conversation_id", Id),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("since", Time, nullable=False),
    sa.Column("next_at", Time, nullable=False),
    sa.Column("leased_until", Time, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("error", sa.String(300)),
    sa.Column("took", sa.Integer),
    sa.Column("done_at", Time),
    sa.Index(None, "state", "next_at"),
    sa.Index("ix_deliveries_order", "hook_id", "conversation_id", "state"),
)

WAITING, DELIVERED, DEAD = "waiting", "delivered", "dead"
PING = "ping"
"""The type of an event that only tries whether a webhook works; its data names the webhook."""
_REPLAYED = 5000


@dataclass(frozen=True)
class Hook:
    """Where events go. Without `events` it gets all of them; `kind` says how they are sent."""

    id: str
    kind: str
    url: str
    name: str
    events: tuple[str, ...]
    secret: str
    settings: Mapping[str, Any]
    active: bool
    created_at: int
    created_by: str | None
    old_secret: str | None = None
    old_secret_until: int | None = None
    failing_since: int | None = None
    delivered_at: int | None = None
    error: str | None = None

    def wants(self, event: StoredEvent) -> bool:
        """Whether it gets the event; a ping is for one webhook alone."""
        if event.type == PING:
            return bool(event.data.get("webhook") == self.id)
        return not self.events or event.type in self.events


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one webhook; `since` is when the first try could begin.

    `again` says that a try before this one may have arrived.
    """

    id: int
    hook_id: str
    event: StoredEvent
    state: str
    attempts: int
    since: int
    next_at: int
    status: int | None
    error: str | None
    took: int | None
    done_at: int | None
    again: bool = False


@dataclass(frozen=True)
class Tried:
    """How one try ended: the HTTP status if there was one, what was wrong, the milliseconds that it took."""

    at: int
    ok: bool
    status: int | None
    error: str | None
    took: int


@dataclass(frozen=True)
class Standing:
    """How many deliveries of a webhook wait, and how many were given up."""

    waiting: int
    dead: int


_JOINED = sa.select(
    deliveries,
    outbox.c.event_id,
    outbox.c.seq,
    outbox.c.type,
    outbox.c.at,
    outbox.c.data,
).join(outbox, outbox.c.id == deliveries.c.event)

_earlier = deliveries.alias()
_BLOCKED = sa.exists().where(
    _earlier.c.hook_id == deliveries.c.hook_id,
    _earlier.c.conversation_id == deliveries.c.conversation_id,
    _earlier.c.state == WAITING,
    _earlier.c.id < deliveries.c.id,
)
"""Whether an earlier delivery of the same conversation to the same webhook still waits."""


class Hooks(Repository):
    """The webhooks, and what is on its way to them."""

    @whole
    async def add(self, hook: Hook, entry: Entry) -> None:
        """Store a webhook."""
        async with self._write() as connection:
            await connection.execute(sa.insert(hooks).values(**hook_values(hook)))
            await append(connection, entry)

    @whole
    async def all(self) -> tuple[Hook, ...]:
        """Every webhook, the oldest first."""
        query = sa.select(hooks).order_by(hooks.c.created_at, hooks.c.id)
        async with self._read() as connection:
            return tuple(_hook(row) for row in (await connection.execute(query)).all())

    @whole
    async def get(self, hook_id: str) -> Hook | None:
        """The webhook with that id."""
        async with self._read() as connection:
            row = (await connection.execute(sa.select(hooks).where(hooks.c.id == hook_id))).first()
        return _hook(row) if row else None

    @whole
    async def change(self, hook_id: str, changes: Mapping[str, Any], entry: Entry) -> Hook | None:
        """Change a webhook's own columns; None when there is no such webhook."""
        mine = hooks.c.id == hook_id
        async with self._write() as connection:
            done = await connection.execute(sa.update(hooks).where(mine).values(**changes))
            if done.rowcount != 1:
                return None
            await append(connection, entry)
            row = (await connection.execute(sa.select(hooks).where(mine))).first()
        return _hook(row)

    @whole
    async def drop(self, hook_id: str, entry: Entry) -> bool:
        """Delete a webhook with its deliveries; False when there is no such webhook."""
        async with self._write() as connection:
            gone = await connection.execute(sa.delete(hooks).where(hooks.c.id == hook_id))
            if gone.rowcount != 1:
                return False
            await append(connection, entry)
        return True

    @whole
    async def standings(self) -> dict[str, Standing]:
        """How each webhook stands that has deliveries which wait or were given up."""
        count = sa.func.count()
        query = (
            sa.select(deliveries.c.hook_id, deliveries.c.state, count)
            .where(deliveries.c.state != DELIVERED)
            .group_by(deliveries.c.hook_id, deliveries.c.state)
        )
        async with self._read() as connection:
            rows = (await connection.execute(query)).all()
        counts = {(row[0], row[1]): row[2] for row in rows}
        return {
            hook_id: Standing(counts.get((hook_id, WAITING), 0), counts.get((hook_id, DEAD), 0))
            for hook_id, _ in counts
        }

    # Deliveries

    @whole
    async def spread(self, now: int) -> int:
        """Number the next events and put each on its way to every active webhook that wants it; how many."""
        async with self._write() as connection:
            events = await number(self.database, connection)
            if events:
                rows = (await connection.execute(sa.select(hooks).where(hooks.c.active))).all()
                await _send(connection, [_hook(row) for row in rows], events, now)
        return len(events)

    @whole
    async def claim(self, now: int, until: int, room: Mapping[str, int]) -> tuple[Delivery, ...]:
        """Take due deliveries until a moment: of each webhook as many as it has room for, of each of its
        conversations the earliest.
        """
        free = (deliveries.c.state == WAITING) & (deliveries.c.leased_until <= now)
        due = _JOINED.where(free, deliveries.c.next_at <= now, ~_BLOCKED)
        due = due.order_by(deliveries.c.next_at, deliveries.c.id)
        claimed = []
        async with self._write() as connection:
            for hook_id, most in room.items():
                its = due.where(deliveries.c.hook_id == hook_id).limit(most)
                for row in (await connection.execute(its)).all():
                    mine = sa.update(deliveries).where(deliveries.c.id == row.id, free)
                    taken = await connection.execute(mine.values(leased_until=until))
                    if taken.rowcount == 1:
                        claimed.append(_delivery(row))
        return tuple(claimed)

    @whole
    async def next_due(self, now: int) -> int | None:
        """When the next delivery is due that is not now; None when none waits."""
        due = sa.case(
            (deliveries.c.leased_until > deliveries.c.next_at, deliveries.c.leased_until),
            else_=deliveries.c.next_at,
        )
        query = (
            sa.select(sa.func.min(due))
            .join(hooks, hooks.c.id == deliveries.c.hook_id)
            .where(deliveries.c.state == WAITING, hooks.c.active, due > now)
        )
        async with self._read() as connection:
            found = (await connection.execute(query)).scalar()
        return int(found) if found is not None else None

    @whole
    async def tried(self, delivery: Delivery, tried: Tried, retry_at: int | None) -> None:
        """Keep how a try ended; one that failed is tried again at `retry_at`, or given up without it."""
        state = DELIVERED if tried.ok else WAITING if retry_at is not None else DEAD
        values: dict[str, Any] = {
            "state": state,
            "attempts": delivery.attempts + 1,
            "leased_until": 0,
            "status": tried.status,
            "error": tried.error,
            "took": tried.took,
            "next_at": retry_at or tried.at,
            "done_at": None if state == WAITING else tried.at,
        }
        its = hooks.c.id == delivery.hook_id
        standing: dict[str, Any] = {"failing_since": None, "error": None, "delivered_at": tried.at}
        if not tried.ok:
            since = sa.func.coalesce(hooks.c.failing_since, sa.cast(tried.at, Time))
            standing = {"failing_since": since, "error": tried.error}
        async with self._write() as connection:
            await connection.execute(
                sa.update(deliveries).where(deliveries.c.id == delivery.id).values(**values)
            )
            await connection.execute(sa.update(hooks).where(its).values(**standing))

    @whole
    async def release(self, delivery_ids: Sequence[int]) -> None:
        """Let go of claimed deliveries; whether they arrived is not known."""
        mine = deliveries.c.id.in_(delivery_ids)
        async with self._write() as connection:
            await connection.execute(sa.update(deliveries).where(mine).values(leased_until=1))

    @whole
    async def sent(
        self, hook_id: str, state: str | None, before: int | None, limit: int
    ) -> tuple[Delivery, ...]:
        """A webhook's deliveries, the newest first."""
        query = _JOINED.where(deliveries.c.hook_id == hook_id).order_by(deliveries.c.id.desc()).limit(limit)
        if state is not None:
            query = query.where(deliveries.c.state == state)
        if before is not None:
            query = query.where(deliveries.c.id < before)
        async with self._read() as connection:
            return tuple(_delivery(row) for row in (await connection.execute(query)).all())

    @whole
    async def again(self, hook_id: str, delivery_id: int, now: int) -> Delivery | None:
        """Put a delivery on its way once more; None when the webhook has no such delivery."""
        mine = (deliveries.c.id == delivery_id) & (deliveries.c.hook_id == hook_id)
        values = {"state": WAITING, "attempts": 0, "since": now, "next_at": now, "done_at": None}
        async with self._write() as connection:
            await connection.execute(sa.update(deliveries).where(mine).values(**values))
            row = (await connection.execute(_JOINED.where(mine))).first()
        return _delivery(row) if row else None

    @whole
    async def replay(self, hook_id: str, after: int, now: int) -> int | None:
        """Send the webhook every numbered event after a seq once more; how many, None without the webhook."""
        async with self._write() as connection:
            row = (await connection.execute(sa.select(hooks).where(hooks.c.id == hook_id))).first()
            if row is None:
                return None
            query = sa.select(outbox).where(outbox.c.seq > after).order_by(outbox.c.seq).limit(_REPLAYED)
            found = (await connection.execute(query)).all()
            events = [
                StoredEvent(one.id, one.event_id, one.seq, one.type, one.at, one.conversation_id, one.data)
                for one in found
            ]
            return await _send(connection, [_hook(row)], events, now)


async def _send(connection: Any, chosen: Iterable[Hook], events: Iterable[StoredEvent], now: int) -> int:
    rows = [
        {
            "hook_id": hook.id,
            "event": event.row,
            "conversation_id": event.conversation_id,
            "state": WAITING,
            "attempts": 0,
            "since": now,
            "next_at": now,
            "leased_until": 0,
        }
        for event in events
        for hook in chosen
        if hook.wants(event)
    ]
    if rows:
        await connection.execute(sa.insert(deliveries), rows)
    return len(rows)


def hook_values(hook: Hook) -> dict[str, Any]:
    """The row of a webhook."""
    return {**hook.__dict__, "events": list(hook.events), "settings": dict(hook.settings)}


def _hook(row: Any) -> Hook:
    return Hook(**{**row._mapping, "events": tuple(row.events)})


def _delivery(row: Any) -> Delivery:
    event = StoredEvent(row.event, row.event_id, row.seq, row.type, row.at, row.conversation_id, row.data)
    return Delivery(
        row.id,
        row.hook_id,
        event,
        row.state,
        row.attempts,
        row.since,
        row.next_at,
        row.status,
        row.error,
        row.took,
        row.done_at,
        row.attempts > 0 or row.leased_until > 0,
    )
