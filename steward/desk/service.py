"""The desk itself: what customers and agents may do, with everything that follows from it.

The state machine decides, the store keeps, then the bus tells; the API and the sockets only translate.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from steward.catalogue import Catalogue, OpeningHours
from steward.desk import shapes
from steward.desk.accounts import invitations
from steward.desk.accounts.agents import Accounts, TooMany, ensure_first_agent, name_of, token_hash
from steward.desk.accounts.keys import Keyring
from steward.desk.accounts.oidc import SignOn
from steward.desk.bus import DESK, Bus, Closed
from steward.desk.conversation import (
    AgentWrote,
    BotFailed,
    BotReplied,
    Conversation,
    CustomerWrote,
    Draft,
    Event,
    Handoff,
    HandoffAsked,
    Outcome,
    Promised,
    State,
    step,
)
from steward.desk.improve.changes import Changes
from steward.desk.improve.promotion import Promotions as ModelPromotions
from steward.desk.improve.service import Improve
from steward.desk.improve.shadow import Shadow
from steward.desk.improve.topics import Topics
from steward.desk.improve.trainings import Retraining
from steward.desk.integrations import chatwoot, hooks, mail
from steward.desk.integrations import events as outward
from steward.desk.integrations.chatwoot import Bridge
from steward.desk.integrations.mail import Post
from steward.desk.integrations.outside import Outside
from steward.desk.limits import Limits, Window
from steward.desk.metrics import Metrics
from steward.desk.queue import promises
from steward.desk.queue.dispatch import Dispatch
from steward.desk.queue.expected import Expected
from steward.desk.queue.hours import ROUND_THE_CLOCK, Hours
from steward.desk.queue.promises import Promises
from steward.desk.queue.waits import Range
from steward.desk.relay import Question, Relay
from steward.desk.store import (
    Agent,
    Claim,
    Committed,
    KeyUsed,
    NewEvent,
    Origin,
    Store,
    StoredMessage,
    StoreUnavailable,
    Work,
)
from steward.desk.store.files import CUSTOMER
from steward.desk.switch import ServingBot
from steward.desk.tasks import Tasks
from steward.desk.workspace.files import Attachments
from steward.desk.workspace.identity import customer_of
from steward.desk.workspace.notes import NoteBook
from steward.desk.workspace.packet import Contact, Packet, packet_of
from steward.desk.workspace.reading import Onlookers, Read, Receipts
from steward.desk.workspace.snippets import Replies
from steward.desk.workspace.suggestions import WORDS as SUGGESTION_WORDS
from steward.errors import ConversationError
from steward.memory import Memory
from steward.project import Project
from steward.settings import Settings
from steward.words import Words

WORDS: dict[str, dict[str, str]] = {
    "utter_desk_queued": {},
    "utter_desk_joined": {"agent": "Alex"},
    "utter_desk_held": {"agent": "Alex"},
    "utter_desk_resumed": {"agent": "Alex"},
    "utter_desk_transferred": {"agent": "Alex"},
    "utter_desk_transferred_to": {"agent": "Alex", "colleague": "Sam"},
    "utter_desk_stays": {"agent": "Alex"},
    "utter_desk_lost": {},
    "utter_desk_returned": {},
    "utter_desk_resolved": {},
    "utter_desk_cancelled": {},
    "utter_desk_ended": {},
    "utter_bot_error": {},
    "utter_widget_greeting": {},
    "utter_widget_shop": {},
    "utter_desk_only_files": {},
    **SUGGESTION_WORDS,
}
"""The responses of domain.yml that the desk says itself, each with an example of its placeholders."""

DRAIN_SECONDS = 5.0
_LOG = logging.getLogger("steward.desk")
_SETTLE_SECONDS = 0.03
_FORGET_SECONDS = 600
_ASKED = 5
_EARLIER = 5
_AFTER_ALL = 2**31 - 1


@dataclass(frozen=True)
class Happened:
    """News on a conversation's topic: something was stored. `origin` is the socket that caused it."""

    committed: Committed
    origin: object | None


