"""Who looks at a conversation and who types in it, so that colleagues do not get in each other's way.

Held in this process alone. Nothing here reads a clock or a socket.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

VIEWING_FOR = 90_000
TYPING_FOR = 6_000


@dataclass(frozen=True)
class Viewer:
    """One agent at a conversation."""

    agent_id: str
    typing: bool


@dataclass(frozen=True)
class _Look:
    agent_id: str
    conversation_id: str | None = None
    seen_at: int = 0
    typed_at: int | None = None


class Viewers:
    """What each socket looks at. Every change gives the conversations whose viewers are others now."""

    def __init__(self) -> None:
        self._looks: dict[object, _Look] = {}
        self._told: dict[str, tuple[Viewer, ...]] = {}

    def view(self, socket: object, agent_id: str, conversation_id: str | None, at: int) -> frozenset[str]:
        """The socket looks at a conversation, or at none."""
        before = self._looks.get(socket)
        self._looks[socket] = _Look(agent_id, conversation_id, at)
        return self._changed(before.conversation_id if before else None, conversation_id, at=at)

    def type(self, socket: object, agent_id: str, conversation_id: str, at: int) -> frozenset[str]:
        """The agent types in a conversation, and so looks at it."""
        before = self._looks.get(socket)
        self._looks[socket] = _Look(agent_id, conversation_id, at, at)
        return self._changed(before.conversation_id if before else None, conversation_id, at=at)

    def typed_within(self, socket: object, conversation_id: str, milliseconds: int, at: int) -> bool:
        """Whether the socket said so a moment ago."""
        look = self._looks.get(socket)
        if look is None or look.conversation_id != conversation_id or look.typed_at is None:
            return False
        return at - look.typed_at < milliseconds

    def touch(self, socket: object, at: int) -> None:
        """The socket is still there."""
        look = self._looks.get(socket)
        if look is not None:
            self._looks[socket] = replace(look, seen_at=at)

    def leave(self, socket: object, at: int) -> frozenset[str]:
        """The socket closed."""
        look = self._looks.pop(socket, None)
        return self._changed(look.conversation_id if look else None, at=at)

    def expire(self, at: int) -> frozenset[str]:
        """Time has passed: nobody types or looks for ever."""
        gone = [socket for socket, look in self._looks.items() if at - look.seen_at >= VIEWING_FOR]
        for socket in gone:
            del self._looks[socket]
        return self._changed(*self._told, at=at)

    def of(self, conversation_id: str, at: int) -> tuple[Viewer, ...]:
        """Who is at a conversation, each agent once."""
        looks = [look for look in self._looks.values() if look.conversation_id == conversation_id]
        typing = {
            look.agent_id for look in looks if look.typed_at is not None and at - look.typed_at < TYPING_FOR
        }
        return tuple(Viewer(one, one in typing) for one in sorted({look.agent_id for look in looks}))

    @property
    def busy(self) -> bool:
        """Whether anybody looks at anything."""
        return bool(self._told)

    def _changed(self, *conversation_ids: str | None, at: int) -> frozenset[str]:
        changed = set()
        for one in {one for one in conversation_ids if one is not None}:
            now = self.of(one, at)
            if now != self._told.get(one, ()):
                changed.add(one)
            if now:
                self._told[one] = now
            else:
                self._told.pop(one, None)
        return frozenset(changed)
