"""The bot as the desk sees it: one question over Rasa's REST channel, one reply or BotError."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from steward.desk.conversation import REASONS, Draft, Handoff

_RETRY_AFTER = 0.15
_PROBE_SECONDS = 1.5
_OK = 200
_IDLE_SECONDS = 4.0
_COMMAND = re.compile(r"^[\s/]+")


class BotError(Exception):
    """The bot gave no usable answer; the text says what it did instead."""


@dataclass(frozen=True)
class Reply:
    """Everything the bot said to one question, and whether it asks for a person.

    `understood` is how it read the message, as its actions tell it; `model` is the model that did, where that
    is known.
    """

    drafts: tuple[Draft, ...]
    handoff: Handoff | None = None
    understood: Mapping[str, Any] | None = None
    model: str | None = None


class _Button(msgspec.Struct):
    title: str
    payload: str = ""


class _Entry(msgspec.Struct):
    text: str | None = None
    image: str | None = None
    buttons: list[_Button] | None = None
    custom: dict[str, Any] | None = None


_ENTRIES = msgspec.json.Decoder(list[_Entry])


class Bot:
    """A Rasa server. `ask` may be called for any number of conversations at once."""

    def __init__(self, url: str, actions_url: str | None, timeout: float) -> None:
        self._url = url.rstrip("/")
        self._channel = self._url + "/webhooks/rest/webhook"
        self._actions_url = actions_url
        self._timeout = timeout
        self._opened: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._opened is not None:
            await self._opened.close()

    async def ask(self, sender: str, message: str) -> Reply:
        """The bot's reply; raises BotError on silence, delay, refusal or nonsense."""
        try:
            status, content = await asyncio.wait_for(self._post(sender, message), self._timeout)
        except asyncio.TimeoutError:
            raise BotError(f"no answer within {self._timeout:g} seconds") from None
        except aiohttp.ClientError as error:
            raise BotError(f"no connection ({type(error).__name__})") from error
        if status != _OK:
            raise BotError(f"status {status}")
        reply = fold(content)
        # Rasa goes on to the next action when one fails: text that no action signed may be half an answer.
        if all(draft.meta is None for draft in reply.drafts) and await self.actions_alive() is False:
            raise BotError("the action server is away")
        return reply

    async def alive(self) -> bool:
        """Whether the Rasa server answers."""
        return await self._probe(self._url + "/")

    async def actions_alive(self) -> bool | None:
        """Whether the action server answers; None when it is not known where it is."""
        return await self._probe(self._actions_url + "/health") if self._actions_url else None

    @property
    def _session(self) -> aiohttp.ClientSession:
        """The connections, opened with the first question: they belong to the loop that asks it."""
        if self._opened is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_SECONDS)
            # The address is given, so no proxy of the environment may stand in between; it sends no cookies,
            # and `ask` and `_probe` know when to give up.
            self._opened = aiohttp.ClientSession(
                connector=connector,
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                headers={"Content-Type": "application/json"},
                skip_auto_headers=("User-Agent", "Accept-Encoding"),
            )
        return self._opened

    async def _post(self, sender: str, message: str) -> tuple[int, bytes]:
        try:
            return await self._post_once(sender, message)
        except aiohttp.ClientConnectionError:
            # A server that is just restarting, or that closed an idle connection: one quick try more.
            await asyncio.sleep(_RETRY_AFTER)
            return await self._post_once(sender, message)

    async def _post_once(self, sender: str, message: str) -> tuple[int, bytes]:
        body = msgspec.json.encode({"sender": sender, "message": message})
        async with self._session.post(self._channel, data=body) as response:
            return response.status, await response.read()

    async def _probe(self, address: str) -> bool:
        limit = aiohttp.ClientTimeout(total=_PROBE_SECONDS)
        try:
            async with self._session.get(address, timeout=limit) as response:
                return response.status == _OK
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return False


def harmless(text: str) -> str:
    """The customer's words so that Rasa reads them as words.

    Rasa strips a message and takes a leading "/" for an intent that skips the NLU; only the desk may send
    those, for buttons that the bot offered.
    """
    return _COMMAND.sub("", text) or "?"


def fold(content: bytes) -> Reply:
    """A REST reply as messages: the entries up to a `custom` entry are one message with its metadata.

    Raises BotError when it is not such a reply, or has no text.
    """
    try:
        entries = _ENTRIES.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BotError(f"an unreadable answer ({error})") from error
    drafts: list[Draft] = []
    handoff: Handoff | None = None
    understood: Mapping[str, Any] | None = None
    parts: list[_Entry] = []
    for entry in entries:
        if entry.custom is None:
            parts.append(entry)
            continue
        if entry.text or entry.image:
            parts.append(entry)
        drafts += _message(parts, _mapping(entry.custom.get("meta")))
        handoff = _handoff(entry.custom.get("handoff")) or handoff
        understood = understood or _mapping(entry.custom.get("understood"))
        parts = []
    drafts += _message(parts, None)
    if not any(draft.text for draft in drafts):
        raise BotError("an answer without any text")
    return Reply(tuple(drafts), handoff, understood)


def _message(parts: list[_Entry], meta: Mapping[str, Any] | None) -> list[Draft]:
    texts = [_clean(part.text) for part in parts if part.text and part.text.strip()]
    images = [_clean(part.image) for part in parts if part.image]
    buttons = [
        {"title": _clean(button.title), "payload": _clean(button.payload or button.title)}
        for part in parts
        for button in part.buttons or ()
    ]
    if not texts and not images:
        return []
    image = images[0] if images else None
    return [Draft("bot", "\n\n".join(texts), buttons=tuple(buttons), image=image, meta=meta)]


def _handoff(value: object) -> Handoff | None:
    """What the bot asked for; a reason that nobody knows still brings a person."""
    proposal = _mapping(value)
    if proposal is None:
        return None
    reason = proposal.get("reason")
    summary = proposal.get("summary")
    return Handoff(
        reason if isinstance(reason, str) and reason in REASONS else "bot_error",
        _clean(summary) if isinstance(summary, str) else "",
        _mapping(proposal.get("evidence")) or {},
    )


def _mapping(value: object) -> Mapping[str, Any] | None:
    return value if isinstance(value, dict) else None


def _clean(text: str) -> str:
    """PostgreSQL keeps no NUL characters."""
    return text.replace("\x00", "").strip()
