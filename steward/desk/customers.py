"""What customers may do: begin a conversation, write in it, read what is new, rate an answer."""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from typing import Any

from steward.clock import now
from steward.desk import shapes
from steward.desk.accounts.agents import Accounts, TooMany, name_of, token_hash
from steward.desk.bus import Bus, Closed
from steward.desk.commits import Commits, Happened
from steward.desk.conversation import Conversation, CustomerWrote, State
from steward.desk.improve.service import Improve
from steward.desk.limits import Limits, Window
from steward.desk.metrics import Metrics
from steward.desk.queue.places import Places
from steward.desk.queue.promises import Promises
from steward.desk.store import Origin, Store, StoredMessage
from steward.desk.store.files import CUSTOMER
from steward.desk.workspace.files import Attachments
from steward.desk.workspace.reading import Read, Receipts
from steward.errors import ConversationError
from steward.words import Words


class Customers:
    """The customers' side of the desk. A conversation opens to whoever shows its token."""

    def __init__(
        self,
        store: Store,
        words: Words,
        limits: Limits,
        bus: Bus,
        metrics: Metrics,
        *,
        reopen_for: int,
        commits: Commits,
        accounts: Accounts,
        places: Places,
        promises: Promises,
        files: Attachments,
        receipts: Receipts,
        improve: Improve,
    ) -> None:
        self._store = store
        self._words = words
        self._bus = bus
        self._metrics = metrics
        self._reopen_for = reopen_for
        self._commits = commits
        self._accounts = accounts
        self._places = places
        self._promises = promises
        self._files = files
        self._receipts = receipts
        self._improve = improve
        self._conversation_rate = Window(limits.conversations)
        self._message_rate = Window(limits.messages)
        self._upload_rate = Window(limits.uploads)
        self._token_hashes: dict[str, str] = {}

    # Coming in

    async def begin(
        self, origin: Origin, address: str, previous: shapes.Previous | None = None
    ) -> tuple[Conversation, str]:
        """A new conversation and the token that opens it, linked to the one it carries on.

        A previous conversation that is gone, or whose token is not shown, is not linked; the customer is
        not kept from beginning anew.
        """
        if not _on_this_machine(address):
            _allow(self._conversation_rate, address)
        earlier = await self._carried_on(previous)
        at = now()
        conversation = Conversation(
            id=secrets.token_urlsafe(18),
            created_at=at,
            updated_at=at,
            previous_id=earlier.id if earlier else None,
            last_agent_id=earlier.last_agent_id if earlier else None,
        )
        token = secrets.token_urlsafe(32)
        await self._store.conversations.create(conversation, token_hash(token), origin)
        self._token_hashes[conversation.id] = token_hash(token)
        self._metrics.conversations += 1
        return conversation, token

    async def _carried_on(self, previous: shapes.Previous | None) -> Conversation | None:
        if previous is None:
            return None
        try:
            await self.authorise(previous.id, previous.token)
            return await self._store.conversations.get(previous.id)
        except ConversationError:
            return None

    async def authorise(self, conversation_id: str, token: str | None) -> None:
        """Raises ConversationError unless the token opens the conversation; never tells whether it exists."""
        if not token:
            message = "Send the conversation's token as a bearer token."
            raise ConversationError("unauthorised", message, status=401)
        known = self._token_hashes.get(conversation_id) or await self._store.conversations.token_hash(
            conversation_id
        )
        shown = token_hash(token)
        right = hmac.compare_digest(known or token_hash(secrets.token_urlsafe(32)), shown)
        if not right and not await self._store.promises.opens(conversation_id, shown, now()):
            raise ConversationError("not_found", "There is no such conversation.", status=404)
        self._token_hashes[conversation_id] = known or ""

    def forget(self, conversation_id: str) -> None:
        """The conversation is gone."""
        self._token_hashes.pop(conversation_id, None)

    # Writing

    async def write(
        self, conversation_id: str, body: shapes.NewMessage, key: str | None, origin: object | None = None
    ) -> int:
        """Store what the customer sent, then have it answered; the seq it has."""
        _allow(self._message_rate, conversation_id)
        text, payload = await self._read_message(conversation_id, body)
        attached = await self._files.chosen(conversation_id, CUSTOMER, body.files)
        event = CustomerWrote(now(), text, payload, self._reopen_for, attachments=attached)
        return await self._commits.write(conversation_id, event, key, origin)

    async def _read_message(self, conversation_id: str, body: shapes.NewMessage) -> tuple[str, str | None]:
        """The text to show and the payload, if any; only payloads that were offered are let through."""
        if body.files and body.payload is None and not (body.text or "").strip():
            return "", None
        if (body.text is None) == (body.payload is None) or (body.files and body.payload is not None):
            message = "Send either text, with or without files, or payload."
            raise ConversationError("invalid", message, status=400, field="text")
        if body.text is not None:
            return shapes.words(body.text, "text"), None
        buttons = self._words.buttons("utter_widget_greeting")
        offered = [*buttons, *await self._store.conversations.offered_buttons(conversation_id)]
        title = next((b.get("title") for b in offered if b.get("payload") == body.payload), None)
        if not title:
            message = "The payload is none of the buttons offered in this conversation."
            raise ConversationError("invalid", message, status=400, field="payload")
        return title, body.payload

    def allow_upload(self, conversation_id: str) -> None:
        """Count one more upload; raises TooMany when that is too much at once."""
        _allow(self._upload_rate, conversation_id)

    async def rate(self, conversation_id: str, rating: shapes.Rating) -> None:
        """Keep the customer's opinion of a message."""
        if not 0 < rating.seq < 2**31 or not await self._store.feedback.rate(
            conversation_id, rating.seq, rating.value, now(), also=self._improve.rated
        ):
            message = "There is no message from the bot or an agent with that seq."
            raise ConversationError("invalid", message, status=400, field="seq")

    # Reading

    async def news(
        self, conversation_id: str, after: int, wait: float, read: int | None = None
    ) -> tuple[Conversation, tuple[StoredMessage, ...]]:
        """What came after a seq, as soon as somebody other than the customer has said something.

        With `read` it waits no longer once the agent has read beyond it.
        """
        if not wait:
            return await self._store.conversations.snapshot(conversation_id, after)
        deadline = time.monotonic() + wait
        with self._bus.subscribe(conversation_id) as subscription:
            conversation, messages = await self._store.conversations.snapshot(conversation_id, after)
            seen = (await self._receipts.marks(conversation)).agent if read is not None else 0
            while not any(item.message.draft.sender != "customer" for item in messages):
                if read is not None and seen > read:
                    break
                try:
                    item = await asyncio.wait_for(subscription.get(), deadline - time.monotonic())
                except (asyncio.TimeoutError, Closed):
                    break
                if isinstance(item, Read):
                    seen = item.seq
                if isinstance(item, Happened):
                    conversation, messages = await self._advanced(conversation, messages, item, after)
        return conversation, messages

    async def _advanced(
        self, known: Conversation, messages: tuple[StoredMessage, ...], news: Happened, after: int
    ) -> tuple[Conversation, tuple[StoredMessage, ...]]:
        """What was known with the news added; read again when a commit between the two was not seen."""
        outcome = news.committed.outcome
        if outcome.before.seq == known.seq and outcome.before.epoch == known.epoch:
            return outcome.after, messages + news.committed.messages
        return await self._store.conversations.snapshot(known.id, after)

    async def view(self, conversation: Conversation, messages: tuple[StoredMessage, ...]) -> dict[str, Any]:
        """A snapshot as the customer sees it."""
        place = await self._places.of(conversation)
        return {
            **await self.standing(conversation),
            "seq": conversation.seq,
            "queue": place.shape() if place else None,
            "read_seq": (await self._receipts.marks(conversation)).agent,
            "messages": [shapes.message_shape(item, self._files.link) for item in messages],
        }

    async def standing(self, conversation: Conversation) -> dict[str, Any]:
        """Who answers now, and what the customer was promised."""
        owned = conversation.state is State.AGENT
        return {
            "state": conversation.state.value,
            "epoch": conversation.epoch,
            "agent": {"name": name_of(conversation.agent_id, self._accounts.names)} if owned else None,
            "held": conversation.held,
            "promise": await self._promises.shown(conversation),
            "open": self._promises.opening(),
        }


def _on_this_machine(address: str) -> bool:
    """Loopback: this machine's own programs, or every visitor of a proxy that does not say who they are."""
    return address.startswith("127.") or address in ("::1", "")


def _allow(window: Window, key: str) -> None:
    wait = window.take(key, time.monotonic())
    if wait:
        raise TooMany("That is too much at once; wait a little.", wait)
