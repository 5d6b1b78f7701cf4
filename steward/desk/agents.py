"""Who may sit at the desk: accounts, sign-in, sessions, and who is there now."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import secrets
import time
from collections.abc import Callable, Mapping

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from steward.desk.limits import Limits, Window
from steward.desk.store import Agent, Store
from steward.errors import ConversationError
from steward.settings import Settings

SESSION_SECONDS = 14 * 3600
_LOG = logging.getLogger("steward.desk.agents")
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))
_CONSONANTS = "bdfgjklmnprstvz"
_VOWELS = "aeiou"


def token_hash(token: str) -> str:
    """What is stored of a token: whoever reads the database cannot use it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


async def ensure_first_agent(settings: Settings, store: Store, at: int) -> None:
    """Make one administrator when there is nobody, and leave the sign-in in `home/sign-in` (mode 0600).

    The file has two lines, e-mail and password. The password is kept nowhere else.
    """
    if await store.agents.all():
        return
    agent = Agent(secrets.token_urlsafe(12), "agent@alder-home.example", "Alex", "admin")
    password = _readable_password()
    hashed = await asyncio.to_thread(_HASHER.hash, password)
    path = settings.home / "sign-in"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{agent.email}\n{password}\n")
    if not await store.agents.add(agent, hashed, at):
        path.unlink(missing_ok=True)
        return
    _LOG.info("Made the first agent; the sign-in is in %s.", path)


class Accounts:
    """Sign-in with e-mail and password against sessions kept in the store."""

    def __init__(self, store: Store, limits: Limits, now: Callable[[], int]) -> None:
        self._store = store
        self._now = now
        self._failures = Window(limits.sign_ins)
        self.names: dict[str, str] = {}

    async def load(self) -> None:
        """Read everybody's name."""
        self.names = {agent.id: agent.name for agent in await self._store.agents.all()}

    async def sign_in(self, email: str, password: str, address: str) -> tuple[Agent, str]:
        """The agent and a new session's token; raises ConversationError 401, or 429 after many failures."""
        email = email.strip().lower()
        keys = (f"email {email}", f"address {address}")
        wait = max(self._failures.wait(key, time.monotonic()) for key in keys)
        if wait:
            raise TooMany("Too many failed attempts to sign in; wait a little.", wait)
        # Counted before the check, so that attempts made at the same time count too.
        for key in keys:
            self._failures.take(key, time.monotonic())
        agent = await self._verified(email, password)
        if agent is None:
            raise ConversationError("sign_in_failed", "The e-mail or the password is wrong.", status=401)
        for key in keys:
            self._failures.forget(key)
        token = secrets.token_urlsafe(32)
        now = self._now()
        await self._store.agents.add_session(token_hash(token), agent.id, now, now + SESSION_SECONDS * 1000)
        self.names[agent.id] = agent.name
        return agent, token

    async def session(self, token: str | None) -> Agent | None:
        """Whose session it is."""
        if not token:
            return None
        agent = await self._store.agents.session(token_hash(token), self._now())
        if agent is not None:
            self.names[agent.id] = agent.name
        return agent

    async def sign_out(self, token: str) -> None:
        """End the session."""
        await self._store.agents.drop_session(token_hash(token))

    async def _verified(self, email: str, password: str) -> Agent | None:
        """Takes as long for an unknown address as for a wrong password."""
        found = await self._store.agents.by_email(email) if "\x00" not in email else None
        hashed = found[1] if found else _NOBODY
        right = await asyncio.to_thread(_matches, hashed, password)
        return found[0] if found and right else None


class TooMany(ConversationError):
    """Refused for now; `wait` is the number of seconds until it is worth trying again."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__("too_many_requests", message, status=429)
        self.wait = wait


class Presence:
    """Which agents are there: one is online while one of their sockets says so."""

    def __init__(self) -> None:
        self._sockets: dict[object, tuple[str, bool]] = {}

    def arrive(self, socket: object, agent_id: str) -> None:
        """A socket opened."""
        self._sockets[socket] = (agent_id, True)

    def set(self, socket: object, online: bool) -> None:
        """The agent at the socket is there, or away."""
        agent_id, _ = self._sockets[socket]
        self._sockets[socket] = (agent_id, online)

    def leave(self, socket: object) -> None:
        """A socket closed."""
        self._sockets.pop(socket, None)

    def online(self, agent_id: str | None) -> bool:
        """Whether the agent is there now."""
        return (agent_id, True) in self._sockets.values()

    def count(self) -> int:
        """How many agents are there now."""
        return len({agent_id for agent_id, online in self._sockets.values() if online})


def name_of(agent_id: str | None, names: Mapping[str, str]) -> str:
    """The agent's name, empty when it is not known."""
    return names.get(agent_id or "", "")


def _matches(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _readable_password() -> str:
    """Ten syllables, 62 bits: can be read aloud and typed."""

    def syllable() -> str:
        return secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS)

    return "-".join(syllable() + syllable() for _ in range(5))
