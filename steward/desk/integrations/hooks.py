"""Webhooks: events on their way to other systems, at least once each, in order within a conversation.

Signed as the Standard Webhooks specification says: the header `webhook-signature` holds `v1,` and the Base64
of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`, with the secret's bytes as the key.
`webhook-id` is the event's id, the same at every try.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from steward.desk import shapes
from steward.desk.integrations.events import event_shape
from steward.desk.integrations.outside import Outside, Unreachable
from steward.desk.limits import Deliveries
from steward.desk.store import Delivery, Hook, Store, StoredEvent, StoreUnavailable, Tried
from steward.desk.tasks import Tasks

HTTP = "http"
"""The kind of webhook that is called at its own address."""
OLD_SECRET_MILLISECONDS = 24 * 3_600_000

_LOG = logging.getLogger("steward.desk.integrations.hooks")
_SECRET_START = "whsec_"
_DAY = 24 * 3_600_000
_SETTLE_SECONDS = 0.02
_OK = range(200, 300)
_REDIRECTS = range(300, 400)


@dataclass(frozen=True)
class Result:
    """How a try ended: the HTTP status if there was one; no error means that it arrived."""

    status: int | None = None
    error: str | None = None


class Sender(Protocol):
    """A way to bring an event to a webhook."""

    async def send(self, hook: Hook, delivery: Delivery) -> Result:
        """Try once."""


def new_secret() -> str:
    """A secret for signatures."""
    return _SECRET_START + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, event_id: str, timestamp: int, body: bytes) -> str:
    """The signature of one message."""
    key = base64.b64decode(secret.removeprefix(_SECRET_START))
    told = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()


def pause(attempts: int, rules: Deliveries, jitter: float) -> int:
    """Milliseconds before the next try after so many: doubled each time, less up to half (`jitter`)."""
    doubled = min(rules.first_pause * 2.0 ** min(attempts - 1, 40), rules.longest_pause)
    return int(doubled * 1000 * (1 - jitter / 2))


class HttpSender:
    """Posts an event to the webhook's address."""

    def __init__(self, outside: Outside, now: Callable[[], int]) -> None:
        self._outside = outside
        self._now = now

    async def send(self, hook: Hook, delivery: Delivery) -> Result:
        """Try once; only a status from 200 to 299 means that it arrived."""
        event = delivery.event
        body = shapes.encode(event_shape(event)).encode()
        try:
            reply = await self._outside.call("POST", hook.url, self._headers(hook, event, body), body)
        except Unreachable as error:
            return Result(None, str(error))
        if reply.status in _OK:
            return Result(reply.status)
        if reply.status in _REDIRECTS:
            return Result(reply.status, f"status {reply.status}; redirects are not followed")
        return Result(reply.status, f"status {reply.status}")

    def _headers(self, hook: Hook, event: StoredEvent, body: bytes) -> dict[str, str]:
        now = self._now()
        known = [hook.secret]
        if hook.old_secret and now < (hook.old_secret_until or 0):
            known.append(hook.old_secret)
        timestamp = now // 1000
        return {
            "Content-Type": "application/json",
            "webhook-id": event.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(sign(secret, event.id, timestamp, body) for secret in known),
        }


class Courier:
    """Carries events to the webhooks, as long as it runs. Several desks share the work."""

    def __init__(
        self, store: Store, senders: Mapping[str, Sender], rules: Deliveries, now: Callable[[], int]
    ) -> None:
        self._store = store
        self._senders = senders
        self._rules = rules
        self._now = now
        self._woken = asyncio.Event()
        self._tasks = Tasks()
        self._hooks: dict[str, Hook] = {}
        self._claimed: dict[int, str] = {}
        self._pruned_at = 0
        self._looked_at = -float("inf")

    def wake(self) -> None:
        """There may be new events. Costs nothing while there is no webhook."""
        if self._hooks:
            self._woken.set()

    def changed(self) -> None:
        """There are other webhooks now, or something is to be sent again."""
        self._looked_at = -float("inf")
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._woken.clear()
            try:
                wait = await self.round()
            except StoreUnavailable as error:
                _LOG.error("%s Webhooks are looked at again soon.", error)
                wait = 1.0
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), wait)
            await asyncio.sleep(_SETTLE_SECONDS)

    async def round(self) -> float:
        """Send what is due; the seconds until there may be more to do."""
        await self._look()
        await self._prune()
        if not self._hooks:
            return self._rules.poll
        while await self._store.hooks.spread(self._now()):
            pass
        now = self._now()
        until = now + int(self._rules.lease * 1000)
        for delivery in await self._store.hooks.claim(now, until, self._room()):
            self._claimed[delivery.id] = delivery.hook_id
            self._tasks.begin(self._carry(self._hooks[delivery.hook_id], delivery))
        due = await self._store.hooks.next_due(self._now())
        return self._rules.poll if due is None else min(self._rules.poll, max(0, due - self._now()) / 1000)

    async def close(self, seconds: float) -> None:
        """Let what is under way arrive in the time given; the rest is tried again by whoever comes next."""
        await self._tasks.finish(seconds)
        if self._claimed:
            await self._store.hooks.release(list(self._claimed))

    def _room(self) -> dict[str, int]:
        """How many more each webhook may have under way, so that a slow one does not hold up the others."""
        under_way = Counter(self._claimed.values())
        room = {hook_id: self._rules.at_once - under_way[hook_id] for hook_id in self._hooks}
        return {hook_id: count for hook_id, count in room.items() if count > 0}

    async def _look(self) -> None:
        if time.monotonic() - self._looked_at >= self._rules.poll:
            self._looked_at = time.monotonic()
            self._hooks = {hook.id: hook for hook in await self._store.hooks.all() if hook.active}

    async def _prune(self) -> None:
        now = self._now()
        if now - self._pruned_at >= _DAY:
            self._pruned_at = now
            # Events that were never numbered cannot be told from new ones.
            while await self._store.hooks.spread(now):
                pass
            await self._store.outbox.prune(now - int(self._rules.keep_days * _DAY))

    async def _carry(self, hook: Hook, delivery: Delivery) -> None:
        begun = time.monotonic()
        result = await self._send(hook, delivery)
        took = int((time.monotonic() - begun) * 1000)
        tried = Tried(self._now(), result.error is None, result.status, result.error, took)
        try:
            await self._store.hooks.tried(delivery, tried, self._retry_at(delivery, tried))
        except StoreUnavailable as error:
            # The claim ends by itself, and then it is sent again: at least once, not exactly once.
            _LOG.error("%s What was sent to %s is sent again.", error, hook.id)
        del self._claimed[delivery.id]
        self._woken.set()

    async def _send(self, hook: Hook, delivery: Delivery) -> Result:
        try:
            return await asyncio.wait_for(
                self._senders[hook.kind].send(hook, delivery), self._rules.lease * 0.8
            )
        except asyncio.TimeoutError:
            return Result(None, "it took too long")
        except StoreUnavailable as error:
            return Result(None, str(error))

    def _retry_at(self, delivery: Delivery, tried: Tried) -> int | None:
        """When to try again; None when it has been tried for long enough."""
        last = delivery.since + int(self._rules.give_up_days * _DAY)
        if tried.ok or tried.at >= last:
            return None
        return min(last, tried.at + pause(delivery.attempts + 1, self._rules, random.random()))
