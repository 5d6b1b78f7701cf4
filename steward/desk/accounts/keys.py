"""API keys: how other systems sign in, and what a key may do.

A key looks like `stw_<prefix>_<secret>`. Only its hash is stored, so it is shown once, when it is made; the
prefix stays visible to tell keys apart. Each key acts as an agent of its own, so that what it has is as much
its own as what a person has.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping, Sequence

from steward.desk.accounts.agents import TooMany, token_hash
from steward.desk.accounts.audit import Entry
from steward.desk.limits import Limits, Window
from steward.desk.store import Agent, Key, Store
from steward.errors import ConversationError

SCOPES: Mapping[str, str] = {
    "conversations:read": "Read conversations, their transcripts and the events.",
    "conversations:write": "Answer in conversations that the key's agent has.",
    "handoffs:accept": "Take conversations, and pass on, give back or close those it has.",
    "team:read": "See who is there.",
    "webhooks:manage": "Add, change and remove webhooks.",
}
"""What a key can be allowed to do."""

START = "stw_"
_USED_EVERY = 60_000
_LOOK_SECONDS = 60.0
_SPOKEN = "abcdefghijkmnpqrstuvwxyz23456789"


class Keyring:
    """The keys of the desk. `ended` is called when the time of some is over."""

    def __init__(
        self, store: Store, limits: Limits, now: Callable[[], int], ended: Callable[[], None]
    ) -> None:
        self._store = store
        self._now = now
        self._ended = ended
        self._calls = Window(limits.key_calls)
        self._failures = Window(limits.key_failures)
        self._noted: dict[str, int] = {}

    async def make(
        self, name: str, scopes: Sequence[str], expires_at: int | None, entry: Entry
    ) -> tuple[Key, str]:
        """A new key, and its secret, which nobody can read again. The entry's subject is the key's id."""
        prefix = START + "".join(secrets.choice(_SPOKEN) for _ in range(8))
        token = f"{prefix}_{secrets.token_urlsafe(32)}"
        agent_id = "key_" + secrets.token_urlsafe(9)
        chosen = tuple(scope for scope in SCOPES if scope in scopes)
        key = Key(entry.subject, agent_id, name, prefix, chosen, entry.at, entry.actor_id, expires_at)
        await self._store.keys.add(key, token_hash(token), entry)
        return key, token

    async def admit(self, token: str, scope: str | None, address: str) -> Agent:
        """The agent whom the key acts as.

        Raises ConversationError 401 for a key that is unknown, revoked or expired, 403 for what its scopes
        do not allow, and 429 for too many calls.
        """
        key = await self._store.keys.by_hash(token_hash(token))
        agent = await self._store.agents.by_id(key.agent_id) if key else None
        now = self._now()
        if key is None or agent is None or not agent.active or not _holds(key, now):
            wait = self._failures.take(address, time.monotonic())
            if wait:
                raise TooMany("Too many calls with keys that are not valid; wait a little.", wait)
            raise ConversationError("unauthorised", "The API key is not valid.", status=401)
        wait = self._calls.take(key.id, time.monotonic())
        if wait:
            raise TooMany("That is too much at once; wait a little.", wait)
        if scope is None:
            raise ConversationError("forbidden", "This is for people, not for API keys.", status=403)
        if scope not in key.scopes:
            raise ConversationError("forbidden", f"The API key lacks the scope {scope}.", status=403)
        await self._note_use(key, now)
        return agent

    async def run(self) -> None:
        """See to it, until cancelled, that what an expired key had waits for somebody else."""
        while True:
            if await self._store.keys.retire(self._now()):
                self._ended()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _note_use(self, key: Key, now: int) -> None:
        """To the minute: a busy key must not write with every call."""
        if now - self._noted.get(key.id, key.last_used_at or 0) >= _USED_EVERY:
            self._noted[key.id] = now
            await self._store.keys.used(key.id, now)


def _holds(key: Key, now: int) -> bool:
    return key.revoked_at is None and (key.expires_at is None or now < key.expires_at)
