"""The e-mail with an invitation, or with a link for a new password."""

from __future__ import annotations

import asyncio
import logging
import secrets
from datetime import datetime, timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from steward.desk.integrations.mail import Undeliverable, Unsent, hand_over
from steward.desk.store import Invitation
from steward.settings import MailServer
from steward.words import Words

WORDS: dict[str, dict[str, str]] = {
    "utter_desk_invite_subject": {"shop": "Alder Home"},
    "utter_desk_invite_text": {"colleague": "Robin", "by": "Alex", "shop": "Alder Home", "link": "https://x"},
    "utter_desk_reset_subject": {"shop": "Alder Home"},
    "utter_desk_reset_text": {"colleague": "Robin", "by": "Alex", "shop": "Alder Home", "link": "https://x"},
}
"""The responses that these e-mails are made of, each with an example of its placeholders."""

_PATIENCE_SECONDS = 10.0
_LOG = logging.getLogger("steward.desk.accounts.invitations")


def letter(words: Words, sender: str, invitation: Invitation, link: str) -> EmailMessage:
    """The e-mail to the one who is invited, as plain text."""
    kind = "reset" if invitation.agent_id else "invite"
    shop = words.say("utter_widget_shop")
    user, _, domain = sender.rpartition("@")
    to, _, host = invitation.email.rpartition("@")
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(shop, user, domain)
    message["To"] = Address(invitation.name, to, host)
    message["Subject"] = words.say(f"utter_desk_{kind}_subject", shop=shop)
    message["Date"] = format_datetime(datetime.fromtimestamp(invitation.created_at / 1000, timezone.utc))
    message["Message-ID"] = f"<{secrets.token_hex(16)}@{domain}>"
    text = words.say(
        f"utter_desk_{kind}_text", colleague=invitation.name, by=invitation.invited_by, shop=shop, link=link
    )
    message.set_content(text + "\n", cte="quoted-printable")
    return message


async def post(server: MailServer | None, words: Words, invitation: Invitation, link: str) -> bool:
    """Send the invitation; False when there is no mail server or it does not take the e-mail now."""
    if server is None:
        return False
    try:
        message = letter(words, server.sender, invitation, link)
        await asyncio.wait_for(asyncio.to_thread(hand_over, server, message), _PATIENCE_SECONDS)
    except (Undeliverable, Unsent, ValueError, asyncio.TimeoutError) as trouble:
        # An address that e-mail cannot be written to is a ValueError of the message's headers.
        _LOG.warning("An invitation could not be sent by e-mail: %s", trouble)
        return False
    return True
