"""What goes over the wire: bodies that are accepted, and how things are written in JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from steward.desk.conversation import Conversation, State
from steward.desk.queue.routing import Member
from steward.desk.store import StoredMessage
from steward.errors import ConversationError

TEXT_LENGTH = 4000
_PLACE = re.compile(r" - at `\$\.?(?P<place>[^`]*)`$")
_MISSING = re.compile(r"missing required field `(?P<field>[^`]+)`")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
# An escaped NUL, unless the backslash before it is itself an escaped one.
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

T = TypeVar("T")

Whole = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""A count or a number: nothing negative, nothing that a database column cannot hold."""
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1, description="A message's number, from 1.")]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
"""A name, a title, a word."""
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LENGTH)]
Moment = Annotated[str, msgspec.Meta(description="ISO 8601, UTC, with milliseconds.")]
"""A moment as `time_text` writes it."""


StateName = Literal["bot", "queued", "offered", "agent", "deferred", "resolved"]


class Previous(msgspec.Struct):
    """A conversation that is closed now, and its token to prove whose it is."""

    id: str
    token: str


class NewConversation(msgspec.Struct):
    """The body of a new conversation; `previous` is the one that it carries on."""

    locale: str | None = None
    page: str | None = None
    identity: dict[str, Any] | None = None
    previous: Previous | None = None


Files = Annotated[list[Line], msgspec.Meta(max_length=10, description="Ids of files that were uploaded.")]


class NewMessage(msgspec.Struct):
    """What a customer sends: words, files or both, or the payload of a button."""

    text: str | None = None
    payload: str | None = None
    files: Files = msgspec.field(default_factory=list)


class AgentMessage(msgspec.Struct):
    """What an agent sends: words, files or both."""

    text: str | None = None
    files: Files = msgspec.field(default_factory=list)


class Epoch(msgspec.Struct):
    """The epoch that an agent decided on."""

    epoch: int


class Person(msgspec.Struct):
    """An agent by name."""

    id: str
    name: str


class OfferedTo(msgspec.Struct):
    """Who is asked to take a conversation, and until when."""

    agent: Person
    until: Moment


class Card(msgspec.Struct):
    """A conversation as the agent desk lists it."""

    id: str
    state: Literal["bot", "queued", "offered", "agent", "deferred", "resolved"]
    epoch: int
    seq: int
    agent: Person | None
    offered: OfferedTo | None
    wanted_agent: Person | None
    previous_agent: Person | None
    reason: str | None
    summary: str
    topic: str | None
    skus: list[str]
    confidence: float | None
    queued_at: Moment | None
    waiting_seconds: int
    updated_at: Moment
    preview: str
    unread: int
    skill: str | None
    held: bool
    resolution: str | None
    previous_id: str | None
    first_response_due: Moment | None
    due_at: Moment | None


class OneCard(msgspec.Struct):
    """A conversation after what was done to it."""

    conversation: Card


class TeamMember(msgspec.Struct):
    """One of the team; `load` counts the conversations that they have or are offered."""

    id: str
    name: str
    role: str
    presence: Literal["online", "away", "offline"]
    skills: list[str]
    capacity: int
    load: int


class Team(msgspec.Struct):
    """Everybody who answers, and the skills that they have together."""

    agents: list[TeamMember]
    skills: list[str]


class Rating(msgspec.Struct):
    """The customer's opinion of a message."""

    seq: Seq
    value: Literal["up", "down"]


class SignIn(msgspec.Struct):
    """Who wants to sign in."""

    email: str
    password: str


class Nothing(msgspec.Struct):
    """No fields."""


class ErrorDetail(msgspec.Struct, omit_defaults=True):
    """`code` is for programs, `message` for people; `field` is there when one input is at fault."""

    code: str
    message: str
    field: str | None = None


class Error(msgspec.Struct):
    """The one shape of every error."""

    error: ErrorDetail


class Button(msgspec.Struct):
    """Something that the customer may press instead of writing."""

    title: str
    payload: str


