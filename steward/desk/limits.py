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
class Limits:
    """The service's limits; generous for people, tight for loops."""

    messages: Rate = Rate(20, 10)
    conversations: Rate = Rate(60, 60)
    sign_ins: Rate = Rate(8, 300)


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
