"""What the bot made of each customer message, why operators should look at it, and how they labelled it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.row import Row

from steward.desk.conversation import Conversation
from steward.desk.improve.reasons import Finding, chosen, findings, given_up, with_why, without_why
from steward.desk.improve.turns import Turn, Understood, nearest_of, understood_of, words_of
from steward.desk.store.conversations import by_ids, conversations, messages
from steward.desk.store.database import Repository, whole
from steward.desk.store.schema import Id, Json, Time, conversation_column, metadata
from steward.errors import ConversationError
from steward.privacy import mask

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("topic", sa.String(80)),
    sa.Column("skus", Json, nullable=False),
    sa.Column("by_id", Id, nullable=False),
    sa.Column("by_name", sa.String(200), nullable=False),
    sa.Column("at", Time, nullable=False),
    sa.Column("applied", sa.String(64)),
)
turns = sa.Table(
    "turns",
    metadata,
    conversation_column(primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", Id, nullable=False, unique=True),
    sa.Column("at", Time, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("pressed", sa.Boolean, nullable=False),
    sa.Column("intent", sa.String(80)),
    sa.Column("confidence", sa.Float),
    sa.Column("threshold", sa.Float),
    sa.Column("ranking", Json, nullable=False),
    sa.Column("nearest", Json),
    sa.Column("named", Json, nullable=False),
    sa.Column("hazard", sa.String(80)),
    sa.Column("language", sa.String(80)),
    sa.Column("model", sa.String(80)),
    sa.Column("vector", sa.LargeBinary),
    sa.Column("act", sa.String(40)),
    sa.Column("topic", sa.String(80)),
    sa.Column("skus", Json, nullable=False),
    sa.Column("reason", sa.String(40)),
    sa.Column("chosen", sa.String(80)),
    sa.Column("whys", Json, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("label_id", Id, sa.ForeignKey("labels.id"), index=True),
    sa.Column("answer_seq", sa.Integer),
    sa.Column("note", sa.Text),
    sa.Column("marked_by", Id),
    sa.Column("marked_name", sa.String(200)),
    sa.Column("marked_at", Time),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index(None, "state", "at"),
)
_NEWEST = 2**31 - 1
_NAMES = tuple(column.name for column in turns.c)
_READ = ("intent", "confidence", "threshold", "hazard", "language", "model", "vector")


@dataclass(frozen=True)
class Label:
    """What an operator made of some messages; `applied` is the commit that has them as examples."""

    id: str
    kind: str
    topic: str | None
    skus: tuple[str, ...]
    by_id: str
    by_name: str
    at: int
    applied: str | None = None


@dataclass(frozen=True)
class Stamp:
    """A message in the inbox, which version of it there is, and what became of its conversation."""

    id: str
    version: int
    state: str
    reason: str | None


@dataclass(frozen=True)
class Said:
    """A message of a conversation as it was written, without its files; operators must not see it so."""

    seq: int
    at: int
    sender: str
    text: str
    meta: Any = None


@dataclass(frozen=True)
class Example:
    """A labelled message that can be learned from."""

    label_id: str
    topic: str
    text: str


class LabelledAlready(Exception):
    """Somebody was faster: the label that one of the messages has."""

    def __init__(self, label: Label) -> None:
        super().__init__(label.id)
        self.label = label


class Inbox(Repository):
    """The messages that operators should look at, and their labels."""

    @whole
    async def stamps(self, state: str, limit: int) -> list[Stamp]:
        """The newest messages in a state, newest first."""
        t, c = turns.c, conversations.c
        query = (
            sa.select(t.id, t.version, c.state, c.reason)
            .join(conversations, c.id == t.conversation_id)
            .where(t.state == state)
            .order_by(t.at.desc(), t.id.desc())
            .limit(limit)
        )
        async with self._read() as connection:
            return [Stamp(*row) for row in (await connection.execute(query)).all()]

    @whole
    async def count(self, state: str) -> int:
        """How many messages are in a state."""
        query = sa.select(sa.func.count()).select_from(turns).where(turns.c.state == state)
        async with self._read() as connection:
            return int((await connection.execute(query)).scalar_one())

    @whole
    async def by_ids(self, ids: Collection[str]) -> list[Turn]:
        """Those of these messages that there are."""
        if not ids:
            return []
        async with self._read() as connection:
            query = sa.select(turns).where(turns.c.id.in_(sorted(ids)))
            return [_turn(row) for row in (await connection.execute(query)).all()]

    @whole
    async def transcripts(self, ids: Collection[str]) -> dict[str, tuple[Conversation, tuple[Said, ...]]]:
        """The conversations with all that was said in them, in order."""
        async with self._read() as connection:
            found = await by_ids(connection, ids)
            m = messages.c
            query = sa.select(m.conversation_id, m.seq, m.at, m.sender, m.text, m.meta)
            query = query.where(m.conversation_id.in_(sorted(found))).order_by(m.conversation_id, m.seq)
            rows = (await connection.execute(query)).all() if found else []
        said: dict[str, list[Said]] = {one: [] for one in found}
        for row in rows:
            said[row.conversation_id].append(Said(row.seq, row.at, row.sender, row.text, row.meta))
        return {one: (found[one], tuple(said[one])) for one in found}

    @whole
    async def label(self, ids: Collection[str], label: Label) -> None:
        """Label open messages, all or none of them.

        Raises LabelledAlready when one has a label, ConversationError `not_found` when one is not there.
        """
        async with self._write() as connection:
            chosen = sa.select(turns.c.id, turns.c.state, turns.c.label_id).where(turns.c.id.in_(sorted(ids)))
            rows = (await connection.execute(chosen.order_by(turns.c.id).with_for_update())).all()
            taken = next((row.label_id for row in rows if row.label_id is not None), None)
            if taken is not None:
                raise LabelledAlready(_label(await _one(connection, labels, taken)))
            if len(rows) != len(ids) or any(row.state != "open" for row in rows):
                message = "One of these messages is not in the inbox any more; look at it again."
                raise ConversationError("not_found", message, status=404)
            await connection.execute(sa.insert(labels).values({**label.__dict__, "skus": list(label.skus)}))
            state = "ignored" if label.kind == "ignore" else "labelled"
            values = {"label_id": label.id, "state": state, "version": turns.c.version + 1}
            await connection.execute(sa.update(turns).where(turns.c.id.in_(sorted(ids))).values(values))

    @whole
    async def unlabel(self, label_id: str) -> tuple[Label, list[str]]:
        """Take a label back; what it was, and the messages that are open again.

        Raises ConversationError `not_found`, or `applied` when its examples are in the data.
        """
        async with self._write() as connection:
            row = await _one(connection, labels, label_id, lock=True)
            if row is None:
                raise ConversationError("not_found", "There is no such label.", status=404)
            if row.applied is not None:
                message = "Its examples are in the shop's data already; take them out there."
                raise ConversationError("applied", message)
            mine = turns.c.label_id == label_id
            ids = (
                (await connection.execute(sa.select(turns.c.id).where(mine).order_by(turns.c.id)))
                .scalars()
                .all()
            )
            freed = {"label_id": None, "state": "open", "version": turns.c.version + 1}
            await connection.execute(sa.update(turns).where(mine).values(freed))
            await connection.execute(sa.delete(labels).where(labels.c.id == label_id))
        return _label(row), list(ids)

    @whole
    async def labels(self, ids: Collection[str]) -> dict[str, tuple[Label, list[str]]]:
        """The labels with the messages they were given to."""
        if not ids:
            return {}
        async with self._read() as connection:
            rows = (await connection.execute(sa.select(labels).where(labels.c.id.in_(sorted(ids))))).all()
            items = sa.select(turns.c.id, turns.c.label_id).where(turns.c.label_id.in_(sorted(ids)))
            given = (await connection.execute(items.order_by(turns.c.at, turns.c.id))).all()
        found: dict[str, tuple[Label, list[str]]] = {row.id: (_label(row), []) for row in rows}
        for row in given:
            if row.label_id in found:
                found[row.label_id][1].append(row.id)
        return found

    @whole
    async def examples(self) -> list[Example]:
        """What was labelled to be learned from and is not in the data yet, the oldest label first."""
        query = (
            sa.select(labels.c.id, labels.c.kind, labels.c.topic, turns.c.text)
            .join(turns, turns.c.label_id == labels.c.id)
            .where(labels.c.applied.is_(None), labels.c.kind != "ignore", turns.c.pressed.is_(False))
            .order_by(labels.c.at, labels.c.id, turns.c.at, turns.c.id)
        )
        async with self._read() as connection:
            rows = (await connection.execute(query)).all()
        return [Example(row.id, row.topic or row.kind, row.text) for row in rows]

    @whole
    async def apply(self, label_ids: Collection[str], commit: str) -> None:
        """The labels' examples are in the data now."""
        if not label_ids:
            return
        pending = labels.c.id.in_(sorted(label_ids)) & labels.c.applied.is_(None)
        async with self._write() as connection:
            await connection.execute(sa.update(labels).where(pending).values(applied=commit))

    @whole
    async def mark(self, turn: Turn) -> None:
        """Keep an agent's mark on a customer message; `turn` is what is known when the bot never read it."""
        async with self._write() as connection:
            found = await _of(connection, turn.conversation_id, turn.seq, lock=True)
            marked = replace(
                found or turn,
                answer_seq=turn.answer_seq,
                note=turn.note,
                marked_by=turn.marked_by,
                marked_name=turn.marked_name,
                marked_at=turn.marked_at,
            )
            await _keep(connection, with_why(marked, Finding(turn.seq, "marked")), found)

    @whole
    async def unmark(self, conversation_id: str, seq: int) -> bool:
        """Take a mark back; False when there is none."""
        async with self._write() as connection:
            found = await _of(connection, conversation_id, seq, lock=True)
            if found is None or found.marked_at is None:
                return False
            plain = replace(
                found, answer_seq=None, note=None, marked_by=None, marked_name=None, marked_at=None
            )
            await _keep(connection, without_why(plain, "marked"), found)
        return True

    @whole
    async def marks(self, conversation_id: str) -> list[Turn]:
        """The messages of a conversation that agents have marked."""
        marked = (turns.c.conversation_id == conversation_id) & turns.c.marked_at.is_not(None)
        async with self._read() as connection:
            rows = (await connection.execute(sa.select(turns).where(marked).order_by(turns.c.seq))).all()
        return [_turn(row) for row in rows]


