"""E-mails to customers who have left: what a person answered, and the link back into the conversation.

An answer that its customer has not read becomes a row in the outbox, once, in the transaction that marks
it as told; the row is sent, tried again with growing pauses, or given up with the reason kept. A mail
server that takes an e-mail and then does not say so is the one case in which it is sent twice; both have
the same Message-ID, by which mailboxes know them as one.
"""

from __future__ import annotations

import asyncio
import html
import logging
import secrets
import smtplib
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from steward.desk.accounts.agents import token_hash
from steward.desk.conversation import Draft
from steward.desk.store import Mail, Owed, Store, StoreUnavailable
from steward.errors import ConversationError
from steward.settings import MailServer, Settings
from steward.words import Words

WORDS: dict[str, dict[str, str]] = {
    "utter_desk_mail_subject": {"shop": "Alder Home"},
    "utter_desk_mail_greeting": {"customer": "Robin"},
    "utter_desk_mail_greeting_unnamed": {},
    "utter_desk_mail_intro": {"agent": "Alex", "shop": "Alder Home"},
    "utter_desk_mail_file": {"file": "manual.pdf"},
    "utter_desk_mail_link": {},
    "utter_desk_mail_note": {"days": "30"},
    "utter_desk_mail_closing": {"shop": "Alder Home"},
}
"""The responses that e-mails are made of, each with an example of its placeholders."""

LINK_DAYS = 30
_SECOND = 1000
_UNREAD_FOR = 45 * _SECOND
_UNREAD_BESIDE_OPEN_CHAT_FOR = 15 * 60 * _SECOND
_LEASE = 120 * _SECOND
_FIRST_PAUSE = 30 * _SECOND
_LONGEST_PAUSE = 3600 * _SECOND
_GIVE_UP_AFTER = 3 * 24 * 3600 * _SECOND
_LOOK_EVERY = 15.0
_SMTP_SECONDS = 30
_DAY = 24 * 3600 * _SECOND
_LOG = logging.getLogger("steward.desk.integrations.mail")


class Undeliverable(Exception):
    """The mail server will not take the e-mail, now or later."""


class Unsent(Exception):
    """The e-mail could not be handed over; it may go through later."""


@dataclass(frozen=True)
class Answer:
    """What an agent wrote."""

    agent: str
    text: str


def letter(words: Words, sender: str, mail: Mail, answers: Sequence[Answer], link: str) -> EmailMessage:
    """The e-mail as plain text with the same in HTML; every e-mail of a conversation joins one thread."""
    shop = words.say("utter_widget_shop")
    agents = list(dict.fromkeys(answer.agent for answer in answers))
    named = words.say("utter_desk_mail_greeting", customer=mail.name) if mail.name else None
    greeting = named or words.say("utter_desk_mail_greeting_unnamed")
    intro = words.say("utter_desk_mail_intro", agent=", ".join(agents), shop=shop)
    invitation = words.say("utter_desk_mail_link")
    note = words.say("utter_desk_mail_note", days=LINK_DAYS)
    closing = words.say("utter_desk_mail_closing", shop=shop)
    message = EmailMessage(policy=SMTP)
    user, _, domain = sender.rpartition("@")
    message["From"] = Address(shop, user, domain)
    to, _, host = mail.address.rpartition("@")
    message["To"] = Address(mail.name or "", to, host)
    message["Subject"] = words.say("utter_desk_mail_subject", shop=shop)
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.made_at / 1000, timezone.utc))
    message["Message-ID"] = f"<{mail.id}@{domain}>"
    message["References"] = f"<{token_hash(mail.conversation_id)[:32]}@{domain}>"
    texts = [answer.text for answer in answers]
    plain = [greeting, intro, *texts, f"{invitation}:\n{link}", note, closing]
    message.set_content("\n\n".join(plain) + "\n", cte="quoted-printable")
    parts = _Page(greeting, intro, texts, invitation, link, note, closing)
    message.add_alternative(parts.html(), subtype="html", cte="quoted-printable")
    return message


@dataclass(frozen=True)
class _Page:
    """The same e-mail for a reader that shows HTML: no pictures, no scripts, one column."""

    greeting: str
    intro: str
    texts: Sequence[str]
    invitation: str
    link: str
    note: str
    closing: str

    def html(self) -> str:
        """As a whole page."""
        answers = "".join(
            '<blockquote style="margin:0 0 12px;padding:12px 16px;background:#f6e9dc;border-radius:12px">'
            f"{_lines(text)}</blockquote>"
            for text in self.texts
        )
        button = (
            "display:inline-block;padding:12px 20px;border-radius:12px;background:#1f5540;color:#ffffff;"
            "font-weight:600;text-decoration:none"
        )
        return (
            '<!doctype html><html><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"></head>'
            '<body style="margin:0;padding:24px;background:#f5f3ee;color:#1c2520;'
            'font:16px/1.5 -apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif">'
            '<div style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border-radius:16px">'
            f'<p style="margin:0 0 12px">{_lines(self.greeting)}</p>'
            f'<p style="margin:0 0 16px">{_lines(self.intro)}</p>{answers}'
            f'<p style="margin:20px 0"><a href="{html.escape(self.link)}" style="{button}">'
            f"{_lines(self.invitation)}</a></p>"
            f'<p style="margin:0 0 16px;color:#606760;font-size:14px">{_lines(self.note)}</p>'
            f'<p style="margin:0">{_lines(self.closing)}</p></div></body></html>\n'
        )