class Attachment(msgspec.Struct):
    """A file that came with a message."""

    id: str
    name: str
    type: str
    size: Whole
    url: str


class Message(msgspec.Struct, rename={"sender": "from"}):
    """One message. `meta` tells how the bot came to its answer; `reply_to` is the message this answers."""

    seq: Seq
    id: str
    at: Moment
    sender: Literal["customer", "bot", "agent", "system"]
    text: str
    buttons: list[Button] | msgspec.UnsetType = msgspec.UNSET
    image: str | msgspec.UnsetType = msgspec.UNSET
    meta: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    reply_to: Seq | msgspec.UnsetType = msgspec.UNSET
    author: str | msgspec.UnsetType = msgspec.UNSET
    attachments: list[Attachment] | msgspec.UnsetType = msgspec.UNSET


class Reasons(msgspec.Struct):
    """Why a person is needed: the reason, what the customer wants, and what it was seen by."""

    reason: str
    summary: str
    evidence: dict[str, Any]


class AgentName(msgspec.Struct):
    """The agent as the customer knows them."""

    name: str


class Starter(msgspec.Struct):
    """A first suggestion: a button's payload, or words to send."""

    title: str
    payload: str | msgspec.UnsetType = msgspec.UNSET
    text: str | msgspec.UnsetType = msgspec.UNSET


class ShopName(msgspec.Struct):
    """The shop."""

    name: str


class Widget(msgspec.Struct):
    """The chat window's words and its first suggestions."""

    shop: ShopName
    words: dict[str, str]
    starters: list[Starter]


class Begun(msgspec.Struct):
    """A new conversation. `token` opens it, and is told only here."""

    id: str
    token: str
    state: StateName
    epoch: Whole
    seq: Seq
    previous_id: str | None


class Stored(msgspec.Struct):
    """The seq that the message has now."""

    seq: Seq


class Range(msgspec.Struct):
    """Seconds, from the hopeful to the cautious end."""

    low: Whole
    high: Whole


class QueuePlace(msgspec.Struct):
    """The place in the queue, counted from 1; seconds waited so far, and to expect if that is known."""

    position: Whole
    waited: Whole
    expected: Range | None


class PromiseMade(msgspec.Struct):
    """When the customer will hear, and how."""

    due_at: Moment
    contact: str | None
    by: Literal["email", "phone", "thread"]


class Opening(msgspec.Struct):
    """Whether people are there now, and when they are next."""

    now: bool
    opens_at: Moment | None


class View(msgspec.Struct):
    """A conversation as its customer sees it."""

    state: StateName
    epoch: Whole
    seq: Seq
    agent: AgentName | None
    queue: QueuePlace | None
    messages: list[Message]
    promise: PromiseMade | None
    held: bool
    open: Opening
    read_seq: Seq | msgspec.UnsetType = msgspec.UNSET


class News(msgspec.Struct):
    """What the customer has not seen yet, and how long to wait for it."""

    after: Seq = 0
    read: Annotated[Seq | None, msgspec.Meta(description="Wait until the agent has read beyond it, too.")] = (
        None
    )
    wait: Annotated[float, msgspec.Meta(ge=0, le=3600, description="Seconds; 30 at most.")] = 0.0


class After(msgspec.Struct):
    """What is known already."""

    after: Seq = 0


class Origin(msgspec.Struct):
    """A conversation as it is exported."""

    id: str
    state: StateName
    created_at: Moment
    updated_at: Moment
    locale: str | None
    page: str | None
    identity: dict[str, Any] | None
    handoff: Reasons | None


class Rated(msgspec.Struct):
    """A message that the customer rated."""

    seq: Seq
    value: str
    at: Moment


class KeptFile(Attachment):
    """A file of the conversation, whoever uploaded it; `sha256` is its content's."""

    at: Moment
    sha256: str


class LeftContact(msgspec.Struct):
    """Where the customer said they can be reached, and the e-mails that went there."""

    name: str | None
    email: str | None
    phone: str | None
    preferred_from: Moment | None
    preferred_until: Moment | None
    mails: list[Literal["waiting", "sent", "failed"]]


