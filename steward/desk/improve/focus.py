"""Which group of the inbox each operator has before them, so that two do not work on the same one.

Held in this process alone. Nothing here reads a clock or a socket.
"""

from __future__ import annotations

from dataclasses import dataclass

FOCUSED_FOR = 300_000


@dataclass(frozen=True)
class _Look:
    group: str
    at: int


class Focus:
    """Who looks at which group. Every change gives the groups that others look at now."""

    def __init__(self) -> None:
        self._looks: dict[str, _Look] = {}

    def put(self, agent_id: str, group: str | None, at: int) -> frozenset[str]:
        """The operator looks at a group, or at none."""
        before = self._looks.pop(agent_id, None)
        if group is not None:
            self._looks[agent_id] = _Look(group, at)
        old = before.group if before else None
        return frozenset() if old == group else frozenset(one for one in (old, group) if one is not None)

    def expire(self, at: int) -> frozenset[str]:
        """Time has passed: nobody looks for ever."""
        gone = {one: look.group for one, look in self._looks.items() if at - look.at >= FOCUSED_FOR}
        for one in gone:
            del self._looks[one]
        return frozenset(gone.values())

    def of(self, group: str) -> tuple[str, ...]:
        """Who looks at a group."""
        return tuple(sorted(one for one, look in self._looks.items() if look.group == group))

    def groups(self) -> frozenset[str]:
        """The groups that somebody looks at."""
        return frozenset(look.group for look in self._looks.values())
