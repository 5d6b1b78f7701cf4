"""The operators' API: the inbox, its labels, who has what before them; and the agents' marks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from sanic import Blueprint, Request

from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import agent_of
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.improve.inbox import State, Wanted
from steward.desk.improve.labels import Kind
from steward.desk.improve.reasons import Why
from steward.desk.workspace.search import words_of
from steward.errors import ConversationError

_MOST_WORDS = 8

inbox_api = Blueprint("inbox", url_prefix="/api/v1/desk")

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Sender = Literal["customer", "bot", "agent", "system"]


class InboxFilter(msgspec.Struct):
    """Which messages. Each word of `q` must begin one of the message's; `after` is `next` of the page before.

    `outcome` is where the conversation stands now.
    """

    state: State = "open"
    why: Why | None = None
    topic: shapes.Line | None = None
    sku: shapes.Line | None = None
    min_confidence: Share | None = None
    max_confidence: Share | None = None
    since: shapes.Moment | None = None
    until: shapes.Moment | None = None
    outcome: shapes.StateName | None = None
    q: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    after: shapes.Line | None = None


class NearestExample(msgspec.Struct):
    """The training example of the likeliest topic that is most like the message."""

    text: str
    intent: str | None
    similarity: float


class HowRead(msgspec.Struct):
    """How the bot read a message, and what it did then. What is not known is null."""

    topic: str | None
    confidence: float | None
    threshold: float | None
    ranking: list[tuple[str, float]]
    nearest: NearestExample | None
    skus: list[str]
    act: str | None
    hazard: str | None
    language: str | None
    model: str | None


class LaterLine(msgspec.Struct, rename={"sender": "from"}):
    """Something that was said after it, without personal data."""

    sender: Sender
    text: str
    at: shapes.Moment


class WhatBecame(msgspec.Struct):
    """Where the conversation stands, and why it was handed over if it was."""

    state: shapes.StateName
    reason: str | None


class Label(msgspec.Struct):
    """One decision on messages that ask the same. Once `applied`, they are examples in the data."""

    id: str
    kind: Kind
    topic: str | None
    skus: list[str]
    by: shapes.Person
    at: shapes.Moment
    items: list[str]
    applied: bool


class InboxItem(msgspec.Struct):
    """A customer's message without personal data, why it is here, and what happened next."""

    id: str
    conversation_id: str
    seq: shapes.Seq
    at: shapes.Moment
    text: str
    why: list[Why]
    understood: HowRead
    after: list[LaterLine]
    agent_answer: str | None
    outcome: WhatBecame
    label: Label | None
    note: str | None


class Suggested(msgspec.Struct):
    """The likeliest topic, and the example or labelled message that speaks for it most."""

    topic: str
    share: float
    nearest: str


class InboxGroup(msgspec.Struct):
    """Messages that ask the same, the newest first: twenty of them in `items`, all in `item_ids`.

    What is labelled or ignored comes as it was decided, a group for each label.
    """

    id: str
    size: shapes.Whole
    text: str
    latest_at: shapes.Moment
    whys: list[Why]
    suggestion: Suggested | None
    items: list[InboxItem]
    item_ids: list[str]
    label: Label | None
    focus: list[shapes.Person]


class InboxCounts(msgspec.Struct):
    """How many messages are open, in all and by why."""

    open: shapes.Whole
    by_why: dict[str, shapes.Whole]


class InboxPage(msgspec.Struct):
    """Groups, the largest first and what was handed over on purpose last; of labels, the newest first."""

    groups: list[InboxGroup]
    counts: InboxCounts
    next: str | None


class TranscriptLine(msgspec.Struct, rename={"sender": "from"}):
    """A message of the conversation, without personal data and files; `meta` tells how the bot came to it."""

    seq: shapes.Seq
    sender: Sender
    text: str
    at: shapes.Moment
    meta: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class InboxItemInFull(msgspec.Struct):
    """A message and the conversation that it is from."""

    item: InboxItem
    transcript: list[TranscriptLine]


class NewLabel(msgspec.Struct):
    """What messages are about: a topic, for some products or all; nothing the shop answers; or nothing."""

    items: Annotated[list[shapes.Line], msgspec.Meta(min_length=1, max_length=2000)]
    kind: Kind
    topic: shapes.Line | None = None
    skus: Annotated[list[shapes.Line], msgspec.Meta(max_length=50)] = msgspec.field(default_factory=list)


class OneLabel(msgspec.Struct):
    """A label as it is kept, or as it was."""

    label: Label


class LookAt(msgspec.Struct):
    """The group before me, or null."""

    group: shapes.Line | None = None


