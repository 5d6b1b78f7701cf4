"""A bridge to Chatwoot, over the API channel of its public interface.

To Chatwoot the bridge is a webhook: the same outbox, order and retries bring it the events. From Chatwoot
come the calls of the inbox's own webhook. Whatever may come twice is recognised: the contact by its
identifier, a customer's message by its `source_id`, an agent's message by its number.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from steward.desk import shapes
from steward.desk.accounts.audit import Entry
from steward.desk.conversation import (
    Accepted,
    AgentWrote,
    Conversation,
    Event,
    Owner,
    Reopened,
    Resolved,
    State,
)
from steward.desk.integrations.hooks import Result
from steward.desk.integrations.outside import Outside, Unreachable
from steward.desk.queue.routing import Presence
from steward.desk.store import Committed, Delivery, Hook, Store, StoredMessage
from steward.desk.store.bridges import Link
from steward.desk.workspace.packet import Packet
from steward.errors import ConversationError
from steward.settings import ChatwootInbox

KIND = "chatwoot"
EVENTS = (
    "message.created",
    "handoff.requested",
    "handoff.deferred",
    "handoff.accepted",
    "handoff.cancelled",
    "conversation.returned",
    "conversation.resolved",
    "conversation.reopened",
)
_FRESH_SECONDS = 300
_TRIES = 3
_OK = range(200, 300)
_UNPROCESSABLE = 422
_TRANSCRIPT = 30
_NOTE_LENGTH = 20_000
_SPEAKERS = {"customer": "Customer", "bot": "Assistant", "agent": "Agent", "system": "—"}
_ENDED = {
    "handoff.cancelled": "The customer goes on with the assistant.",
    "conversation.returned": "The conversation is with the assistant again.",
    "conversation.resolved": "The conversation is closed.",
    "conversation.reopened": "The conversation goes on with the assistant.",
}


class Present(Protocol):
    """Who is there."""

    def say(self, agent_id: str, state: Presence, *, lasting: bool = False) -> None:
        """An agent says how it is."""


class Desk(Protocol):
    """What the bridge needs of the desk."""

    @property
    def presence(self) -> Present:
        """Who is there."""

    async def commit(self, conversation_id: str, event: Event) -> Committed:
        """Decide, store and tell."""

    async def write(self, conversation_id: str, event: AgentWrote, key: str | None) -> int:
        """Store what an agent sent, once for each key."""

    async def told(self, conversation_id: str) -> tuple[Packet, Sequence[StoredMessage]]:
        """All that is known of a conversation, and its messages."""


class Place(msgspec.Struct, frozen=True):
    """Where in Chatwoot the conversations go, with the token for it; `callback` opens the way back.

    `agent_id` is whom Chatwoot's agents act as here.
    """

    account_id: int
    inbox_id: int
    token: str
    callback: str
    agent_id: str


class _Numbered(msgspec.Struct):
    id: int | str = 0


class _Sender(msgspec.Struct):
    name: str | None = None
    available_name: str | None = None


class _Attached(msgspec.Struct):
    data_url: str | None = None


class ChatwootCall(msgspec.Struct):
    """A call of Chatwoot's webhook, as far as it matters here."""

    event: str = ""
    id: int | str = 0
    content: str | None = None
    message_type: str | int | None = None
    private: bool | None = False
    status: str | None = None
    inbox_id: int | None = None
    inbox: _Numbered | None = None
    sender: _Sender | None = None
    conversation: _Numbered | None = None
    attachments: list[_Attached] | None = None


@dataclass(frozen=True)
class _Answer:
    status: int
    body: Any


