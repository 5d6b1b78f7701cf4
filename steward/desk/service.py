"""The desk: what it is made of, and in which order that is opened and closed.

Every part has its own file; the API and the sockets only translate.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from steward.catalogue import Catalogue, OpeningHours
from steward.clock import now
from steward.desk import shapes
from steward.desk.accounts import invitations
from steward.desk.accounts.agents import Accounts, ensure_first_agent
from steward.desk.accounts.keys import Keyring
from steward.desk.accounts.oidc import SignOn
from steward.desk.bus import Bus
from steward.desk.commits import Commits
from steward.desk.conversation import AgentWrote, Conversation, Event
from steward.desk.customers import Customers
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
from steward.desk.limits import Limits
from steward.desk.metrics import Metrics
from steward.desk.personal_data import PersonalData
from steward.desk.queue import promises
from steward.desk.queue.dispatch import Dispatch
from steward.desk.queue.expected import Expected
from steward.desk.queue.hours import ROUND_THE_CLOCK, Hours
from steward.desk.queue.places import Places
from steward.desk.queue.promises import Promises
from steward.desk.relay import Relay
from steward.desk.store import (
    Claim,
    Committed,
    NewEvent,
    Store,
    StoredMessage,
    Work,
)
from steward.desk.switch import ServingBot
from steward.desk.tasks import Tasks
from steward.desk.views import Views
from steward.desk.workspace.files import Attachments
from steward.desk.workspace.notes import NoteBook
from steward.desk.workspace.packet import Packet
from steward.desk.workspace.reading import Onlookers, Receipts
from steward.desk.workspace.snippets import Replies
from steward.desk.workspace.suggestions import WORDS as SUGGESTION_WORDS
from steward.live import Live
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

_DRAIN_SECONDS = 5.0


class Desk:
    """One desk process. `open` before use, `close` at the end."""

    def __init__(
        self,
        settings: Settings,
        words: Words,
        facts: Live[Catalogue],
        limits: Limits | None = None,
        opening: OpeningHours | None = None,
    ) -> None:
        limits = limits or Limits()
        self.settings = settings
        self.words = words
        self.facts = facts
        self._opening = ROUND_THE_CLOCK if settings.always_open else opening
        self.bus = Bus()
        self.metrics = Metrics()
        self.store = Store(settings.database_url, self._events_of)
        self.bot = ServingBot(settings)
        self.promotions = ModelPromotions(settings, self.bot, self.store, self.bus, self.metrics, now)
        self.retraining = Retraining(settings, self.bus, self.metrics)
        self.shadow = Shadow(settings, self.bot, self.store, self.metrics, now)
        self.bot.heard = self.shadow.hear
        self.accounts = Accounts(self.store, limits, now, self.bus)
        self.sign_on = SignOn(settings.single_sign_on, self.store, now)
        self.relay = Relay(self.bot, self.store, self.metrics, self.commit, now, words)
        self.promises = Promises(self.hours, words, self.store, settings, self.commit, now)
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
        self.snippets = Replies(self.store, words, now)
        self.files = Attachments(settings.home, self.store, now)
        self.receipts = Receipts(self.store, self.bus)
        self.onlookers = Onlookers(self.bus, lambda: self.accounts.names, now)
        topics = Topics(settings.domain, settings.catalogue / "topics.csv")
        self.improve = Improve(self.store, self.bus, topics, lambda: self.accounts.names, now)
        self.changes = Changes(Project(settings.root), self.store, self.improve.labels, self.bus, now)
        topics.planned = self.changes.planned
        self.places = Places(self.store, self.bus, self.card, self.expected, now)
        self.commits = Commits(
            self.store,
            words,
            self.bus,
            self.metrics,
            self.accounts,
            self.card,
            relay=self.relay,
            dispatch=self.dispatch,
            places=self.places,
            improve=self.improve,
            courier=self.courier,
        )
        self.views = Views(
            self.store,
            self.card,
            lambda: self.catalogue,
            settings.identity_secret,
            places=self.places,
            notes=self.notes,
            onlookers=self.onlookers,
            marks=self.improve.marks,
        )
        self.customers = Customers(
            self.store,
            words,
            limits,
            self.bus,
            self.metrics,
            reopen_for=settings.reopen_for,
            commits=self.commits,
            accounts=self.accounts,
            places=self.places,
            promises=self.promises,
            files=self.files,
            receipts=self.receipts,
            improve=self.improve,
        )
        self._background = Tasks()
        self.personal_data = PersonalData(
            self.store,
            self.bus,
            Memory(settings.memory),
            self._background,
            customers=self.customers,
            relay=self.relay,
            places=self.places,
            promises=self.promises,
            files=self.files,
            courier=self.courier,
        )

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
        self.facts.watch()
        await self.shadow.open()
        await self.bot.open()
        await self.relay.recover()
        await self.chatwoot.open(self.settings.chatwoot)
        for worker in (
            self.bot,
            self.promotions,
            self.shadow,
            self.retraining,
            self.places,
            self.files,
            self.personal_data,
            self.onlookers,
            self.improve,
            self.changes,
            self.dispatch,
            self.courier,
            self.keys,
            self.post,
        ):
            self._background.keep(worker.run)

    @property
    def catalogue(self) -> Catalogue:
        """The shop's facts as they are served now."""
        return self.facts.now

    def hours(self) -> Hours:
        """When people are there, by the shop's facts unless a setting says otherwise."""
        return Hours(self._opening or self.catalogue.opening)

    def hush(self) -> None:
        """End what waits for news: long polls answer, sockets say goodbye."""
        self.bus.close()

    async def close(self) -> None:
        """Let answers under way arrive, then close the database."""
        self.facts.close()
        await self.relay.close(_DRAIN_SECONDS)
        await self.commits.finish(_DRAIN_SECONDS)
        await self.files.close()
        await self._background.finish(0)
        await self.courier.close(_DRAIN_SECONDS)
        await self.outside.close()
        await self.bot.close()
        await self.shadow.close()
        await self.store.close()

    async def commit(
        self, conversation_id: str, event: Event, *, claim: Claim | None = None, also: Sequence[Work] = ()
    ) -> Committed:
        """Let the conversation decide on an event, store what comes of it, tell everybody concerned."""
        return await self.commits.commit(conversation_id, event, claim=claim, also=also)

    async def write(self, conversation_id: str, event: AgentWrote, key: str | None) -> int:
        """Store what an agent sent, once for each key; the seq it has."""
        return await self.commits.write(conversation_id, event, key)

    async def told(self, conversation_id: str) -> tuple[Packet, tuple[StoredMessage, ...]]:
        """All that is known of a conversation, and its messages."""
        return await self.views.told(conversation_id)

    def card(self, conversation: Conversation) -> dict[str, Any]:
        """The conversation as the desk lists it."""
        due = self.dispatch.first_response_due(conversation)
        return shapes.card_shape(conversation, self.accounts.names, now(), due)

    def _events_of(self, committed: Committed) -> Sequence[NewEvent]:
        """Called inside the transaction of the outcome."""
        return outward.events_of(committed, self.card)
