"""How much one customer, one address or one sign-in may do in a while."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_SWEEP_EVERY = 1024


@dataclass(frozen=True)
class Rate:
    """At most `count` within any `seconds`."""

    count: int
    seconds: float


@dataclass(frozen=True)
class Deliveries:
    """How events are carried to other systems: times in seconds unless the name says days.

    A try takes `timeout` at most and is claimed for `lease`, after which another desk may think that the
    one which claimed it died. Pauses double from `first_pause` to `longest_pause`; after `give_up_days` a
    delivery is dead. Events can be read again for `keep_days`. To each webhook `at_once` are under way
    together, and every `poll` is looked whether another desk left something to do.
    """

    timeout: float = 10.0
    lease: float = 60.0
    first_pause: float = 5.0
    longest_pause: float = 3600.0
    give_up_days: float = 3.0
    keep_days: float = 14.0
    at_once: int = 4
    poll: float = 5.0


@dataclass(frozen=True)
class Limits:
    """The service's limits; generous for people, tight for loops."""

    messages: Rate = Rate(20, 10)
    conversations: Rate = Rate(60, 60)
    sign_ins: Rate = Rate(8, 300)
    uploads: Rate = Rate(20, 60)
    key_calls: Rate = Rate(600, 60)
    key_failures: Rate = Rate(30, 60)
    deliveries: Deliveries = Deliveries()


class Window:
    """A sliding window of what each key did."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._times: dict[str, deque[float]] = {}
        self._calls = 0

    def take(self, key: str, now: float) -> float:
        """Count one act; 0 when it is allowed, else the seconds until the next one is."""
        wait = self.wait(key, now)
        if not wait:
            self._times.setdefault(key, deque()).append(now)
        return wait

    def wait(self, key: str, now: float) -> float:
        """The seconds until an act is allowed, without counting one."""
        self._calls += 1
        if self._calls % _SWEEP_EVERY == 0:
            self._sweep(now)
        times = self._times.get(key)
        if times is None:
            return 0.0
        while times and now - times[0] >= self._rate.seconds:
            times.popleft()
        return self._rate.seconds - (now - times[0]) if len(times) >= self._rate.count else 0.0

    def forget(self, key: str) -> None:
        """Start the key's count anew."""
        self._times.pop(key, None)

    def _sweep(self, now: float) -> None:
        for key in [
            key for key, times in self._times.items() if not times or now - times[-1] >= self._rate.seconds
        ]:
            del self._times[key]
