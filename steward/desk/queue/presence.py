"""Who is at the desk now: what agents say, as long as their connection holds, and a grace beyond it.

A desk knows its own sockets. What other desks on the same database and earlier runs saw comes from the
store, where every desk keeps its own agents up to date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from steward.desk.queue import routing
from steward.desk.queue.routing import Rules
from steward.desk.store import Seen

BEAT_SECONDS = 10
"""How often a desk tells the others who is connected to it."""

_BEAT = BEAT_SECONDS * 1000


class Presence:
    """Which agents are there. `rules` gives the grace after a connection broke."""

    def __init__(self, rules: Callable[[], Rules], now: Callable[[], int]) -> None:
        self._rules = rules
        self._now = now
        self._opened_at = now()
        self._sockets: dict[object, str] = {}
        self._here: dict[str, Seen] = {}
        self._stored: dict[str, Seen] = {}
        self._changed: set[str] = set()

    def arrive(self, socket: object, agent_id: str) -> None:
        """A socket opened: whoever was not there is online."""
        if agent_id not in self._sockets.values():
            self._keep(agent_id, routing.Presence.ONLINE)
        self._sockets[socket] = agent_id

    def leave(self, socket: object) -> None:
        """A socket closed; after the last one the grace begins."""
        agent_id = self._sockets.pop(socket, None)
        if agent_id is not None and agent_id not in self._sockets.values() and agent_id in self._here:
            self._here[agent_id] = replace(self._here[agent_id], seen_at=self._now())
            self._changed.add(agent_id)

    def say(self, agent_id: str, state: routing.Presence, *, lasting: bool = False) -> None:
        """The agent says how it is; `lasting` needs no connection, as for another system."""
        if self.state(agent_id) is not state or lasting:
            self._keep(agent_id, state, lasting=lasting)

    def state(self, agent_id: str | None) -> routing.Presence:
        """Whether the agent is there now."""
        seen = self._newest(agent_id or "")
        if seen is None:
            return routing.Presence.OFFLINE
        said = routing.Presence(seen.state)
        absent = 0 if agent_id in self._sockets.values() or seen.lasting else self._now() - seen.seen_at
        if said is routing.Presence.OFFLINE or absent <= self._grace(agent_id or ""):
            return said
        return routing.Presence.AWAY if absent <= self._rules().lost_after else routing.Presence.OFFLINE

    def online(self, agent_id: str | None) -> bool:
        """Whether the agent is there and takes work."""
        return self.state(agent_id) is routing.Presence.ONLINE

    def since(self, agent_id: str) -> int | None:
        """When the agent last said how it is."""
        seen = self._newest(agent_id)
        return seen.since if seen else None

    def count(self) -> int:
        """How many agents are there and take work."""
        return sum(self.online(agent_id) for agent_id in {*self._here, *self._stored})

    def lost(self) -> set[str]:
        """Who was connected, is no longer, and does not come back.

        After a start everybody has the grace to connect again: the connection broke because the desk stopped.
        """
        now = self._now()
        if now - self._opened_at <= self._rules().grace_seconds * 1000:
            return set()
        known = {*self._here, *self._stored}
        return {agent_id for agent_id in known if self._is_lost(agent_id, now)}

    def next_change(self) -> int | None:
        """When time alone makes somebody away, lost or offline next."""
        rules, now = self._rules(), self._now()
        moments = [
            seen.seen_at + after + 1
            for agent_id, seen in self._here.items()
            if agent_id not in self._sockets.values() and not seen.lasting
            for after in (self._grace(agent_id), rules.lost_after)
        ]
        return min((moment for moment in moments if moment > now), default=None)

    def beat(self, *, everybody: bool) -> dict[str, Seen]:
        """What to store: who changed since the last time, or everybody who is connected here."""
        now = self._now()
        for agent_id in set(self._sockets.values()):
            self._here[agent_id] = replace(self._here[agent_id], seen_at=now)
        chosen = self._changed | (set(self._sockets.values()) if everybody else set())
        self._changed = set()
        return {agent_id: self._here[agent_id] for agent_id in chosen}

    def learn(self, stored: Mapping[str, Seen]) -> None:
        """What is stored by all desks."""
        self._stored = dict(stored)

    def _keep(self, agent_id: str, state: routing.Presence, *, lasting: bool = False) -> None:
        now = self._now()
        self._here[agent_id] = Seen(state.value, now, now, lasting)
        self._changed.add(agent_id)

    def _newest(self, agent_id: str) -> Seen | None:
        """What was said last, seen when it was seen last."""
        here, stored = self._here.get(agent_id), self._stored.get(agent_id)
        if here is None or stored is None:
            return here or stored
        said = here if here.since >= stored.since else stored
        return replace(said, seen_at=max(here.seen_at, stored.seen_at))

    def _grace(self, agent_id: str) -> int:
        """Those whom another desk sees are heard of only now and then."""
        grace = self._rules().grace_seconds * 1000
        return grace if agent_id in self._here else max(grace, 2 * _BEAT)

    def _is_lost(self, agent_id: str, now: int) -> bool:
        seen = self._newest(agent_id)
        connected = agent_id in self._sockets.values()
        if seen is None or seen.lasting or connected or not seen.seen_at:
            return False
        return now - seen.seen_at > self._rules().lost_after