class Export(msgspec.Struct):
    """Everything that is stored about a customer."""

    conversation: Origin
    messages: list[Message]
    feedback: list[Rated]
    files: list[KeptFile]
    contact: LeftContact | None


class CustomerFrame(msgspec.Struct):
    """A frame from the customer's socket."""

    type: str
    token: str = ""
    key: str | None = None
    text: str | None = None
    payload: str | None = None
    files: Files = msgspec.field(default_factory=list)
    seq: Seq = 0


class AgentFrame(msgspec.Struct):
    """A frame from an agent's socket."""

    type: str
    state: Literal["online", "away", "offline"] = "online"
    conversation_id: Line | None = None


def decode(body: bytes, shape: type[T]) -> T:
    """The body as that shape; raises ConversationError naming the field that does not fit."""
    try:
        if _ESCAPED_NUL.search(body):
            raise _nul(msgspec.json.decode(body))
        return msgspec.json.decode(body or b"{}", type=shape)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        missing = _MISSING.search(str(error))
        field = missing["field"] if missing else place["place"] if place else ""
        message = _PLACE.sub("", str(error)) + "."
        raise ConversationError("invalid", message, status=400, field=field or None) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ConversationError("bad_json", "The body is not JSON.", status=400) from None


def _nul(value: Any) -> ConversationError:
    """The refusal of what PostgreSQL cannot store, naming the field that has it."""
    fields = value.items() if isinstance(value, dict) else ()
    odd = next((name for name, part in fields if _ESCAPED_NUL.search(msgspec.json.encode(part))), None)
    return ConversationError("invalid", "NUL characters are not allowed.", status=400, field=odd)


def decode_query(values: Mapping[str, str], shape: type[T]) -> T:
    """The query's values as that shape; raises ConversationError naming the parameter that does not fit."""
    odd = next((name for name, value in values.items() if "\x00" in name + value), None)
    if odd is not None:
        raise ConversationError("invalid", "NUL characters are not allowed.", status=400, field=odd)
    try:
        return msgspec.convert(values, type=shape, strict=False)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        message = _PLACE.sub("", str(error)) + "."
        field = place["place"] if place else None
        raise ConversationError("invalid", message, status=400, field=field) from None


def words(text: str, field: str, length: int = TEXT_LENGTH) -> str:
    """The text without the space around it; refuses what is empty, too long or not text."""
    text = text.strip()
    if not text:
        raise ConversationError("invalid", f"The {field} is empty.", status=400, field=field)
    if len(text) > length:
        message = f"The {field} has {len(text)} characters; {length} are allowed."
        raise ConversationError("invalid", message, status=400, field=field)
    if "\x00" in text:
        raise ConversationError("invalid", f"The {field} has a NUL character.", status=400, field=field)
    return text


def whole(value: str | None, field: str) -> int:
    """A number from the query, 0 when it is not given; raises ConversationError on anything odd."""
    if value is None:
        return 0
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        message = f"{field} must be a whole number, 0 or more."
        raise ConversationError("invalid", message, status=400, field=field)
    return int(value)


def seconds(value: str | None, field: str, most: float) -> float:
    """A duration from the query, 0 when it is not given, at most `most`."""
    try:
        number = float(value or 0)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        message = f"{field} must be a number of seconds, 0 or more."
        raise ConversationError("invalid", message, status=400, field=field)
    return min(number, most)