@dataclass(frozen=True)
class Place:
    """News on a conversation's topic: its place in the queue."""

    position: int
    waited: int
    expected: Range | None

    def shape(self) -> dict[str, Any]:
        """As its customer sees it."""
        expected = {"low": self.expected.low, "high": self.expected.high} if self.expected else None
        return {"position": self.position, "waited": self.waited, "expected": expected}


@dataclass(frozen=True)
class Typing:
    """News on a conversation's topic: somebody is writing."""

    sender: str
    origin: object | None = None


@dataclass(frozen=True)
class QueueNews:
    """News on the desk's topic: the queue, and how many conversations each agent owns."""

    cards: list[dict[str, Any]]
    waiting: int
    owned: dict[str, int]

    def counts(self, agent_id: str) -> dict[str, int]:
        """The numbers as that agent sees them."""
        return {"queue": self.waiting, "mine": self.owned.get(agent_id, 0)}


class Desk:
    """One desk process. `open` before use, `close` at the end."""

    def __init__(
        self,
        settings: Settings,
        words: Words,
        limits: Limits | None = None,
        catalogue: Catalogue | None = None,
        opening: OpeningHours | None = None,
    ) -> None:
        limits = limits or Limits()
        known = catalogue.opening if catalogue else ROUND_THE_CLOCK
        hours = Hours(ROUND_THE_CLOCK if settings.always_open else opening or known)
        self.settings = settings
        self.words = words
        self.products = catalogue.products if catalogue else {}
        self.bus = Bus()
        self.metrics = Metrics()
        self.store = Store(settings.database_url, self._events_of)
        self.bot = ServingBot(settings)
        self.promotions = ModelPromotions(settings, self.bot, self.store, self.bus, now)
        self.retraining = Retraining(settings, self.bus)
        self.shadow = Shadow(settings, self.bot, self.store, now)
        self.bot.heard = self.shadow.hear
        self.accounts = Accounts(self.store, limits, now, self.bus)
        self.sign_on = SignOn(settings.single_sign_on, self.store, now)
        self.relay = Relay(self.bot, self.store, self.metrics, self.commit, now, only_files(words))
        self.promises = Promises(hours, words, self.store, settings, self.commit, now)
        self.dispatch = Dispatch(self.store, self.bus, self.commit, self.card, now, self.promises)
        self.expected = Expected(self.store, self.dispatch.presence.count, now)
        self.post = Post(self.store, words, settings, self.bus.heard, now)
        self.presence = self.dispatch.presence
        self.notes = NoteBook(self.store, self.bus, now)
        self.keys = Keyring(self.store, limits, now, self.dispatch.wake)
        self.outside = Outside(settings.webhooks_allow_private, limits.deliveries.timeout)
        self.chatwoot = Bridge(self, self.store, self.outside, now)
        senders: dict[str, hooks.Sender] = {
            hooks.HTTP: hooks.HttpSender(self.outside, now),
            chatwoot.KIND: self.chatwoot,
        }
        self.courier = hooks.Courier(self.store, senders, limits.deliveries, now)
        self._reopen_for = int(settings.reopen_hours * 3_600_000)
        self.notes = NoteBook(self.store, self.bus, now)
        self.snippets = Replies(self.store, words, now)
        self.files = Attachments(settings.home, self.store, now)
        self.receipts = Receipts(self.store, self.bus)
        self.onlookers = Onlookers(self.bus, lambda: self.accounts.names, now)
        topics = Topics(settings.domain, settings.catalogue / "topics.csv")
        self.improve = Improve(self.store, self.bus, topics, lambda: self.accounts.names, now)
        self.changes = Changes(Project(settings.root), self.store, self.improve.labels, self.bus, now)
        topics.planned = self.changes.planned
        self._message_rate = Window(limits.messages)
        self._upload_rate = Window(limits.uploads)
        self._erased = asyncio.Event()
        self._conversation_rate = Window(limits.conversations)
        self._token_hashes: dict[str, str] = {}
        self._places: dict[str, int] = {}
        self._queue_moved = asyncio.Event()
        self._commits = Tasks()
        self._background = Tasks()
        self._memory = Memory(settings.memory)

    async def open(self) -> None:
        """Prepare the database and take up what was left; raises ConfigurationError when that cannot be."""
        for name, values in (WORDS | promises.WORDS | mail.WORDS | invitations.WORDS).items():
            self.words.say(name, **values)
        self.settings.home.mkdir(parents=True, exist_ok=True)
        await self.store.open()
        await self.files.open()
        await ensure_first_agent(self.settings, self.store, now())
        await self.accounts.load()
        await self.dispatch.open()
        await self.changes.open()
        await self.shadow.open()
        await self.bot.open()
        await self.relay.recover()
        self._background.keep(self.bot.run)
        self._background.keep(self.promotions.run)
        self._background.keep(self.shadow.run)
        self._background.keep(self.retraining.run)
        self._background.keep(self._announce_queue)
        self._background.keep(self.files.run)
        self._background.keep(self._forget)
        self._background.keep(self.onlookers.run)
        self._background.keep(self.improve.run)
        self._background.keep(self.dispatch.run)
        await self.chatwoot.open(self.settings.chatwoot)
        self._background.keep(self.courier.run)
        self._background.keep(self.keys.run)
        self._background.keep(self.post.run)

    def hush(self) -> None:
        """End what waits for news: long polls answer, sockets say goodbye."""
        self.bus.close()

    async def close(self) -> None:
        """Let answers under way arrive, then close the database."""
        await self.relay.close(DRAIN_SECONDS)
        await self._commits.finish(DRAIN_SECONDS)
        await self.files.close()
        await self._background.finish(0)
        await self.courier.close(DRAIN_SECONDS)
        await self.outside.close()
        await self.bot.close()
        await self.shadow.close()
        await self.store.close()

    # Customers

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
        await self.store.conversations.create(conversation, token_hash(token), origin)
        self._token_hashes[conversation.id] = token_hash(token)
        self.metrics.conversations += 1
        return conversation, token

    async def _carried_on(self, previous: shapes.Previous | None) -> Conversation | None:
        if previous is None:
            return None
        try:
            await self.authorise(previous.id, previous.token)
            return await self.state(previous.id)
        except ConversationError:
            return None

    async def authorise(self, conversation_id: str, token: str | None) -> None:
        """Raises ConversationError unless the token opens the conversation; never tells whether it exists."""
        if not token:
            message = "Send the conversation's token as a bearer token."
            raise ConversationError("unauthorised", message, status=401)
        known = self._token_hashes.get(conversation_id) or await self.store.conversations.token_hash(
            conversation_id
        )
        shown = token_hash(token)
        right = hmac.compare_digest(known or token_hash(secrets.token_urlsafe(32)), shown)
        if not right and not await self.store.promises.opens(conversation_id, shown, now()):
            raise not_found()
        self._token_hashes[conversation_id] = known or ""

    async def customer_wrote(
        self, conversation_id: str, body: shapes.NewMessage, key: str | None, origin: object | None = None
    ) -> int:
        """Store what the customer sent, then have it answered; the seq it has."""
        _allow(self._message_rate, conversation_id)
        text, payload = await self._read_message(conversation_id, body)
        attached = await self.files.chosen(conversation_id, CUSTOMER, body.files)
        digest = hashlib.sha256(shapes.encode([payload, text, *body.files]).encode()).hexdigest()

        def decide(conversation: Conversation) -> Outcome:
            online = self.dispatch.presence.online(conversation.last_agent_id)
            event = CustomerWrote(now(), text, payload, self._reopen_for, online, attached)
            return step(conversation, event)

        async def send() -> int:
            committed = await self._commits.whole(
                self._commit(conversation_id, decide, key=key, digest=digest, origin=origin)
            )
            return committed.messages[0].message.seq

        return await self._once(conversation_id, "customer", key, digest, send)

    async def snapshot(
        self, conversation_id: str, after: int
    ) -> tuple[Conversation, tuple[StoredMessage, ...]]:
        """The conversation and what came after a seq; refuses a seq that is not there."""
        found = await self.store.conversations.snapshot(conversation_id, after)
        if found is None:
            raise not_found()
        if after > found[0].seq:
            message = f"after is {after}, but the newest message has the seq {found[0].seq}."
            raise ConversationError("invalid", message, status=400, field="after")
        return found

    async def state(self, conversation_id: str) -> Conversation:
        """The conversation without its messages."""
        found = await self.store.conversations.snapshot(conversation_id, _AFTER_ALL)
        if found is None:
            raise not_found()
        return found[0]

    def allow_upload(self, conversation_id: str) -> None:
        """Count one more upload; raises TooMany when that is too much at once."""
        _allow(self._upload_rate, conversation_id)

    async def news(
        self, conversation_id: str, after: int, wait: float, read: int | None = None
    ) -> tuple[Conversation, tuple[StoredMessage, ...]]:
        """Like `snapshot`, but waits until somebody other than the customer has said something.

        With `read` it waits no longer once the agent has read beyond it.
        """
        if not wait:
            return await self.snapshot(conversation_id, after)
        deadline = time.monotonic() + wait
        with self.bus.subscribe(conversation_id) as subscription:
            conversation, messages = await self.snapshot(conversation_id, after)
            seen = (await self.receipts.marks(conversation)).agent if read is not None else 0
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
        return await self.snapshot(known.id, after)

    async def rate(self, conversation_id: str, rating: shapes.Rating) -> None:
        """Keep the customer's opinion of a message."""
        if not 0 < rating.seq < 2**31 or not await self.store.feedback.rate(
            conversation_id, rating.seq, rating.value, now(), also=self.improve.rated
        ):
            message = "There is no message from the bot or an agent with that seq."
            raise ConversationError("invalid", message, status=400, field="seq")

    async def export(self, conversation_id: str) -> dict[str, Any]:
        """Everything that is stored about the customer."""
        conversation, messages = await self.snapshot(conversation_id, 0)
        origin = await self.store.conversations.origin(conversation_id)
        ratings = await self.store.feedback.ratings(conversation_id)
        return {
            "conversation": {
                "id": conversation.id,
                "state": conversation.state.value,
                "created_at": shapes.time_text(conversation.created_at),
                "updated_at": shapes.time_text(conversation.updated_at),
                "locale": origin.locale if origin else None,
                "page": origin.page if origin else None,
                "identity": origin.identity if origin else None,
                "handoff": _handoff_of(conversation),
            },
            "messages": [shapes.message_shape(item, self.files.link) for item in messages],
            "files": await self.files.exported(conversation_id),
            "feedback": [rating | {"at": shapes.time_text(rating["at"])} for rating in ratings],
            "contact": await self.promises.exported(conversation_id),
        }

    async def erase(self, conversation_id: str) -> None:
        """Delete everything of the conversation; who listens to it is cut off."""
        told = [outward.erased(conversation_id, now())]
        files = await self.store.files.of(conversation_id)
        if not await self.store.conversations.erase(conversation_id, told):
            raise not_found()
        await self.files.removed(files)
        self._erased.set()
        self.courier.wake()
        self._token_hashes.pop(conversation_id, None)
        self.relay.moved(conversation_id, 2**31)
        self._background.begin(self._forget_memory(conversation_id))
        self.bus.close(conversation_id)
        self.bus.publish(DESK, shapes.encode({"type": "removed", "conversation_id": conversation_id}))
        self._queue_moved.set()

    async def place(self, conversation: Conversation) -> Place | None:
        """The place in the queue, of a conversation that waits."""
        if not conversation.waiting:
            return None
        place, waited = await self.store.lists.place(conversation), _waited(conversation)
        return Place(place, waited, await self.expected.of(conversation, place, waited))

    async def view(self, conversation: Conversation, messages: tuple[StoredMessage, ...]) -> dict[str, Any]:
        """A snapshot as the customer sees it."""
        place = await self.place(conversation)
        return {
            **await self.standing(conversation),
            "seq": conversation.seq,
            "queue": place.shape() if place else None,
            "read_seq": (await self.receipts.marks(conversation)).agent,
            "messages": [shapes.message_shape(item, self.files.link) for item in messages],
        }

    async def standing(self, conversation: Conversation) -> dict[str, Any]:
        """Who answers now, and what the customer was promised."""
        return {
            "state": conversation.state.value,
            "epoch": conversation.epoch,
            "agent": self.agent_of(conversation),
            "held": conversation.held,
            "promise": await self.promises.shown(conversation),
            "open": self.promises.opening(),
        }

    def agent_of(self, conversation: Conversation) -> dict[str, str] | None:
        """The agent whom the customer talks with."""
        if conversation.state is not State.AGENT:
            return None
        return {"name": name_of(conversation.agent_id, self.accounts.names)}

    # Agents

    async def agent_wrote(self, conversation_id: str, event: AgentWrote, key: str | None) -> int:
        """Store what an agent sent; the seq it has."""
        ids = [one["id"] for one in event.attachments]
        digest = hashlib.sha256(shapes.encode([event.text, *ids]).encode()).hexdigest()

        async def send() -> int:
            committed = await self.commit(conversation_id, event, key=key, digest=digest)
            return committed.messages[0].message.seq

        return await self._once(conversation_id, "agent", key, digest, send)

    async def queue(self) -> QueueNews:
        """The queue as it is now."""
        waiting = await self.store.lists.waiting()
        return QueueNews(
            [self.card(conversation) for conversation in waiting],
            len(waiting),
            await self.store.lists.owned_counts(),
        )

    async def listed(self, view: str, agent: Agent) -> dict[str, Any]:
        """The cards of one view, and the counts; raises ConversationError for a view that is not there."""
        news = await self.queue()
        match view:
            case "queue":
                cards = news.cards
            case "mine":
                cards = [self.card(one) for one in await self.store.lists.mine(agent.id)]
            case "open" | "resolved":
                recent = await self.store.lists.recent(resolved=view == "resolved")
                cards = [self.card(one) for one in recent]
            case _:
                message = "view must be queue, mine, open or resolved."
                raise ConversationError("invalid", message, status=400, field="view")
        return {"conversations": cards, "counts": news.counts(agent.id)}

    async def opened(self, conversation_id: str, after: int, agent: Agent) -> dict[str, Any]:
        """A conversation as an agent reads it; its owner has read it now."""
        conversation, messages = await self.snapshot(conversation_id, after)
        if conversation.unread and conversation.agent_id == agent.id:
            await self.store.conversations.read_by_agent(conversation_id, agent.id)
        origin = await self.store.conversations.origin(conversation_id)
        handoff = _handoff_of(conversation)
        if handoff and not handoff["evidence"].get("asked"):
            asked = await self.store.conversations.asked(conversation_id, _ASKED)
            handoff["evidence"] = {**handoff["evidence"], "asked": asked}
        return {
            "conversation": self.card(conversation),
            "messages": [shapes.message_shape(item) for item in messages],
            "notes": await self.notes.of(conversation_id),
            "viewers": self.onlookers.of(conversation_id),
            "marks": await self.improve.marks.of(conversation_id),
            "read_seq": (await self.store.reading.marks(conversation_id)).customer,
            "context": {
                "handoff": handoff,
                "page": origin.page if origin else None,
                "locale": origin.locale if origin else None,
                "created_at": shapes.time_text(conversation.created_at),
                "packet": await self.packet(conversation, origin),
                "previous": [
                    shapes.previous_shape(one)
                    for one in await self.store.lists.earlier(conversation, _EARLIER)
                ],
            },
        }

    async def told(self, conversation_id: str) -> tuple[Packet, tuple[StoredMessage, ...]]:
        """All that is known of a conversation, and its messages."""
        conversation, messages = await self.snapshot(conversation_id, 0)
        origin = await self.store.conversations.origin(conversation_id)
        return await self.packet(conversation, origin), messages

    async def packet(self, conversation: Conversation, origin: Origin | None) -> Packet:
        """All that is known, so that nothing is asked again."""
        _, messages = await self.snapshot(conversation.id, 0)
        customer = customer_of(origin.identity if origin else None, self.settings.identity_secret)
        left = await self.promises.contact(conversation.id)
        if left:
            customer = customer.completed(left.name, left.email)
        return packet_of(
            conversation,
            [item.message for item in messages],
            customer,
            Contact(left.name, left.email, left.phone) if left else None,
            origin.page if origin else None,
            origin.locale if origin else None,
            {sku: product.name for sku, product in self.products.items()},
        )

    def card(self, conversation: Conversation) -> dict[str, Any]:
        """The conversation as the desk lists it."""
        due = self.dispatch.first_response_due(conversation)
        return shapes.card_shape(conversation, self.accounts.names, now(), due)

    # What follows

    def _events_of(self, committed: Committed) -> Sequence[NewEvent]:
        """Called inside the transaction of the outcome."""
        return outward.events_of(committed, self.card)

    async def commit(
        self,
        conversation_id: str,
        event: Event,
        *,
        key: str | None = None,
        digest: str | None = None,
        claim: Claim | None = None,
        also: Sequence[Work] = (),
    ) -> Committed:
        """Let the state machine decide on the event, store the outcome, then tell everybody concerned.

        The agent of `claim` must have room for the conversation; `also` is stored with it or not at all.
        """
        if isinstance(event, BotReplied | BotFailed | HandoffAsked | Promised):
            event = replace(event, duty=self.dispatch.duty())

        also = (*also, *self.improve.follow(conversation_id, event))

        def decide(conversation: Conversation) -> Outcome:
            try:
                return step(conversation, event)
            except ConversationError as refusal:
                raise self._named(refusal, conversation) from None

        return await self._commits.whole(
            self._commit(conversation_id, decide, key=key, digest=digest, claim=claim, also=also)
        )

    async def _commit(
        self,
        conversation_id: str,
        decide: Any,
        *,
        key: str | None = None,
        digest: str | None = None,
        origin: object | None = None,
        claim: Claim | None = None,
        also: Sequence[Work] = (),
    ) -> Committed:
        since = time.monotonic()
        committed = await self.store.conversations.apply(
            conversation_id,
            lambda conversation: decide(conversation).worded(self.words.say),
            key=key,
            digest=digest,
            claim=claim,
            also=also,
        )
        if committed.outcome.changed:
            await self._tell(committed, origin)
            self._follow_up(committed, since)
            self.courier.wake()
        return committed

    async def _tell(self, committed: Committed, origin: object | None) -> None:
        after = committed.outcome.after
        if {after.agent_id, after.wanted_agent_id} - {None, *self.accounts.names}:
            await self.accounts.load()
        self.bus.publish(after.id, Happened(committed, origin))
        for item in committed.messages:
            self.metrics.messages[item.message.draft.sender] += 1
        if not self.bus.heard(DESK):
            return
        self.bus.publish(DESK, shapes.encode({"type": "conversation", "conversation": self.card(after)}))
        for item in committed.messages:
            shape = {"type": "message", "conversation_id": after.id, "message": shapes.message_shape(item)}
            self.bus.publish(DESK, shapes.encode(shape))

    def _follow_up(self, committed: Committed, since: float) -> None:
        outcome = committed.outcome
        after = outcome.after
        self.dispatch.follow(outcome)
        if outcome.owner_changed:
            self.relay.moved(after.id, after.epoch)
            if outcome.before.state in (State.BOT, State.RESOLVED) and after.reason and not outcome.ask_bot:
                self._count_handoff(outcome)
            self._queue_moved.set()
        elif outcome.queue_changed:
            self._queue_moved.set()
        if outcome.ask_bot:
            asked = committed.messages[0].message
            payload = (asked.draft.meta or {}).get("payload")
            self.relay.ask(Question(after.id, after.epoch, asked.seq, asked.draft.text, payload, since))
            self.bus.publish(after.id, Typing("bot"))

    def _count_handoff(self, outcome: Outcome) -> None:
        if outcome.after.state is not State.RESOLVED:
            self.metrics.handoffs[outcome.after.reason or ""] += 1

    async def _once(self, conversation_id: str, sender: str, key: str | None, digest: str, send: Any) -> int:
        """Send, or give the result of the first time that the same was sent with the same key."""
        try:
            return int(await send())
        except (KeyUsed, ConversationError) as refusal:
            first = await self.store.conversations.sent(conversation_id, sender, key) if key else None
            if first is None:
                raise
            if first.digest != digest:
                message = "This idempotency key was used for another message."
                raise ConversationError("key_reused", message, field="Idempotency-Key") from refusal
            return first.seq

    async def _read_message(self, conversation_id: str, body: shapes.NewMessage) -> tuple[str, str | None]:
        """The text to show and the payload, if any; only payloads that were offered are let through."""
        if body.files and body.payload is None and not (body.text or "").strip():
            return "", None
        if (body.text is None) == (body.payload is None) or (body.files and body.payload is not None):
            message = "Send either text, with or without files, or payload."
            raise ConversationError("invalid", message, status=400, field="text")
        if body.text is not None:
            return shapes.words(body.text, "text"), None
        buttons = self.words.buttons("utter_widget_greeting")
        offered = [*buttons, *await self.store.conversations.offered_buttons(conversation_id)]
        title = next((b.get("title") for b in offered if b.get("payload") == body.payload), None)
        if not title:
            message = "The payload is none of the buttons offered in this conversation."
            raise ConversationError("invalid", message, status=400, field="payload")
        return title, body.payload

    def _named(self, refusal: ConversationError, conversation: Conversation) -> ConversationError:
        if refusal.code != "taken":
            return refusal
        name = name_of(conversation.agent_id, self.accounts.names) or "A colleague"
        return ConversationError("taken", f"{name} has taken this conversation.")

    async def _forget_memory(self, conversation_id: str) -> None:
        """Remove what the bot remembers, and once more when it has answered what it was just asked."""
        await asyncio.to_thread(self._memory.forget, conversation_id)
        await self.relay.finished(conversation_id)
        await asyncio.to_thread(self._memory.forget, conversation_id)

    async def _forget(self) -> None:
        """Take what was erased out of the search index for good, now and a while after each erasure."""
        self._erased.set()
        while True:
            await self._erased.wait()
            self._erased.clear()
            try:
                await self.store.search.forget()
            except StoreUnavailable as error:
                _LOG.error("%s The search index is cleaned later.", error)
                self._erased.set()
            await asyncio.sleep(_FORGET_SECONDS)

    async def _announce_queue(self) -> None:
        """Tell agents and waiting customers about the queue; what moves at the same time is told once."""
        while True:
            await self._queue_moved.wait()
            await asyncio.sleep(_SETTLE_SECONDS)
            self._queue_moved.clear()
            try:
                await self._tell_queue()
            except StoreUnavailable as error:
                _LOG.error("%s The queue is announced again soon.", error)
                await asyncio.sleep(1)
                self._queue_moved.set()

    async def _tell_queue(self) -> None:
        waiting = [one for one in await self.store.lists.waiting() if one.waiting]
        places = {one.id: place for place, one in enumerate(waiting, start=1)}
        for one in waiting:
            if self._places.get(one.id) != places[one.id]:
                self.bus.publish(one.id, await self.place(one))
        self._places = places
        if self.bus.heard(DESK):
            self.bus.publish(DESK, await self.queue())


def only_files(words: Words) -> Draft:
    """What the bot says to a customer who sent files and no words: it cannot look at them, a person can."""
    name = "utter_desk_only_files"
    meta: dict[str, Any] = {"act": "offer_human", "topic": None, "skus": [], "confidence": 1.0, "sources": []}
    return Draft("bot", word=name, buttons=tuple(words.buttons(name)), meta=meta)


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def not_found() -> ConversationError:
    """The answer for what is not there and for what is not theirs."""
    return ConversationError("not_found", "There is no such conversation.", status=404)


def _handoff_of(conversation: Conversation) -> dict[str, Any] | None:
    if conversation.reason is None:
        return None
    handoff = Handoff(conversation.reason, conversation.summary, conversation.evidence or {})
    return shapes.handoff_shape(handoff)


def _waited(conversation: Conversation) -> int:
    return max(0, now() - (conversation.queued_at or now())) // 1000


def _on_this_machine(address: str) -> bool:
    """Loopback: this machine's own programs, or every visitor of a proxy that does not say who they are."""
    return address.startswith("127.") or address in ("::1", "")


def _allow(window: Window, key: str) -> None:
    wait = window.take(key, time.monotonic())
    if wait:
        raise TooMany("That is too much at once; wait a little.", wait)
