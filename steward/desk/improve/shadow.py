"""A candidate model reads what customers write, beside the one that answers, and its readings are compared.

Nothing waits for it: what it does not keep up with is dropped and counted.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import aiohttp
import msgspec

from steward.desk.accounts.audit import Entry
from steward.desk.bot import Reply
from steward.desk.metrics import Metrics
from steward.desk.store import Difference, Store, StoreUnavailable
from steward.desk.switch import ServingBot
from steward.memory import THROW_AWAY
from steward.settings import Settings
from steward.training.serving import (
    SHADOW_TOKEN,
    Control,
    Person,
    RolloutRefused,
    ShadowBot,
    ShadowWish,
    read_along,
)

State = Literal["off", "starting", "reading"]

_LOG = logging.getLogger("steward.desk.shadow")
_ROOM = 200
_BUSY = 8
_SHOWN = 100
_PARSE_SECONDS = 5.0
_SAVE_SECONDS = 2.0
_OK = 200
_UNSURE = "nlu_fallback"
_COUNTS = "shadow"
_LOGGED = "shadow_logged"
_THERE = "command line"


class _Intent(msgspec.Struct):
    name: str | None = None
    confidence: float = 0.0


class _Mention(msgspec.Struct):
    skus: list[str] = []


class _Parsed(msgspec.Struct):
    """What `/model/parse` gives, as far as it is compared."""

    intent: _Intent
    mentions: list[_Mention] = []


_PARSED = msgspec.json.Decoder(_Parsed)


@dataclass(frozen=True)
class Reading:
    """How a model reads a message; `topic` is None where it is not sure enough to act."""

    topic: str | None
    skus: tuple[str, ...]
    confidence: float | None

    def differs(self, other: Reading) -> bool:
        """Whether the customer might be answered differently."""
        return self.topic != other.topic or set(self.skus) != set(other.skus)

    def shape(self) -> dict[str, Any]:
        """As it is stored and shown."""
        return {"topic": self.topic, "skus": list(self.skus), "confidence": self.confidence}


@dataclass
class Counts:
    """How much a candidate has read: `dropped` is what it did not keep up with or did not answer."""

    model: str | None = None
    since: int = 0
    seen: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class Seen:
    """What there is to show of the shadow; `text` says why a candidate that was wished for does not read."""

    state: State
    model: str | None
    text: str
    counts: Counts
    different: int
    differences: tuple[Difference, ...]


class Shadow:
    """Has the candidate read what is answered. `hear` never waits; `run` does the rest."""

    def __init__(
        self, settings: Settings, bot: ServingBot, store: Store, metrics: Metrics, now: Callable[[], int]
    ) -> None:
        self._bot = bot
        self._metrics = metrics
        self._store = store
        self._now = now
        self._settings = settings
        self._control = Control(settings.home)
        self._token = os.environ.get(SHADOW_TOKEN, "")
        self._heard: asyncio.Queue[tuple[str, str, Reading]] = asyncio.Queue(_ROOM)
        self._counts = Counts()
        self._saved = Counts()
        self._session: aiohttp.ClientSession | None = None
        self._logged: int | None = None

    async def open(self) -> None:
        """Go on counting where the desk before this one stopped."""
        self._counts = await counted(self._store)
        self._saved = replace(self._counts)
        self._logged = await self._store.settings.read(_LOGGED)

    async def close(self) -> None:
        """Keep the counts, let go of the connection."""
        await self._save()
        if self._session is not None:
            await self._session.close()

    def hear(self, sender: str, words: str, reply: Reply) -> None:
        """Note a question that was answered, for the candidate to read as well."""
        if self._bot.shadow is None or words.startswith("/") or sender.startswith(THROW_AWAY):
            return
        reading = served(reply)
        if reading is None:
            return
        if self._heard.full() or self._bot.owed > _BUSY:
            # Two models share the machine; the one that answers goes first.
            self._drop()
            return
        self._heard.put_nowait((sender, words, reading))

    async def run(self) -> None:
        """Read what was heard until cancelled."""
        saved = time.monotonic()
        while True:
            try:
                heard = await asyncio.wait_for(self._heard.get(), _SAVE_SECONDS)
            except asyncio.TimeoutError:
                heard = None
            if heard is not None and (bot := self._bot.shadow) is not None:
                await self._compare(bot, *heard)
            if time.monotonic() - saved >= _SAVE_SECONDS:
                saved = time.monotonic()
                await self._save()
                await self._log()

    async def wish(self, model: str | None, by: Person) -> None:
        """Have a candidate read along, or none; raises RolloutRefused, or UnknownModel."""
        if not self._bot.managed:
            raise RolloutRefused("unmanaged", "No runner of this Steward starts the bots.")
        await asyncio.to_thread(read_along, self._settings, model, by)
        if model is not None and model != self._counts.model:
            await self._begin(model)

    async def seen(self) -> Seen:
        """What the candidate has read so far, or the last one had."""
        wish = await asyncio.to_thread(self._control.shadow)
        return await seen_of(self._store, wish, self._bot.shadow, self._counts)

    async def _begin(self, model: str) -> None:
        """Count from nothing, for a candidate that did not read last."""
        self._counts = Counts(model, self._now())
        await self._store.differences.clear()
        await self._save()

    async def _compare(self, bot: ShadowBot, sender: str, words: str, answered: Reading) -> None:
        if bot.model != self._counts.model:
            await self._begin(bot.model)
        candidate = await self._parsed(bot, words)
        if candidate is None:
            self._drop()
            return
        self._counts.seen += 1
        differs = candidate.differs(answered)
        self._metrics.shadow["different" if differs else "same"] += 1
        if not differs:
            return
        found = Difference(bot.model, sender, self._now(), words, answered.shape(), candidate.shape())
        try:
            await self._store.differences.add(found)
        except StoreUnavailable as error:
            _LOG.error("%s A difference of the shadow is lost.", error)

    def _drop(self) -> None:
        self._counts.dropped += 1
        self._metrics.shadow["dropped"] += 1

    async def _log(self) -> None:
        """Write into the audit log what was asked for at the command line; the API does so itself."""
        wish = await asyncio.to_thread(self._control.shadow)
        if wish is None or wish.by.id or wish.at == self._logged:
            return
        subject = f"model {wish.model}" if wish.model else "no model"
        try:
            # With the note of which one it was in the same transaction, so that it is logged once.
            await self._store.settings.write(
                _LOGGED, wish.at, Entry(wish.at, "", wish.by.name, "shadow.chosen", subject, {}, _THERE)
            )
        except StoreUnavailable as error:
            _LOG.error("%s Who chose the shadow is logged later.", error)
        else:
            self._logged = wish.at

    async def _parsed(self, bot: ShadowBot, words: str) -> Reading | None:
        """How the candidate reads the words; None when it does not say."""
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar())
        limit = aiohttp.ClientTimeout(total=_PARSE_SECONDS)
        body = msgspec.json.encode({"text": words})
        try:
            async with self._session.post(
                f"{bot.url}/model/parse", params={"token": self._token}, data=body, timeout=limit
            ) as response:
                content = await response.read()
                return parsed(content) if response.status == _OK else None
        except (aiohttp.ClientError, asyncio.TimeoutError, msgspec.DecodeError, UnicodeDecodeError):
            return None

    async def _save(self) -> None:
        if self._counts != self._saved:
            try:
                await self._store.settings.write(_COUNTS, self._counts.__dict__)
            except StoreUnavailable as error:
                _LOG.error("%s The shadow's counts are kept later.", error)
            else:
                self._saved = replace(self._counts)


async def counted(store: Store) -> Counts:
    """How much the candidate has read as a desk last wrote it down, a moment ago where one runs."""
    stored = await store.settings.read(_COUNTS)
    return Counts(**stored) if isinstance(stored, dict) else Counts()


async def seen_of(store: Store, wish: ShadowWish | None, bot: ShadowBot | None, counts: Counts) -> Seen:
    """What there is to show: of the candidate that is wished for, or of the one that read last.

    A candidate that is another than the one that was counted has read nothing yet.
    """
    model = wish.model if wish else None
    reads = bot is not None and bot.model == model
    state: State = "off" if model is None else "reading" if reads else "starting"
    if model is not None and model != counts.model:
        counts = Counts(model, wish.at if wish else 0)
    known = counts.model or ""
    different = await store.differences.count(known)
    newest = await store.differences.newest(known, _SHOWN)
    return Seen(state, model, wish.text if wish else "", counts, different, newest)


def served(reply: Reply) -> Reading | None:
    """How the model that answered read the message; None where its reply does not tell."""
    told: Mapping[str, Any] = reply.understood or {}
    if not isinstance(told.get("intent"), str):
        return None
    confidence = told.get("confidence")
    skus = told.get("skus")
    return Reading(
        _topic(told["intent"]),
        tuple(str(sku) for sku in skus) if isinstance(skus, list) else (),
        float(confidence) if isinstance(confidence, int | float) else None,
    )


def parsed(content: bytes) -> Reading:
    """How a candidate reads a message, from what its bot answers; raises msgspec's DecodeError."""
    found = _PARSED.decode(content)
    skus = dict.fromkeys(sku for mention in found.mentions for sku in mention.skus)
    return Reading(_topic(found.intent.name), tuple(skus), round(found.intent.confidence, 4))


def _topic(intent: str | None) -> str | None:
    return intent if intent and intent != _UNSURE else None