async def asked(connection: Any, conversation_id: str, seq: int, turn_id: str) -> Turn | None:
    """A customer message as a turn of which nothing else is known; None for what is none or has no words."""
    m = messages.c
    query = sa.select(m.at, m.text, m.meta).where(m.conversation_id == conversation_id, m.seq == seq)
    row = (await connection.execute(query.where(m.sender == "customer"))).first()
    if row is None or not row.text.strip():
        return None
    pressed = bool((row.meta or {}).get("payload"))
    return Turn(turn_id, conversation_id, seq, row.at, mask(row.text), pressed)


async def file_turn(connection: Any, turn: Turn) -> bool:
    """Keep what the bot made of a message, within its reply's transaction; whether it concerns operators.

    The message before it may concern them only now: asked again, complained about, handed over.
    """
    known = await _of(connection, turn.conversation_id, turn.seq, lock=True)
    if known is not None:
        turn = replace(
            turn,
            id=known.id,
            chosen=known.chosen,
            whys=known.whys,
            state=known.state,
            label_id=known.label_id,
            answer_seq=known.answer_seq,
            note=known.note,
            marked_by=known.marked_by,
            marked_name=known.marked_name,
            marked_at=known.marked_at,
            version=known.version,
        )
    before = await _before(connection, turn.conversation_id, turn.seq)
    found = findings(turn, before)
    for finding in found:
        if finding.seq == turn.seq:
            turn = with_why(turn, finding)
    await _keep(connection, turn, known)
    if before is not None:
        explained = replace(before, chosen=chosen(before, turn) or before.chosen)
        await _find(connection, before, explained, [one for one in found if one.seq == before.seq])
    return bool(found)