def moment(text: str | None, field: str) -> int | None:
    """A moment from the query in milliseconds since 1970; without a time zone it is UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00").replace(" ", "+"))
        if found.tzinfo is None:
            found = found.replace(tzinfo=timezone.utc)
        return int(found.timestamp() * 1000)
    except (ValueError, OverflowError):
        message = f"{field} must be a moment like 2030-05-03T10:00:00Z, or a day like 2030-05-03."
        raise ConversationError("invalid", message, status=400, field=field) from None


def idempotency_key(value: str | None) -> str | None:
    """The key, if one was sent; raises ConversationError when it cannot be one."""
    if value is not None and not _KEY.fullmatch(value):
        message = "The idempotency key must be 1 to 200 printable ASCII characters without spaces."
        raise ConversationError("invalid", message, status=400, field="Idempotency-Key")
    return value


def encode(value: object) -> str:
    """As JSON."""
    return msgspec.json.encode(value).decode()


def error_shape(code: str, message: str, field: str | None = None) -> dict[str, Any]:
    """The one shape of every error."""
    error = {"code": code, "message": message}
    return {"error": error | {"field": field} if field else error}


def time_text(milliseconds: int | None) -> str | None:
    """ISO 8601, UTC, with milliseconds."""
    if milliseconds is None:
        return None
    moment = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def file_link(file_id: str) -> str:
    """The file's address for those who show with every request who they are."""
    return f"/api/v1/files/{file_id}"


def message_shape(item: StoredMessage, link: Callable[[str], str] = file_link) -> dict[str, Any]:
    """A message; what it has not got is left out. `link` gives its files their addresses."""
    draft = item.message.draft
    shape = {
        "seq": item.message.seq,
        "id": item.id,
        "at": time_text(item.message.at),
        "from": draft.sender,
        "text": draft.text,
    }
    optional = {
        "buttons": list(draft.buttons) or None,
        "image": draft.image,
        "meta": draft.meta,
        "reply_to": draft.reply_to,
        "author": draft.author,
        "attachments": [{**one, "url": link(one["id"])} for one in draft.attachments] or None,
    }
    return shape | {name: value for name, value in optional.items() if value is not None}


def card_shape(
    conversation: Conversation, names: Mapping[str, str], now: int, first_response_due: int | None = None
) -> dict[str, Any]:
    """A conversation as the agent desk lists it."""
    waited = now - conversation.queued_at if conversation.queued_at is not None else 0
    person = _person(conversation.agent_id, names)
    offered = {"agent": person, "until": time_text(conversation.offer_until)}
    return {
        "id": conversation.id,
        "state": conversation.state.value,
        "epoch": conversation.epoch,
        "seq": conversation.seq,
        "agent": person if conversation.state is State.AGENT else None,
        "offered": offered if conversation.state is State.OFFERED else None,
        "wanted_agent": _person(conversation.wanted_agent_id, names),
        "previous_agent": _person(conversation.last_agent_id, names),
        "reason": conversation.reason,
        "summary": conversation.summary,
        "topic": conversation.topic,
        "skus": list(conversation.skus),
        "confidence": conversation.confidence,
        "queued_at": time_text(conversation.queued_at),
        "waiting_seconds": max(0, waited // 1000),
        "updated_at": time_text(conversation.updated_at),
        "preview": conversation.preview,
        "unread": conversation.unread,
        "skill": conversation.skill,
        "held": conversation.held,
        "resolution": conversation.resolution,
        "previous_id": conversation.previous_id,
        "first_response_due": time_text(first_response_due),
        "due_at": time_text(conversation.due_at),
    }


def previous_shape(conversation: Conversation) -> dict[str, Any]:
    """A conversation that the customer had before."""
    return {
        "id": conversation.id,
        "at": time_text(conversation.created_at),
        "topic": conversation.topic,
        "summary": conversation.summary or conversation.preview,
        "state": conversation.state.value,
    }


def member_shape(member: Member) -> dict[str, Any]:
    """One of the team, as colleagues see them."""
    return {
        "id": member.id,
        "name": member.name,
        "role": member.role,
        "presence": member.presence.value,
        "skills": sorted(member.skills),
        "capacity": member.capacity,
        "load": member.load,
    }


def handoff_shape(conversation: Conversation) -> dict[str, Any] | None:
    """Why a person is needed, or was; None where nobody asked for one."""
    if conversation.reason is None:
        return None
    evidence = conversation.evidence or {}
    return {"reason": conversation.reason, "summary": conversation.summary, "evidence": evidence}


def _person(agent_id: str | None, names: Mapping[str, str]) -> dict[str, str] | None:
    return {"id": agent_id, "name": names.get(agent_id, "")} if agent_id else None