def hand_over(server: MailServer, message: EmailMessage) -> None:
    """Give the e-mail to the mail server; raises Undeliverable or Unsent. Blocks."""
    try:
        with _connected(server) as smtp:
            if server.user:
                smtp.login(server.user, server.password)
            smtp.send_message(message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        code, reason = _refusal(error)
        signing_in = isinstance(error, smtplib.SMTPAuthenticationError)
        kind = Undeliverable if 500 <= code < 600 and not signing_in else Unsent
        raise kind(f"{code} {reason}") from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise Unsent(str(error) or type(error).__name__) from error


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.encryption == "tls":
        secure = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_SMTP_SECONDS, context=secure)
    smtp = smtplib.SMTP(server.host, server.port, timeout=_SMTP_SECONDS)
    if server.encryption == "starttls":
        smtp.starttls(context=ssl.create_default_context())
    return smtp


def _refusal(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException) -> tuple[int, str]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reason = next(iter(error.recipients.values()))
        return code, _plain(reason)
    return error.smtp_code, _plain(error.smtp_error)


def _plain(reason: bytes | str) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason


class Post:
    """Writes to customers who have left what they were answered. `run` until cancelled.

    `present` tells whether a conversation's chat is open somewhere now.
    """

    def __init__(
        self,
        store: Store,
        words: Words,
        settings: Settings,
        present: Callable[[str], bool],
        now: Callable[[], int],
    ) -> None:
        self._store = store
        self._words = words
        self._server = settings.mail
        self._chat_url = settings.chat_url
        self._present = present
        self._now = now
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at the outbox soon."""
        self._woken.set()

    async def run(self) -> None:
        """Write what is owed and send what is written, until cancelled."""
        while self._server is not None:
            try:
                await self.round()
            except StoreUnavailable as error:
                _LOG.error("%s E-mails are looked at again soon.", error)
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _LOOK_EVERY)
            self._woken.clear()

    async def round(self) -> None:
        """Put into the outbox what customers have not read, then send everything that is due."""
        for owed in await self._store.promises.owed(self._now() - _UNREAD_FOR):
            await self._settle(owed)
        while (mail := await self._store.promises.claim(self._now(), self._now() + _LEASE)) is not None:
            await self._send(mail)

    async def _settle(self, owed: Owed) -> None:
        marks = await self._store.reading.marks(owed.conversation_id)
        if marks.customer >= owed.newest:
            await self._store.promises.told(owed)
            return
        patience = _UNREAD_BESIDE_OPEN_CHAT_FOR if self._present(owed.conversation_id) else _UNREAD_FOR
        if owed.newest_at <= self._now() - patience:
            await self._store.promises.post(owed, secrets.token_hex(16), self._now())

    async def _send(self, mail: Mail) -> None:
        assert self._server is not None
        message = await self._letter(mail, self._server.sender)
        if message is None:
            return
        try:
            await asyncio.to_thread(hand_over, self._server, message)
        except Undeliverable as refusal:
            _LOG.warning("An e-mail is given up: %s", refusal)
            await self._store.promises.give_up(mail.id, str(refusal))
        except Unsent as trouble:
            await self._later(mail, str(trouble))
        else:
            await self._store.promises.sent(mail.id)

    async def _later(self, mail: Mail, trouble: str) -> None:
        now = self._now()
        if now - mail.made_at > _GIVE_UP_AFTER:
            _LOG.warning("An e-mail is given up after %s tries: %s", mail.tries, trouble)
            await self._store.promises.give_up(mail.id, trouble)
            return
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(mail.tries - 1, 12))
        seconds = pause // _SECOND
        _LOG.warning("An e-mail could not be sent (%s); it is tried again in %s s.", trouble, seconds)
        await self._store.promises.try_again(mail.id, trouble, now + pause)

    async def _letter(self, mail: Mail, sender: str) -> EmailMessage | None:
        """What to send; None when the conversation was erased meanwhile, and the e-mail with it."""
        try:
            _, stored = await self._store.conversations.snapshot(mail.conversation_id, mail.after_seq)
        except ConversationError:
            return None
        messages = [item.message for item in stored]
        answers = [
            Answer(message.draft.author or "", self._said(message.draft))
            for message in messages
            if message.draft.sender == "agent" and message.seq <= mail.up_to_seq
        ]
        return letter(self._words, sender, mail, answers, await self._link(mail.conversation_id))

    def _said(self, draft: Draft) -> str:
        files = [
            self._words.say("utter_desk_mail_file", file=str(file["name"])) for file in draft.attachments
        ]
        return "\n".join(filter(None, [draft.text, *files]))

    async def _link(self, conversation_id: str) -> str:
        """An address that opens the conversation: the part behind # is never sent to a server."""
        token = secrets.token_urlsafe(32)
        now = self._now()
        await self._store.promises.add_link(conversation_id, token_hash(token), now, now + LINK_DAYS * _DAY)
        return f"{self._chat_url}#steward={conversation_id}.{token}"


def _lines(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