async def give_up(connection: Any, conversation_id: str, at: int) -> bool:
    """The customer asked for a person, not in words: whether that tells of what they wrote last.

    It does not when they were with the people already.
    """
    handed = sa.select(conversations.c.handed_at).where(conversations.c.id == conversation_id)
    if (await connection.execute(handed)).scalar() != at:
        return False
    before = await _before(connection, conversation_id, _NEWEST)
    found = given_up(before, at) if before else []
    if before is not None:
        await _find(connection, before, before, found)
    return bool(found)


async def rated(connection: Any, conversation_id: str, seq: int, value: str, turn_id: str) -> None:
    """The customer rated a message, within the rating's transaction; what was rated down is looked at.

    A reply from before operators had an inbox is taken with what its metadata tells.
    """
    m = messages.c
    query = sa.select(m.sender, m.reply_to, m.meta).where(m.conversation_id == conversation_id, m.seq == seq)
    reply = (await connection.execute(query)).first()
    if reply is None or reply.sender != "bot" or reply.reply_to is None:
        return
    found = await _of(connection, conversation_id, reply.reply_to, lock=True)
    if value == "down":
        first = await asked(connection, conversation_id, reply.reply_to, turn_id) if found is None else None
        turn = found or (answered(first, [reply.meta]) if first else None)
        if turn is not None:
            await _keep(connection, with_why(turn, Finding(turn.seq, "thumbs_down")), found)
    elif found is not None and "thumbs_down" in found.whys:
        await _keep(connection, without_why(found, "thumbs_down"), found)


