"""How long a customer will still wait, as an honest range, from how long others waited lately. Pure.

Times are milliseconds since 1970; ranges are whole minutes in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH = 5
"""Fewer measured waits than this say nothing."""

_PLENTY = 12
_MINUTE = 60
_LONG = 15 * _MINUTE
_LONGEST = 90 * _MINUTE


@dataclass(frozen=True)
class Wait:
    """A wait that has ended with a person: when it began and ended, and what kind it was."""

    began: int
    ended: int
    skill: str | None = None
    urgent: bool = False


@dataclass(frozen=True)
class Waiting:
    """A customer who waits: the place in the queue from 1, seconds waited so far, the kind of wait."""

    place: int
    waited: int
    skill: str | None = None
    urgent: bool = False


@dataclass(frozen=True)
class Range:
    """The wait still to expect: at least `low` seconds, most likely no more than `high`."""

    low: int
    high: int


def expected(recent: Sequence[Wait], waiting: Waiting, agents: int) -> Range | None:
    """What the customer has still to expect, or None when it would be a guess.

    Waits of the same kind count, all of them when those are too few. Each is divided by the place that it
    began at, so a longer queue gives a longer wait. A guess it would be with too few waits measured, with
    nobody there, for a customer who has waited longer than anybody else, and when the range gets so long
    or so wide that it says nothing.
    """
    if agents < 1:
        return None
    chosen = _alike(recent, waiting)
    if len(chosen) < ENOUGH or waiting.waited > max(_seconds(wait) for wait in chosen):
        return None
    per_place = sorted(_seconds(wait) / _place(wait, recent) for wait in chosen)
    edge = 0.2 if len(per_place) >= _PLENTY else 0.0
    low = waiting.place * _quantile(per_place, edge)
    high = waiting.place * _quantile(per_place, 1 - edge)
    return _rounded(low, high)


def _alike(recent: Sequence[Wait], waiting: Waiting) -> Sequence[Wait]:
    same = [wait for wait in recent if (wait.skill, wait.urgent) == (waiting.skill, waiting.urgent)]
    if len(same) >= ENOUGH:
        return same
    return [wait for wait in recent if wait.urgent == waiting.urgent]


def _place(wait: Wait, recent: Sequence[Wait]) -> int:
    """The place at which the wait began, counted from those of the others that were going on then."""
    return 1 + sum(other.began < wait.began < other.ended for other in recent)


def _seconds(wait: Wait) -> float:
    return (wait.ended - wait.began) / 1000


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Between the two values nearest to that share of the way through."""
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


def _rounded(low: float, high: float) -> Range | None:
    """To whole minutes outwards, five of them for a long wait; never less than one minute to go."""
    step = 5 * _MINUTE if high > _LONG else _MINUTE
    lower = max(_MINUTE, int(low // step) * step)
    upper = max(lower + _MINUTE, int(-(-high // step)) * step)
    return Range(lower, upper) if upper <= _LONGEST else None
