"""The board's numbers, from what happened today and who waits now. Pure.

Times are milliseconds since 1970, durations in the results are seconds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

_PEOPLE = frozenset({"queued", "offered", "deferred"})
_HOUR = 3_600_000


@dataclass(frozen=True)
class Happening:
    """Something that was kept of a conversation: a new owner, a move in the queue, a first answer."""

    conversation_id: str
    at: int
    kind: str
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Promise:
    """A customer who waits in the queue or, taken already, for a first answer, which is due at the latest."""

    since: int
    skill: str | None
    due: int | None
    queued: bool = True


@dataclass(frozen=True)
class Numbers:
    """What happened to one kind of conversation. `within` counts first answers in time, of `answered`."""

    handoffs: int = 0
    accepted: int = 0
    answered: int = 0
    resolved: int = 0
    deferred: int = 0
    within: int = 0
    wait_median: int | None = None
    wait_p90: int | None = None
    first_response_median: int | None = None


@dataclass(frozen=True)
class Hour:
    """An hour of the day: who came to the people, who was taken, and how long those had waited."""

    at: int
    handoffs: int
    accepted: int
    wait_median: int | None


@dataclass(frozen=True)
class Share:
    """One agent's part of the day."""

    handled: int = 0
    resolved: int = 0
    first_response_median: int | None = None


@dataclass(frozen=True)
class Queue:
    """Who waits now; `broken` and `warned` count first answers that are late or soon will be."""

    waiting: int = 0
    longest_wait: int = 0
    broken: int = 0
    warned: int = 0


@dataclass
class _Tally:
    """What was seen so far."""

    counts: Counter[str] = field(default_factory=Counter)
    waits: list[int] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def numbers(self, target: int) -> Numbers:
        """As numbers; an answer is in time when it took no longer than the target's milliseconds."""
        return Numbers(
            self.counts["handoffs"],
            self.counts["accepted"],
            len(self.answers),
            self.counts["resolved"],
            self.counts["deferred"],
            sum(took <= target for took in self.answers),
            _seconds(quantile(self.waits, 0.5)),
            _seconds(quantile(self.waits, 0.9)),
            _seconds(quantile(self.answers, 0.5)),
        )


def day_start(at: int, zone: ZoneInfo) -> int:
    """When the day began on the shop's own clock."""
    local = datetime.fromtimestamp(at / 1000, timezone.utc).astimezone(zone)
    midnight = datetime(local.year, local.month, local.day, tzinfo=zone)
    return int(midnight.timestamp() * 1000)


def day_hours(start: int, now: int, zone: ZoneInfo) -> list[int]:
    """When each hour of the day began, up to now; a day on which clocks change has 23 or 25 of them."""
    local = datetime.fromtimestamp(start / 1000, timezone.utc).astimezone(zone)
    following = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), zone)
    end = min(now + 1, int(following.timestamp() * 1000))
    return list(range(start, end, _HOUR))


def today(happenings: Iterable[Happening], target: int) -> tuple[Numbers, dict[str | None, Numbers]]:
    """The day's numbers, in all and by skill. `target` is how many milliseconds a first answer may take."""
    everything, by_skill = _Tally(), defaultdict[str | None, _Tally](_Tally)
    for one, skill in _with_skills(happenings):
        for tally in (everything, by_skill[skill]):
            _count(tally, one)
    return everything.numbers(target), {skill: tally.numbers(target) for skill, tally in by_skill.items()}


def hours(happenings: Iterable[Happening], starts: Sequence[int]) -> list[Hour]:
    """The day hour by hour."""
    tallies = {start: _Tally() for start in starts}
    for one in happenings:
        start = starts[0] + (one.at - starts[0]) // _HOUR * _HOUR if starts else 0
        if start in tallies:
            _count(tallies[start], one)
    return [
        Hour(
            start,
            tally.counts["handoffs"],
            tally.counts["accepted"],
            _seconds(quantile(tally.waits, 0.5)),
        )
        for start, tally in tallies.items()
    ]


def shares(happenings: Iterable[Happening]) -> dict[str, Share]:
    """Each agent's part, by id."""
    handled: dict[str, set[str]] = defaultdict(set)
    resolved: Counter[str] = Counter()
    answers: dict[str, list[int]] = defaultdict(list)
    for one in happenings:
        agent = one.detail.get("agent")
        if not agent:
            continue
        if one.kind == "owner" and one.detail.get("to") == "agent":
            handled[agent].add(one.conversation_id)
        if _resolved(one):
            resolved[agent] += 1
        if one.kind == "first_answer":
            answers[agent].append(one.detail["took"])
    return {
        agent: Share(len(handled[agent]), resolved[agent], _seconds(quantile(answers.get(agent, ()), 0.5)))
        for agent in {*handled, *resolved, *answers}
    }


def queue(promises: Iterable[Promise], now: int, warn: int) -> tuple[Queue, dict[str | None, Queue]]:
    """Who waits, in all and by skill. A warning comes `warn` milliseconds before a first answer is late."""
    by_skill: dict[str | None, list[Promise]] = defaultdict(list)
    for one in promises:
        by_skill[one.skill].append(one)
    everybody = [one for some in by_skill.values() for one in some]
    return _queue(everybody, now, warn), {skill: _queue(some, now, warn) for skill, some in by_skill.items()}


def quantile(values: Collection[int], share: float) -> float | None:
    """The value that the share of all values does not exceed, between two neighbours where it falls there."""
    if not values:
        return None
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


def _with_skills(happenings: Iterable[Happening]) -> Iterable[tuple[Happening, str | None]]:
    """Each with the skill that the conversation asked for at the time; a first answer does not tell it."""
    skills: dict[str, str | None] = {}
    for one in happenings:
        if "skill" in one.detail:
            skills[one.conversation_id] = one.detail["skill"]
        yield one, skills.get(one.conversation_id)


def _count(tally: _Tally, one: Happening) -> None:
    before, after = one.detail.get("from"), one.detail.get("to")
    if one.kind == "first_answer":
        tally.answers.append(one.detail["took"])
        return
    if after == "deferred":
        tally.counts["deferred"] += 1
    if one.kind != "owner":
        return
    if before in ("bot", "resolved") and (after in _PEOPLE or after == "agent"):
        tally.counts["handoffs"] += 1
    if after == "agent" and before in _PEOPLE:
        tally.counts["accepted"] += 1
        if one.detail.get("waited") is not None and before != "deferred":
            tally.waits.append(one.detail["waited"])
    if _resolved(one):
        tally.counts["resolved"] += 1


def _resolved(one: Happening) -> bool:
    """A person was done with it; what customers end themselves while with the bot is none of theirs."""
    return one.kind == "owner" and one.detail.get("to") == "resolved" and one.detail.get("from") == "agent"


def _queue(promises: Sequence[Promise], now: int, warn: int) -> Queue:
    slack = [one.due - now for one in promises if one.due is not None]
    waiting = [max(0, now - one.since) // 1000 for one in promises if one.queued]
    return Queue(
        len(waiting),
        max(waiting, default=0),
        sum(left <= 0 for left in slack),
        sum(0 < left <= warn for left in slack),
    )


def _seconds(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds / 1000)
