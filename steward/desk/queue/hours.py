"""When people are there: now, next, until when, and when so many opening hours will have passed.

Pure, and exact where clocks change: hours are what the shop's own clock shows, time passes in real time.
Times are milliseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from steward.catalogue import OpeningHours, Span

HOUR = 3_600_000
ROUND_THE_CLOCK = OpeningHours("UTC", ((Span(0, 24 * 60),),) * 7, {})
"""The hours of a shop whose people are always there."""

_HORIZON_DAYS = 400
_NOON = 13 * 60
_WORTH = HOUR
"""A part of a day shorter than this is not offered to a customer."""


@dataclass(frozen=True)
class Stretch:
    """A time without a break in which people are there; the end is not part of it."""

    start: int
    end: int


@dataclass(frozen=True)
class Part:
    """The morning or the afternoon of one opening day, as a customer may prefer it."""

    start: int
    end: int
    day: date
    name: Literal["morning", "afternoon"]

    @property
    def id(self) -> str:
        """What a program calls it: `2026-11-23-morning`."""
        return f"{self.day.isoformat()}-{self.name}"


class Hours:
    """The opening hours of one shop, looked at from any moment."""

    def __init__(self, opening: OpeningHours) -> None:
        self._opening = opening
        self._zone = ZoneInfo(opening.time_zone)

    @property
    def time_zone(self) -> str:
        """The IANA name of the zone whose clock the hours are told by."""
        return self._opening.time_zone

    def is_open(self, at: int) -> bool:
        """Whether people are there at that moment."""
        day = self.local(at).date()
        spans = (*self._of(day - timedelta(days=1)), *self._of(day))
        return any(stretch.start <= at < stretch.end for stretch in spans)

    def opens(self, at: int) -> int | None:
        """The next moment at which people are there, `at` itself if they are; None when none is in sight."""
        stretch = next(self.stretches(at), None)
        return max(stretch.start, at) if stretch else None

    def closes(self, at: int) -> int | None:
        """The end of the opening that is going on; None when the shop is closed."""
        stretch = next(self.stretches(at), None)
        return stretch.end if stretch and stretch.start <= at else None

    def after(self, at: int, open_for: int) -> int | None:
        """The moment when people will have been there for `open_for` milliseconds from now on.

        It lies within an opening or at its very end; None when no such moment is in sight.
        """
        left = open_for
        for stretch in self.stretches(at):
            start = max(stretch.start, at)
            if stretch.end - start >= left:
                return start + left
            left -= stretch.end - start
        return None

    def stretches(self, at: int) -> Iterator[Stretch]:
        """The openings that have not ended by then, in order; what joins without a break is one."""
        joined: Stretch | None = None
        first = self.local(at).date() - timedelta(days=1)
        for day in (first + timedelta(days=n) for n in range(_HORIZON_DAYS)):
            for stretch in self._of(day):
                if stretch.end <= at:
                    continue
                if joined and joined.end >= stretch.start:
                    joined = Stretch(joined.start, max(joined.end, stretch.end))
                    continue
                if joined:
                    yield joined
                joined = stretch
        if joined:
            yield joined

    def parts(self, at: int, count: int) -> tuple[Part, ...]:
        """The next mornings and afternoons of opening days, each with at least an hour left."""
        first = self.local(at).date()
        halves = (
            half
            for day in (first + timedelta(days=n) for n in range(_HORIZON_DAYS))
            for stretch in self._of(day)
            for half in self._halves(day, stretch, at)
            if half.end - half.start >= _WORTH
        )
        return tuple(islice(halves, count))

    def local(self, at: int) -> datetime:
        """The moment as the shop's own clock and calendar show it."""
        return datetime.fromtimestamp(at / 1000, timezone.utc).astimezone(self._zone)

    def _halves(self, day: date, stretch: Stretch, at: int) -> tuple[Part, Part]:
        """What is left of the opening before and after noon; either may be nothing."""
        noon = self._moment(day, _NOON)
        return (
            Part(max(stretch.start, at), min(stretch.end, noon), day, "morning"),
            Part(max(stretch.start, at, noon), stretch.end, day, "afternoon"),
        )

    def _of(self, day: date) -> Iterator[Stretch]:
        usual = self._opening.week[day.weekday()]
        for span in self._opening.days.get(day, usual):
            stretch = Stretch(self._moment(day, span.opens), self._moment(day, span.closes))
            # Hours that fall wholly into the hour that a clock skips do not take place.
            if stretch.start < stretch.end:
                yield stretch

    def _moment(self, day: date, minutes: int) -> int:
        """The moment at which the clock shows that time of the day, the first one when it does so twice."""
        days, rest = divmod(minutes, 24 * 60)
        clock = datetime.combine(day + timedelta(days=days), datetime.min.time(), self._zone)
        return int(clock.replace(hour=rest // 60, minute=rest % 60).timestamp()) * 1000
