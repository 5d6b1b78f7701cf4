"""What the bot that serves now would make of a conversation, said to it as by a customer nobody hears of."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from steward.desk.bot import BotError, Reply, harmless
from steward.errors import ConversationError
from steward.memory import THROW_AWAY
from steward.privacy import mask


class Asked(Protocol):
    """A bot."""

    async def ask(self, sender: str, message: str) -> Reply:
        """The bot's reply; raises BotError."""


async def fare(bot: Asked, turns: Sequence[str]) -> list[dict[str, Any]]:
    """Each message with what the bot answers; raises ConversationError when it does not.

    Where it answers with several replies, the first that has a topic says what the message was taken for.
    """
    sender = f"{THROW_AWAY}trial-{secrets.token_hex(6)}"
    found = []
    for text in turns:
        try:
            reply = await bot.ask(sender, harmless(mask(text)))
        except BotError as error:
            message = f"The bot gave no answer ({error}); try again when it runs."
            raise ConversationError("bot_error", message, status=503) from None
        found.append(_turn(text, reply))
    return found


def _turn(text: str, reply: Reply) -> dict[str, Any]:
    metas = [draft.meta for draft in reply.drafts if draft.meta]
    meta = next((one for one in metas if one.get("topic")), metas[0] if metas else {})
    skus = [str(sku) for one in metas for sku in one.get("skus") or ()]
    return {
        "text": text,
        "topic": meta.get("topic"),
        "topics": _all(metas, "topic"),
        "skus": list(dict.fromkeys(skus)),
        "act": meta.get("act"),
        "acts": _all(metas, "act"),
        "confidence": meta.get("confidence"),
        "reply": "\n\n".join(draft.text for draft in reply.drafts if draft.text),
    }


def _all(metas: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    return list(dict.fromkeys(str(meta[name]) for meta in metas if meta.get(name)))
