"""What goes over the wire: bodies that are accepted, and how things are written in JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Literal, TypeVar

import msgspec

from steward.desk.conversation import Conversation, Handoff
from steward.desk.store import Agent, StoredMessage
from steward.errors import ConversationError

TEXT_LENGTH = 4000
_PLACE = re.compile(r" - at `\$\.?(?P<place>[^`]*)`$")
_MISSING = re.compile(r"missing required field `(?P<field>[^`]+)`")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")

T = TypeVar("T")


class NewConversation(msgspec.Struct):
    """The body of a new conversation."""

    locale: str | None = None
    page: str | None = None
    identity: dict[str, Any] | None = None


class NewMessage(msgspec.Struct):
    """What a customer sends: words, or the payload of a button."""

    text: str | None = None
    payload: str | None = None


class AgentMessage(msgspec.Struct):
    """What an agent sends."""

    text: str


class Epoch(msgspec.Struct):
    """The epoch that an agent decided on."""

    epoch: int


class Rating(msgspec.Struct):
    """The customer's opinion of a message."""

    seq: int
    value: Literal["up", "down"]


class SignIn(msgspec.Struct):
    """Who wants to sign in."""

    email: str
    password: str


class CustomerFrame(msgspec.Struct):
    """A frame from the customer's socket."""

    type: str
    token: str = ""
    key: str | None = None
    text: str | None = None
    payload: str | None = None


class AgentFrame(msgspec.Struct):
    """A frame from an agent's socket."""

    type: str
    state: str = "online"


def decode(body: bytes, shape: type[T]) -> T:
    """The body as that shape; raises ConversationError naming the field that does not fit."""
    try:
        return msgspec.json.decode(body or b"{}", type=shape)
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        missing = _MISSING.search(str(error))
        field = missing["field"] if missing else place["place"] if place else ""
        message = _PLACE.sub("", str(error)) + "."
        raise ConversationError("invalid", message, status=400, field=field or None) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ConversationError("bad_json", "The body is not JSON.", status=400) from None


def decode_query(values: Mapping[str, str], shape: type[T]) -> T:
    """The query's values as that shape; raises ConversationError naming the parameter that does not fit."""
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


def message_shape(item: StoredMessage) -> dict[str, Any]:
    """A message; what it has not got is left out."""
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
    }
    return shape | {name: value for name, value in optional.items() if value is not None}


def card_shape(conversation: Conversation, names: Mapping[str, str], now: int) -> dict[str, Any]:
    """A conversation as the agent desk lists it."""
    waited = now - conversation.queued_at if conversation.queued_at is not None else 0
    return {
        "id": conversation.id,
        "state": conversation.state.value,
        "epoch": conversation.epoch,
        "seq": conversation.seq,
        "agent": _person(conversation.agent_id, names),
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
    }


def handoff_shape(handoff: Handoff) -> dict[str, Any]:
    """Why a person is needed."""
    return {"reason": handoff.reason, "summary": handoff.summary, "evidence": handoff.evidence}


def agent_shape(agent: Agent) -> dict[str, Any]:
    """An agent as agents see one another."""
    return {"id": agent.id, "name": agent.name, "email": agent.email, "role": agent.role}


def _person(agent_id: str | None, names: Mapping[str, str]) -> dict[str, str] | None:
    return {"id": agent_id, "name": names.get(agent_id, "")} if agent_id else None
