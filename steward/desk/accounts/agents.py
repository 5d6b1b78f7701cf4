"""Who may sit at the desk: accounts and invitations, sign-in, sessions."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from steward.desk.accounts.audit import Entry
from steward.desk.accounts.passwords import weakness
from steward.desk.bus import Bus
from steward.desk.limits import Limits, Window
from steward.desk.store import Agent, Invitation, Session, Store
from steward.desk.tasks import Tasks
from steward.errors import ConversationError
from steward.settings import Settings, SingleSignOn

SESSION_SECONDS = 14 * 3600
INVITATION_SECONDS = 7 * 24 * 3600
RESET_SECONDS = 24 * 3600
_LOG = logging.getLogger("steward.desk.accounts.agents")
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
    agent = Agent(_new_id(), "agent@alder-home.example", "Alex", "admin")
    password = _readable_password()
    hashed = await asyncio.to_thread(_HASHER.hash, password)
    path = settings.home / "sign-in"
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(f"{agent.email}\n{password}\n")
    entry = Entry(at, "", "Steward", "agent.made", agent.email, {"role": agent.role})
    if not await store.agents.add(agent, hashed, at, entry=entry):
        path.unlink(missing_ok=True)
        return
    _LOG.info("Made the first agent; the sign-in is in %s.", path)


@dataclass(frozen=True)
class Arrival:
    """From where somebody comes in: the address, and what the browser says it is."""

    address: str
    device: str = ""


@dataclass(frozen=True)
class Identity:
    """A person as an identity provider vouches for them; the address is one that it has verified."""

    issuer: str
    subject: str
    email: str
    name: str

    @property
    def key(self) -> str:
        """What this person is known by for good, whatever the address becomes."""
        return f"{self.issuer} {self.subject}"


@dataclass(frozen=True)
class Invited:
    """An invitation with the token that opens it, which is kept nowhere."""

    invitation: Invitation
    token: str


class Accounts:
    """Accounts, and sign-in against sessions kept in the store."""

    def __init__(self, store: Store, limits: Limits, now: Callable[[], int], bus: Bus) -> None:
        self._store = store
        self._now = now
        self._bus = bus
        self._acts = Tasks()
        self._failures = Window(limits.sign_ins)
        self.names: dict[str, str] = {}

    async def load(self) -> None:
        """Read everybody's name."""
        self.names = {agent.id: agent.name for agent in await self._store.agents.all()}

    async def close(self, seconds: float) -> None:
        """Let what was begun come to its end."""
        await self._acts.finish(seconds)

    # Signing in

    async def sign_in(self, email: str, password: str, arrival: Arrival) -> tuple[Agent, str]:
        """The agent and a new session's token; raises ConversationError 401, or 429 after many failures."""
        email = email.strip().lower()
        keys = (f"email {email}", f"address {arrival.address}")
        self._throttle(*keys)
        agent = await self._verified(email, password)
        if agent is None:
            raise ConversationError("sign_in_failed", "The e-mail or the password is wrong.", status=401)
        for key in keys:
            self._failures.forget(key)
        return agent, await self._begin(agent, "password", arrival)

    async def sign_in_as(
        self, identity: Identity, rules: SingleSignOn, arrival: Arrival
    ) -> tuple[Agent, str]:
        """The agent whom an identity provider vouches for and a new session's token.

        One who is known by address or invited is let in, and one from an allowed domain becomes an agent;
        raises ConversationError 403 `unknown` for everybody else.
        """
        agent = await self._recognised(identity) or await self._admitted(identity, rules, arrival)
        if agent is None:
            message = "Nobody with this address has been invited; ask an administrator."
            raise ConversationError("unknown", message, status=403)
        return agent, await self._begin(agent, "oidc", arrival)

    async def session(self, token: str | None) -> Agent | None:
        """Whose session it is."""
        if not token:
            return None
        agent = await self._store.agents.session(token_hash(token), self._now())
        if agent is not None:
            self.names[agent.id] = agent.name
        return agent

    async def sign_out(self, token: str) -> None:
        """End the session; its sockets close."""
        await self._store.agents.drop_session(token_hash(token))
        self._cut([token_hash(token)])

    async def _begin(self, agent: Agent, method: str, arrival: Arrival) -> str:
        token = secrets.token_urlsafe(32)
        now = self._now()
        await self._store.agents.add_session(
            token_hash(token),
            agent.id,
            now,
            now + SESSION_SECONDS * 1000,
            method=method,
            address=arrival.address,
            device=arrival.device,
        )
        self.names[agent.id] = agent.name
        return token

    async def _verified(self, email: str, password: str) -> Agent | None:
        """Takes as long for an unknown address as for a wrong password."""
        found = await self._store.agents.by_email(email) if "\x00" not in email else None
        hashed = (found[1] if found else "") or _NOBODY
        right = await asyncio.to_thread(_matches, hashed, password)
        return found[0] if found and right and found[0].active else None

    def _throttle(self, *keys: str) -> None:
        """Count an attempt before it is made, so that attempts made at the same time count too."""
        wait = max(self._failures.wait(key, time.monotonic()) for key in keys)
        if wait:
            raise TooMany("Too many failed attempts; wait a little.", wait)
        for key in keys:
            self._failures.take(key, time.monotonic())

    async def _recognised(self, identity: Identity) -> Agent | None:
        """The agent who came this way before, or whose address it is."""
        agent = await self._store.agents.by_identity(identity.key)
        if agent is None:
            found = await self._store.agents.by_email(identity.email)
            if found is None or not await self._store.agents.tie(found[0].id, identity.key):
                return None
            agent = found[0]
        return agent if agent.active and agent.kind == "person" else None

    async def _admitted(self, identity: Identity, rules: SingleSignOn, arrival: Arrival) -> Agent | None:
        """A new agent: invited, or of an allowed domain."""
        at = self._now()
        invitation = await self._store.agents.invited_address(identity.email, at)
        name = identity.name or identity.email.partition("@")[0]
        if invitation is not None and invitation.agent_id is None:
            agent = Agent(_new_id(), identity.email, name, invitation.role, invitation.skills)
            entry = _own(
                agent, at, "invitation.accepted", arrival.address, {"role": agent.role, "by": "oidc"}
            )
            done = await self._store.agents.join(invitation, agent, "", at, entry, identity.key)
            return agent if done is not None else None
        if identity.email.partition("@")[2] not in rules.domains:
            return None
        agent = Agent(_new_id(), identity.email, name, rules.role)
        entry = _own(agent, at, "agent.made", arrival.address, {"role": agent.role, "by": "oidc"})
        added = await self._store.agents.add(agent, "", at, identity=identity.key, entry=entry)
        return agent if added else None

    # One's own account

    async def change_password(self, agent: Agent, current: str, new: str, token: str, address: str) -> None:
        """Change the agent's own password; all other sessions end.

        Raises ConversationError 403 when the current one is wrong, 400 when the new one is too weak, 409
        for an account without a password.
        """
        self._throttle(f"password {agent.id}")
        hashed = await self._store.agents.password_hash(agent.id)
        if not hashed:
            message = "This account signs in with the company account; there is no password to change."
            raise ConversationError("no_password", message)
        if not await asyncio.to_thread(_matches, hashed, current):
            message = "The current password is wrong."
            raise ConversationError("wrong_password", message, status=403, field="current")
        self._failures.forget(f"password {agent.id}")
        _refuse_weak(new, agent.email, agent.name, "new")
        entry = _own(agent, self._now(), "password.changed", address)
        renewed = await asyncio.to_thread(_HASHER.hash, new)
        keep = token_hash(token)
        self._cut(await self._acts.whole(self._store.agents.set_password(agent.id, renewed, keep, entry)))

    async def sessions(self, agent_id: str) -> tuple[Session, ...]:
        """The agent's open sessions."""
        return await self._store.agents.sessions(agent_id, self._now())

    async def end_session(self, session: Session, entry: Entry) -> None:
        """Revoke a session; its sockets close at once."""
        await self._acts.whole(self._end_session(session, entry))

    async def _end_session(self, session: Session, entry: Entry) -> None:
        await self._store.agents.drop_session(session.token_hash, entry)
        self._cut([session.token_hash])

    # Others' accounts

    async def change(
        self, agent_id: str, changes: Mapping[str, Any], describe: Callable[[Agent, Agent], Entry]
    ) -> Agent:
        """Change name, role, skills, capacity or active of an agent; raises ConversationError like the store.

        Who is not active any more loses every session at once; a new role holds from the next call on, and
        the sockets opened under the old one close.
        """
        return await self._acts.whole(self._change(agent_id, changes, describe))

    async def _change(
        self, agent_id: str, changes: Mapping[str, Any], describe: Callable[[Agent, Agent], Entry]
    ) -> Agent:
        before, after, ended = await self._store.agents.change(agent_id, changes, describe)
        self.names[after.id] = after.name
        self._cut(ended)
        if before.role != after.role:
            self._cut(session.token_hash for session in await self.sessions(agent_id))
        return after

    # Invitations

    async def invite(
        self, email: str, name: str, role: str, skills: tuple[str, ...], by: Agent, entry: Entry
    ) -> Invited:
        """Invite somebody; an earlier invitation to the same address is void.

        Raises ConversationError 409 `known` when the address has an account.
        """
        if await self._store.agents.by_email(email) is not None:
            raise ConversationError("known", "Somebody with this address has an account.", field="email")
        at = self._now()
        until = at + INVITATION_SECONDS * 1000
        invitation = Invitation(_new_id(), email, name, role, skills, None, by.name, at, until)
        return await self._invited(invitation, entry)

    async def reset(self, agent: Agent, by: Agent, entry: Entry) -> Invited:
        """A link with which the agent chooses a new password; the old one holds until then."""
        at = self._now()
        until = at + RESET_SECONDS * 1000
        invitation = Invitation(
            _new_id(), agent.email, agent.name, agent.role, agent.skills, agent.id, by.name, at, until
        )
        return await self._invited(invitation, entry)

    async def _invited(self, invitation: Invitation, entry: Entry) -> Invited:
        token = secrets.token_urlsafe(32)
        await self._store.agents.invite(invitation, token_hash(token), entry)
        return Invited(invitation, token)

    async def invitation(self, token: str) -> Invitation:
        """The invitation that the token opens; raises ConversationError 404 when there is none any more."""
        invitation = await self._store.agents.invited(token_hash(token), self._now())
        if invitation is None:
            raise _gone()
        return invitation

    async def join(self, token: str, name: str, password: str, arrival: Arrival) -> tuple[Agent, str]:
        """Use an invitation: the agent, and the token of a session.

        Raises ConversationError 404 when it is used or too old, 400 for a password that is too weak.
        """
        return await self._acts.whole(self._join(token, name, password, arrival))

    async def _join(self, token: str, name: str, password: str, arrival: Arrival) -> tuple[Agent, str]:
        invitation = await self.invitation(token)
        known = await self._store.agents.by_id(invitation.agent_id) if invitation.agent_id else None
        if invitation.agent_id and (known is None or not known.active):
            raise _gone()
        agent = known or Agent(_new_id(), invitation.email, name, invitation.role, invitation.skills)
        _refuse_weak(password, agent.email, agent.name, "password")
        hashed = await asyncio.to_thread(_HASHER.hash, password)
        action, detail = ("password.reset", {}) if known else ("invitation.accepted", {"role": agent.role})
        at = self._now()
        entry = _own(agent, at, action, arrival.address, detail)
        ended = await self._store.agents.join(invitation, agent, hashed, at, entry)
        if ended is None:
            raise _gone()
        self._cut(ended)
        return agent, await self._begin(agent, "password", arrival)

    def _cut(self, ended: Iterable[str]) -> None:
        """Close the sockets of sessions."""
        for hashed in ended:
            self._bus.publish(session_topic(hashed), "over")


def session_topic(hashed: str) -> str:
    """The bus topic on which the sockets of the session with that token hash hear that they are over."""
    return "session " + hashed


def _own(agent: Agent, at: int, action: str, address: str, detail: Mapping[str, Any] | None = None) -> Entry:
    """The entry of what somebody did to the own account."""
    return Entry(at, agent.id, agent.name, action, agent.email, detail or {}, address)


def _refuse_weak(password: str, email: str, name: str, field: str) -> None:
    fault = weakness(password, email, name)
    if fault:
        raise ConversationError("weak_password", fault, status=400, field=field)


def _gone() -> ConversationError:
    message = "This invitation has been used or is too old; ask for a new one."
    return ConversationError("not_found", message, status=404)


def _new_id() -> str:
    return secrets.token_urlsafe(12)


class TooMany(ConversationError):
    """Refused for now; `wait` is the number of seconds until it is worth trying again."""

    def __init__(self, message: str, wait: float) -> None:
        super().__init__("too_many_requests", message, status=429)
        self.wait = wait


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
