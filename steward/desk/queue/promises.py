"""What a customer is promised when nobody can come now: until when they hear, and by which way.

The time is part of the conversation and kept by the state machine; here it is worked out, put into
words, and shown to customers and agents.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

import msgspec

from steward.desk import shapes
from steward.desk.conversation import Conversation, Promised
from steward.desk.queue.hours import HOUR, Hours, Part
from steward.desk.store import Committed, Contact, Store
from steward.errors import ConversationError
from steward.settings import Settings
from steward.words import Words

WORDS: dict[str, dict[str, str]] = {
    "utter_desk_deferred": {"when": "by Monday, 23 November, 13:00"},
    "utter_desk_promised": {"when": "by Monday, 23 November, 13:00", "contact": "robin@example.org"},
    "utter_desk_soon": {},
    "utter_desk_moment": {"weekday": "Monday", "day": "23", "month": "November", "time": "13:00"},
    "utter_desk_weekdays": {},
    "utter_desk_months": {},
}
"""The responses of domain.yml that promises are worded with, each with an example of its placeholders."""

_CHOICES = 4
_ACCEPTED = 60
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}")
_EMAIL_LENGTH = 254
_PHONE = re.compile(r"\+?[\d\s()./-]+")
_PHONE_DIGITS = range(6, 16)
_PHONE_LENGTH = 40
_NAME_LENGTH = 80
_NAME_SIGNS = " .'’-"


class NewPromise(msgspec.Struct):
    """How a customer wants to be reached: by e-mail or by telephone, and at which of the times offered."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    preferred: Annotated[str, msgspec.Meta(description="The id of one of the choices.")] | None = None


class Choice(msgspec.Struct):
    """A time at which the customer may want to be reached; `part` is `morning` or `afternoon`."""

    id: str
    day: str
    part: str
    starts_at: shapes.Moment
    due_at: shapes.Moment


class Choices(msgspec.Struct):
    """What can be promised now. With `by_email` false answers are found in the conversation alone."""

    soonest: shapes.Moment | None
    choices: list[Choice]
    time_zone: str
    by_email: bool


class Span(msgspec.Struct, rename={"from_": "from"}):
    """A time from one moment until another."""

    from_: shapes.Moment
    until: shapes.Moment


class ContactShape(msgspec.Struct):
    """Where a customer can be reached."""

    name: str | None
    email: str | None
    phone: str | None


class PromiseShape(msgspec.Struct):
    """A promise as an agent sees it; `mail` is what became of the newest e-mail."""

    conversation: shapes.Card
    contact: ContactShape | None
    preferred: Span | None
    due_at: shapes.Moment
    overdue: bool
    mail: str | None


class PromiseList(msgspec.Struct):
    """Every promise that is not kept yet, the earliest due first."""

    promises: list[PromiseShape]


@dataclass(frozen=True)
class Given:
    """A promise as the customer asked for it: how they are reached, and until when."""

    contact: Contact
    due_at: int