class _Refused(Exception):
    """Chatwoot refused; the text says what and how."""

    def __init__(self, status: int | None, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Client:
    """The calls to one inbox."""

    def __init__(self, outside: Outside, hook: Hook, place: Place) -> None:
        self._outside = outside
        self._base = f"{hook.url.rstrip('/')}/api/v1/accounts/{place.account_id}"
        self._headers = {"api_access_token": place.token, "Content-Type": "application/json"}
        self._inbox = place.inbox_id

    async def open(self, conversation_id: str, name: str) -> str:
        """A contact and a conversation for it; those that a try before this one made, if it made them."""
        identifier = f"steward-{conversation_id}"
        contact = await self._contact(identifier, name)
        known = await self._call("GET", f"contacts/{contact}/conversations")
        for one in _list(known.body):
            if one.get("inbox_id") == self._inbox:
                return str(one["id"])
        body = {
            "source_id": identifier,
            "inbox_id": self._inbox,
            "contact_id": contact,
            "status": "open",
            "additional_attributes": {"steward_conversation": conversation_id},
        }
        return str((await self._call("POST", "conversations", body)).body["id"])

    async def note(self, remote_id: str, source_id: str, text: str, again: bool) -> None:
        """Tell the agents something that the customer does not read."""
        body = {"content": text[:_NOTE_LENGTH], "message_type": "outgoing", "private": True}
        await self._post(remote_id, source_id, body, again)

    async def say(self, remote_id: str, source_id: str, text: str, again: bool) -> None:
        """What the customer said."""
        body = {"content": text, "message_type": "incoming", "private": False}
        await self._post(remote_id, source_id, body, again)

    async def _post(self, remote_id: str, source_id: str, body: Mapping[str, Any], again: bool) -> None:
        """A message, unless a try before this one (`again`) has brought it."""
        if not (again and await self._has(remote_id, source_id)):
            path = f"conversations/{remote_id}/messages"
            await self._call("POST", path, {**body, "source_id": source_id})

    async def _has(self, remote_id: str, source_id: str) -> bool:
        """Whether the message is there already, among the newest."""
        found = await self._call("GET", f"conversations/{remote_id}/messages")
        return any(one.get("source_id") == source_id for one in _list(found.body))

    async def set_status(self, remote_id: str, status: str) -> None:
        """Open or resolve the conversation there."""
        await self._call("POST", f"conversations/{remote_id}/toggle_status", {"status": status})

    async def _contact(self, identifier: str, name: str) -> int:
        body = {"inbox_id": self._inbox, "name": name, "identifier": identifier, "source_id": identifier}
        made = await self._call("POST", "contacts", body, allow=(_UNPROCESSABLE,))
        if made.status in _OK:
            return int(made.body["payload"]["contact"]["id"])
        found = await self._call("GET", f"contacts/search?q={identifier}")
        for one in _list(found.body):
            if one.get("identifier") == identifier:
                return int(one["id"])
        raise _Refused(made.status, "Chatwoot refused the contact")

    async def _call(self, method: str, path: str, body: Any = None, allow: Sequence[int] = ()) -> _Answer:
        content = None if body is None else msgspec.json.encode(body)
        try:
            reply = await self._outside.call(method, f"{self._base}/{path}", self._headers, content)
        except Unreachable as error:
            raise _Refused(None, str(error)) from error
        if reply.status not in _OK and reply.status not in allow:
            what = path.partition("?")[0]
            raise _Refused(reply.status, f"status {reply.status} to {method} {what}")
        try:
            return _Answer(reply.status, msgspec.json.decode(reply.body or b"{}"))
        except msgspec.DecodeError:
            raise _Refused(reply.status, f"no JSON from {method} {path.partition('?')[0]}") from None


class Bridge:
    """Both directions. To Chatwoot it is a sender of webhooks; `hear` takes what Chatwoot says."""

    def __init__(self, desk: Desk, store: Store, outside: Outside, now: Callable[[], int]) -> None:
        self._desk = desk
        self._store = store
        self._outside = outside
        self._now = now

    async def open(self, inbox: ChatwootInbox | None) -> None:
        """Be there as it was left, or as the environment says."""
        if inbox is not None:
            detail = {"url": inbox.url, "account": inbox.account_id, "inbox": inbox.inbox_id}
            entry = Entry(self._now(), "", "The environment", "bridge.set_up", KIND, detail)
            known = await self._store.hooks.get(KIND)
            if known is None or _inbox_of(known) != inbox:
                await self.set_up(inbox, entry)
        await self.appear()

    async def set_up(self, inbox: ChatwootInbox, entry: Entry) -> Hook:
        """Lead to an inbox from now on. The way back stays the same when it was there before."""
        known = await self._store.hooks.get(KIND)
        old = place_of(known) if known else None
        place = Place(
            inbox.account_id,
            inbox.inbox_id,
            inbox.token,
            old.callback if old else secrets.token_urlsafe(24),
            old.agent_id if old else "chatwoot_" + secrets.token_urlsafe(9),
        )
        hook = Hook(
            id=KIND,
            kind=KIND,
            url=inbox.url,
            name="Chatwoot",
            events=EVENTS,
            secret=inbox.secret,
            settings=msgspec.to_builtins(place),
            active=True,
            created_at=known.created_at if known else self._now(),
            created_by=entry.actor_id or None,
        )
        await self._store.bridges.set_up(hook, place.agent_id, entry)
        await self.appear()
        return hook

    async def remove(self, entry: Entry) -> bool:
        """Lead nowhere any more; False when it did not."""
        hook = await self._store.hooks.get(KIND)
        if hook is None:
            return False
        await self._store.bridges.remove(KIND, place_of(hook).agent_id, entry)
        self._desk.presence.say(place_of(hook).agent_id, Presence.OFFLINE, lasting=True)
        return True

    async def appear(self) -> None:
        """While the bridge is on, somebody is there; customers may be kept waiting."""
        hook = await self._store.hooks.get(KIND)
        if hook is not None:
            state = Presence.ONLINE if hook.active else Presence.OFFLINE
            self._desk.presence.say(place_of(hook).agent_id, state, lasting=True)

    # To Chatwoot

    async def send(self, hook: Hook, delivery: Delivery) -> Result:
        """Bring one event to Chatwoot."""
        place = place_of(hook)
        try:
            await self._tell(_Client(self._outside, hook, place), hook, place, delivery)
        except _Refused as refusal:
            return Result(refusal.status, str(refusal))
        except (KeyError, TypeError, ValueError) as error:
            return Result(None, f"Chatwoot answered in another form ({type(error).__name__})")
        except ConversationError as refusal:
            # The conversation was erased meanwhile: there is nothing to tell any more.
            return Result(None, None if refusal.code == "not_found" else str(refusal))
        return Result(200)

    async def _tell(self, client: _Client, hook: Hook, place: Place, delivery: Delivery) -> None:
        event = delivery.event
        conversation_id, card = event.conversation_id, event.data.get("conversation")
        if conversation_id is None or card is None:
            return
        link = await self._store.bridges.of(hook.id, conversation_id)
        if event.type in ("handoff.requested", "handoff.deferred"):
            await self._hand_over(client, hook, link, delivery)
        elif link is None:
            return
        elif event.type == "message.created":
            await self._relay(client, place, link, card, event.data["message"], delivery.again)
        elif card["epoch"] > link.told_epoch:
            await self._let_go(client, place, link, delivery)

    async def _hand_over(self, client: _Client, hook: Hook, link: Link | None, delivery: Delivery) -> None:
        conversation_id = delivery.event.conversation_id or ""
        epoch = delivery.event.data["conversation"]["epoch"]
        if link is not None and link.told_epoch >= epoch:
            return
        packet, messages = await self._desk.told(conversation_id)
        if link is None:
            remote_id = await client.open(conversation_id, packet.customer.name or "Customer")
            link = Link(hook.id, conversation_id, remote_id, 0, 0)
            await self._store.bridges.begin(link)
        else:
            await client.set_status(link.remote_id, "open")
        await client.note(
            link.remote_id, f"steward-{delivery.event.id}", note_of(packet, messages), delivery.again
        )
        newest = max((item.message.seq for item in messages), default=0)
        await self._store.bridges.told(link, epoch=epoch, seq=newest)

    async def _relay(
        self,
        client: _Client,
        place: Place,
        link: Link,
        card: Mapping[str, Any],
        message: Mapping[str, Any],
        again: bool,
    ) -> None:
        if message["from"] != "customer" or message["seq"] <= link.told_seq or not _is_theirs(card, place):
            return
        await client.say(link.remote_id, f"steward-{message['id']}", _text_of(message), again)
        await self._store.bridges.told(link, seq=message["seq"])

    async def _let_go(self, client: _Client, place: Place, link: Link, delivery: Delivery) -> None:
        """Somebody else has the conversation, or nobody needs to."""
        event = delivery.event
        card = event.data["conversation"]
        if event.type == "handoff.accepted":
            if _is_theirs(card, place):
                return
            agent = (card["agent"] or {}).get("name") or "A colleague"
            text = f"{agent} has taken this conversation at Steward's desk."
        else:
            text = _ENDED[event.type]
        await client.note(link.remote_id, f"steward-{event.id}", text, delivery.again)
        await client.set_status(link.remote_id, "resolved")
        await self._store.bridges.told(link, epoch=card["epoch"])

    # From Chatwoot

    async def hear(self, hook: Hook, told: ChatwootCall) -> None:
        """Do what an agent did in Chatwoot; raises ConversationError for what the conversation refuses."""
        place = place_of(hook)
        if told.event == "message_created":
            await self._hear_message(hook, place, told)
        elif told.event == "conversation_status_changed" and told.status == "resolved":
            await self._hear_resolved(hook, place, told)

    async def _hear_message(self, hook: Hook, place: Place, told: ChatwootCall) -> None:
        inbox = told.inbox.id if told.inbox else None
        said = told.message_type in ("outgoing", 1) and not told.private
        link = await self._linked(hook, told.conversation.id if told.conversation else 0)
        parts = _parts(told)
        if not said or link is None or not parts or str(inbox) != str(place.inbox_id):
            return
        name = _name(told, hook)
        for number, text in enumerate(parts):
            key = f"chatwoot-{told.id}-{number}"
            if await self._store.conversations.sent(link.conversation_id, "agent", key):
                continue
            await self._take(link, place, name)
            event = AgentWrote(self._now(), place.agent_id, name, text)
            await self._desk.write(link.conversation_id, event, key)

    async def _hear_resolved(self, hook: Hook, place: Place, told: ChatwootCall) -> None:
        link = await self._linked(hook, told.id)
        if link is None or told.inbox_id not in (None, place.inbox_id):
            return
        for attempt in range(_TRIES):
            now = await self._store.conversations.get(link.conversation_id)
            if now.owner is Owner.QUEUE:
                now = await self._take(link, place, hook.name)
            if now.state is not State.AGENT or now.agent_id != place.agent_id:
                return
            event = Resolved(self._now(), now.epoch, place.agent_id, "answered")
            if await self._done(link, event, last=attempt == _TRIES - 1):
                return

    async def _take(self, link: Link, place: Place, name: str) -> Conversation:
        """Have the conversation, if nobody else does; raises ConversationError `taken` if somebody does."""
        for attempt in range(_TRIES):
            now = await self._store.conversations.get(link.conversation_id)
            if now.state is State.AGENT and now.agent_id == place.agent_id:
                return now
            match now.owner:
                case Owner.QUEUE:
                    event: Event = Accepted(self._now(), now.epoch, place.agent_id, name)
                case Owner.NOBODY if now.last_agent_id == place.agent_id:
                    event = Reopened(self._now(), now.epoch, place.agent_id, name)
                case _:
                    raise ConversationError("taken", "Somebody else has this conversation.")
            await self._done(link, event, last=attempt == _TRIES - 1)
        return await self._store.conversations.get(link.conversation_id)

    async def _done(self, link: Link, event: Event, *, last: bool) -> bool:
        """Commit, and remember that Chatwoot knows; False when the conversation had moved on."""
        try:
            committed = await self._desk.commit(link.conversation_id, event)
        except ConversationError as refusal:
            if refusal.code != "stale" or last:
                raise
            return False
        await self._store.bridges.told(link, epoch=committed.outcome.after.epoch)
        return True

    async def _linked(self, hook: Hook, remote_id: int | str) -> Link | None:
        return await self._store.bridges.of_remote(hook.id, str(remote_id)[:64])


def _inbox_of(hook: Hook) -> ChatwootInbox:
    place = place_of(hook)
    return ChatwootInbox(hook.url, place.account_id, place.inbox_id, place.token, hook.secret)


def place_of(hook: Hook) -> Place:
    """Where the hook's conversations go."""
    return msgspec.convert(dict(hook.settings), Place)


def is_signed(secret: str, timestamp: str, signature: str, body: bytes, now: int) -> bool:
    """Whether Chatwoot sent it, and not long ago; `now` in milliseconds."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > len(str(now)):
        return False
    if abs(now // 1000 - int(timestamp)) > _FRESH_SECONDS:
        return False
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={digest}".encode(), signature.encode("utf-8", "replace"))


def note_of(packet: Packet, messages: Sequence[StoredMessage]) -> str:
    """What an agent in Chatwoot needs to know, as a private note."""
    products = ", ".join(f"{one.name} ({one.sku})" for one in packet.products)
    told = ", ".join(f"{one.what}: {one.value}" for one in packet.told)
    tried = ", ".join(dict.fromkeys(one.topic or one.act for one in packet.tried))
    who = " ".join(filter(None, (packet.customer.name, packet.customer.email)))
    verified = " (verified)" if packet.customer.verified else ""
    facts = {
        "Why": packet.reason,
        "Wants": packet.wants,
        "Product": products,
        "Customer": who and who + verified,
        "Told already": told,
        "The assistant tried": tried,
        "Page": packet.page,
        "Language": packet.language,
    }
    head = "\n".join(f"**{name}:** {value}" for name, value in facts.items() if value)
    lines = [_line(item) for item in messages[-_TRANSCRIPT:]]
    return "\n\n".join(["**Handed over by Steward**", head, "---", "\n".join(lines)])


def _line(item: StoredMessage) -> str:
    draft = item.message.draft
    who = draft.author or _SPEAKERS.get(draft.sender, draft.sender)
    return f"**{who}:** {_text_of(shapes.message_shape(item))}"


def _text_of(message: Mapping[str, Any]) -> str:
    names = [f"[{one['name']}]" for one in message.get("attachments", ())]
    return " ".join(filter(None, [message["text"], *names]))


def _is_theirs(card: Mapping[str, Any], place: Place) -> bool:
    """Whether Chatwoot's agents may answer: it waits, or they have it."""
    if card["state"] == State.AGENT.value:
        return bool(card["agent"] and card["agent"]["id"] == place.agent_id)
    return card["state"] in (State.QUEUED.value, State.OFFERED.value, State.DEFERRED.value)


def _parts(told: ChatwootCall) -> list[str]:
    """What the agent said with the addresses of its files, in messages that are not too long."""
    files = [one.data_url for one in told.attachments or () if one.data_url]
    text = "\n".join(filter(None, [(told.content or "").replace("\x00", "").strip(), *files]))
    return [text[at : at + shapes.TEXT_LENGTH] for at in range(0, len(text), shapes.TEXT_LENGTH)]


def _name(told: ChatwootCall, hook: Hook) -> str:
    sender = told.sender or _Sender()
    return ((sender.available_name or sender.name or "").replace("\x00", "").strip() or hook.name)[:200]


def _list(body: Any) -> list[Mapping[str, Any]]:
    """The list that Chatwoot wraps in `payload`."""
    payload = body.get("payload", body) if isinstance(body, dict) else body
    return [one for one in payload if isinstance(one, dict)] if isinstance(payload, list) else []