class PaletteTopic(msgspec.Struct):
    """A topic to label with; the shop made its `own` ones without code."""

    name: str
    title: str
    own: bool


class Palette(msgspec.Struct):
    """The topics, in the order of their titles."""

    topics: list[PaletteTopic]


class NewMark(msgspec.Struct):
    """The agent's answer, if there is one already, and a word for those who improve the bot."""

    answer_seq: shapes.Seq | None = None
    note: Annotated[str, msgspec.Meta(max_length=1000)] | None = None


class Mark(msgspec.Struct):
    """The bot should have known this: the customer's message, who says so, and what the answer was."""

    seq: shapes.Seq
    by: shapes.Person
    at: shapes.Moment
    answer_seq: shapes.Seq | None
    note: str | None


class OneMark(msgspec.Struct):
    """A mark as it is kept."""

    mark: Mark


@operation(
    inbox_api,
    "GET",
    "/inbox",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    query=InboxFilter,
    gives=InboxPage,
)
async def inbox(request: Request, query: InboxFilter) -> dict[str, Any]:
    """What the bot did not manage, the same questions together."""
    wanted = Wanted(
        query.why,
        query.topic,
        query.sku,
        query.min_confidence,
        query.max_confidence,
        shapes.moment(query.since, "since"),
        shapes.moment(query.until, "until"),
        query.outcome,
        tuple(dict.fromkeys(words_of(query.q or "")))[:_MOST_WORDS],
    )
    return await desk_of(request).improve.inbox.page(query.state, wanted, query.after)


@operation(
    inbox_api,
    "GET",
    "/inbox/items/{item_id}",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    gives=InboxItemInFull,
)
async def inbox_item(request: Request, item_id: str) -> dict[str, Any]:
    """One message with its conversation."""
    return await desk_of(request).improve.inbox.item(item_id)


@operation(
    inbox_api,
    "POST",
    "/inbox/labels",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    body=NewLabel,
    gives=OneLabel,
    status=201,
)
async def label(request: Request, body: NewLabel) -> dict[str, Any]:
    """Say what messages are about, all of them at once.

    Refused as `taken` when somebody else has labelled one of them.
    """
    desk = desk_of(request)
    unknown = next((sku for sku in body.skus if sku not in desk.catalogue.products), None)
    if unknown is not None:
        message = f"The catalogue has no product {unknown}."
        raise ConversationError("invalid", message, status=400, field="skus")
    agent = agent_of(request)
    return {"label": await desk.improve.labels.put(agent, body.items, body.kind, body.topic, body.skus)}


@operation(
    inbox_api,
    "DELETE",
    "/inbox/labels/{label_id}",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    gives=OneLabel,
)
async def unlabel(request: Request, label_id: str) -> dict[str, Any]:
    """Take a label back: its messages are open again.

    Refused as `applied` once its examples are in the shop's data.
    """
    return {"label": await desk_of(request).improve.labels.undo(agent_of(request), label_id)}


@operation(
    inbox_api,
    "PUT",
    "/inbox/focus",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    body=LookAt,
    status=204,
)
async def focus(request: Request, body: LookAt) -> None:
    """I have this group before me; other operators see it for some minutes."""
    desk_of(request).improve.look(agent_of(request), body.group)


@operation(inbox_api, "GET", "/inbox/topics", who=Who.AGENT, permission=Permission.IMPROVE, gives=Palette)
async def inbox_topics(request: Request) -> dict[str, Any]:
    """The topics that a message can be labelled with."""
    return {"topics": [topic.__dict__ for topic in await desk_of(request).improve.topics.all()]}


@operation(
    inbox_api,
    "POST",
    "/conversations/{conversation_id}/messages/{seq}/mark",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:write",
    body=NewMark,
    gives=OneMark,
    status=201,
)
async def mark(request: Request, conversation_id: str, seq: str, body: NewMark) -> dict[str, Any]:
    """The bot should have known this: put a customer's message into the operators' inbox."""
    agent, marks = agent_of(request), desk_of(request).improve.marks
    note = (body.note or "").strip() or None
    return {"mark": await marks.put(agent, conversation_id, _seq(seq), body.answer_seq, note)}


@operation(
    inbox_api,
    "DELETE",
    "/conversations/{conversation_id}/messages/{seq}/mark",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:write",
    status=204,
)
async def unmark(request: Request, conversation_id: str, seq: str) -> None:
    """Take the mark back."""
    await desk_of(request).improve.marks.drop(agent_of(request), conversation_id, _seq(seq))


def _seq(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ConversationError("not_found", "There is no such message.", status=404)
    return int(text)