class Promises:
    """Promises by the opening hours; also what the dispatcher asks about those."""

    def __init__(
        self,
        hours: Callable[[], Hours],
        words: Words,
        store: Store,
        settings: Settings,
        commit: Callable[..., Awaitable[Committed]],
        now: Callable[[], int],
    ) -> None:
        self._hours = hours
        self._words = words
        self._store = store
        self._within = int(settings.promise_hours * HOUR)
        self._reopen_for = settings.reopen_for
        self._by_email = settings.mail is not None
        self._commit = commit
        self._now = now

    # For the dispatcher

    def is_open(self, at: int) -> bool:
        """Whether people are there by the shop's hours."""
        return self._hours().is_open(at)

    def promised(self, at: int) -> tuple[int | None, str]:
        """By when a customer who is put off now hears, as a time and in words."""
        due = self._hours().after(at, self._within)
        return due, self.when(due) if due is not None else self._words.say("utter_desk_soon")

    def when(self, at: int) -> str:
        """The moment in words, by the shop's clock."""
        local = self._hours().local(at)
        weekdays = self._words.say("utter_desk_weekdays").split("|")
        months = self._words.say("utter_desk_months").split("|")
        return self._words.say(
            "utter_desk_moment",
            weekday=weekdays[local.weekday()],
            day=local.day,
            month=months[local.month - 1],
            time=f"{local.hour}:{local.minute:02}",
        )

    # For customers

    def choices(self) -> Choices:
        """The times that can be promised now."""
        now = self._now()
        soonest, _ = self.promised(now)
        parts = self._parts(now, soonest)[:_CHOICES]
        return Choices(
            shapes.time_text(soonest),
            [
                Choice(part.id, part.day.isoformat(), part.name, _text(part.start), _text(part.end))
                for part in parts
            ],
            self._hours().time_zone,
            self._by_email,
        )

    async def make(self, conversation_id: str, body: NewPromise) -> Committed:
        """Promise the customer an answer: what the conversation's commit gives.

        Raises ConversationError naming the field that cannot be right.
        """
        at = self._now()
        given = self._read(body, at)
        reached = given.contact.email or given.contact.phone or ""
        event = Promised(at, given.due_at, self.when(given.due_at), reached, self._reopen_for)
        keep = partial(self._keep, conversation_id, given.contact, at)
        return await self._commit(conversation_id, event, also=[keep])

    async def _keep(self, conversation_id: str, contact: Contact, at: int, connection: Any) -> None:
        await self._store.promises.give(connection, conversation_id, contact, at)

    async def shown(self, conversation: Conversation) -> dict[str, Any] | None:
        """The promise as its customer sees it: until when, and by which way."""
        if conversation.due_at is None:
            return None
        contact = await self._store.promises.contact(conversation.id) or Contact()
        by = "email" if contact.email and self._by_email else "phone" if contact.phone else "thread"
        return {
            "due_at": shapes.time_text(conversation.due_at),
            "contact": contact.email or contact.phone,
            "by": by,
        }

    def opening(self) -> dict[str, Any]:
        """Whether people are there now, and otherwise from when."""
        now = self._now()
        is_open = self._hours().is_open(now)
        opens = None if is_open else self._hours().opens(now)
        return {"now": is_open, "opens_at": shapes.time_text(opens)}

    # For agents

    async def listed(self, card: Callable[[Conversation], dict[str, Any]]) -> PromiseList:
        """What is still to be done."""
        now = self._now()
        shown = []
        for due in await self._store.promises.due():
            due_at = due.conversation.due_at or 0
            shown.append(
                PromiseShape(
                    conversation=msgspec.convert(card(due.conversation), shapes.Card),
                    contact=_contact_shape(due.contact),
                    preferred=_preferred(due.contact),
                    due_at=_text(due_at),
                    overdue=due_at < now,
                    mail=due.mail.value if due.mail else None,
                )
            )
        return PromiseList(shown)

    async def contact(self, conversation_id: str) -> Contact | None:
        """Where the customer said they can be reached."""
        return await self._store.promises.contact(conversation_id)

    async def exported(self, conversation_id: str) -> dict[str, Any] | None:
        """Everything that is stored about how the customer can be reached."""
        contact = await self.contact(conversation_id)
        if contact is None:
            return None
        return {
            "name": contact.name,
            "email": contact.email,
            "phone": contact.phone,
            "preferred_from": shapes.time_text(contact.preferred_from),
            "preferred_until": shapes.time_text(contact.preferred_until),
            "mails": [state.value for state, _ in await self._store.promises.posted(conversation_id)],
        }

    # Reading what was asked for

    def _read(self, body: NewPromise, at: int) -> Given:
        contact = Contact(_name(body.name), _email(body.email), _phone(body.phone))
        if contact.email is None and contact.phone is None:
            raise _wrong("email", "Say where to reach you: an e-mail address or a telephone number.")
        if contact.email and not self._by_email:
            raise _wrong("email", "Answers cannot be sent by e-mail here; leave a telephone number.")
        soonest, _ = self.promised(at)
        if body.preferred is None:
            if soonest is None:
                raise _wrong("preferred", "Nobody is on duty in the time that can be foreseen.")
            return Given(contact, soonest)
        part = next((part for part in self._parts(at, soonest) if part.id == body.preferred), None)
        if part is None:
            raise _wrong("preferred", "This time cannot be promised any more; choose another one.")
        return Given(replace(contact, preferred_from=part.start, preferred_until=part.end), part.end)

    def _parts(self, at: int, soonest: int | None) -> Sequence[Part]:
        """The mornings and afternoons that do not end before an answer can be expected at all."""
        if soonest is None:
            return []
        return [part for part in self._hours().parts(at, _ACCEPTED) if part.end >= soonest]


def _name(value: str | None) -> str | None:
    """A name as people have them: what an e-mail greets must not be somebody's advertisement."""
    name = " ".join((value or "").split())
    if len(name) > _NAME_LENGTH or not all(sign.isalpha() or sign in _NAME_SIGNS for sign in _letters(name)):
        raise _wrong("name", f"A name has letters, and at most {_NAME_LENGTH} of them.")
    return name or None


def _letters(name: str) -> str:
    """The name without the marks that belong to the letter before them."""
    return "".join(sign for sign in name if not unicodedata.category(sign).startswith("M"))


def _email(value: str | None) -> str | None:
    email = (value or "").strip()
    if email and (len(email) > _EMAIL_LENGTH or not _EMAIL.fullmatch(email) or ".." in email):
        raise _wrong("email", "This does not look like an e-mail address.")
    return email or None


def _phone(value: str | None) -> str | None:
    phone = " ".join((value or "").split())
    digits = sum(sign.isdigit() for sign in phone)
    if phone and (
        len(phone) > _PHONE_LENGTH
        or not phone.isascii()
        or not _PHONE.fullmatch(phone)
        or digits not in _PHONE_DIGITS
    ):
        raise _wrong("phone", "This does not look like a telephone number.")
    return phone or None


def _wrong(field: str, message: str) -> ConversationError:
    return ConversationError("invalid", message, status=400, field=field)


def _contact_shape(contact: Contact | None) -> ContactShape | None:
    return ContactShape(contact.name, contact.email, contact.phone) if contact else None


def _preferred(contact: Contact | None) -> Span | None:
    if contact is None or contact.preferred_from is None or contact.preferred_until is None:
        return None
    return Span(_text(contact.preferred_from), _text(contact.preferred_until))


def _text(at: int) -> str:
    return shapes.time_text(at) or ""