def answered(turn: Turn, metas: Sequence[Any]) -> Turn:
    """The turn with what the bot's replies say about themselves; of several, the one least sure tells."""
    told = [meta for meta in metas if isinstance(meta, dict) and isinstance(meta.get("act"), str)]
    if not told:
        return turn
    order = ("handoff", "safety", "clarify", "offer_human")
    chosen = min(told, key=lambda meta: order.index(meta["act"]) if meta["act"] in order else len(order))
    skus = tuple(dict.fromkeys(sku for meta in told for sku in words_of(meta.get("skus"))))
    topic = chosen.get("topic")
    understood = turn.understood
    if understood.confidence is None and not turn.pressed:
        understood = replace(understood, confidence=understood_of(chosen).confidence)
    return replace(
        turn,
        act=str(chosen["act"])[:40],
        topic=str(topic)[:80] if topic else None,
        skus=skus,
        understood=understood,
    )


async def _find(connection: Any, known: Turn, turn: Turn, found: Sequence[Finding]) -> None:
    for finding in found:
        turn = with_why(turn, finding)
    if turn != known:
        await _keep(connection, turn, known)


async def _keep(connection: Any, turn: Turn, known: Turn | None) -> None:
    """Store a turn; in the inbox is what there is a reason for, until it has a label."""
    state = turn.state if turn.label_id else "open" if turn.whys else "quiet"
    turn = replace(turn, state=state)
    if known is None:
        await connection.execute(sa.insert(turns).values(_values(turn)))
        return
    values = {
        name: value for name, value in _values(turn).items() if name not in ("conversation_id", "seq", "id")
    }
    this = (turns.c.conversation_id == known.conversation_id) & (turns.c.seq == known.seq)
    await connection.execute(sa.update(turns).where(this).values({**values, "version": known.version + 1}))


async def _of(connection: Any, conversation_id: str, seq: int, lock: bool = False) -> Turn | None:
    this = (turns.c.conversation_id == conversation_id) & (turns.c.seq == seq)
    query = sa.select(turns).where(this)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    return _turn(row) if row else None


async def _before(connection: Any, conversation_id: str, seq: int) -> Turn | None:
    earlier = (turns.c.conversation_id == conversation_id) & (turns.c.seq < seq)
    query = sa.select(turns).where(earlier).order_by(turns.c.seq.desc()).limit(1).with_for_update()
    row = (await connection.execute(query)).first()
    return _turn(row) if row else None


async def _one(connection: Any, table: sa.Table, key: str, lock: bool = False) -> Any:
    query = sa.select(table).where(table.c.id == key)
    return (await connection.execute(query.with_for_update() if lock else query)).first()


def _values(turn: Turn) -> dict[str, Any]:
    understood = turn.understood
    values = {name: value for name, value in turn.__dict__.items() if name in _NAMES}
    values |= {name: getattr(understood, name) for name in _READ}
    return values | {
        "ranking": [list(pair) for pair in understood.ranking],
        "nearest": dict(understood.nearest) if understood.nearest else None,
        "named": list(understood.skus),
        "skus": list(turn.skus),
        "whys": list(turn.whys),
    }


def _turn(row: Row) -> Turn:
    values = dict(row._mapping)
    read = {name: values.pop(name) for name in _READ}
    ranking = tuple((str(name), float(share)) for name, share in values.pop("ranking"))
    nearest, named = nearest_of(values.pop("nearest")), tuple(values.pop("named"))
    understood = Understood(**read, ranking=ranking, nearest=nearest, skus=named)
    lists = {name: tuple(values[name]) for name in ("skus", "whys")}
    return Turn(**{**values, **lists}, understood=understood)


def _label(row: Any) -> Label:
    return Label(**{**row._mapping, "skus": tuple(row.skus)})
