"""Business hours: open or not, from when, until when, and never a promise for a closed time."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.catalogue import OpeningHours, Span, load_catalogue
from steward.desk.queue.hours import HOUR, ROUND_THE_CLOCK, Hours

DUBLIN = ZoneInfo("Europe/Dublin")
SHOP = Hours(load_catalogue(Path(__file__).parents[2] / "data" / "catalogue").opening)


def at(text: str, zone: ZoneInfo = DUBLIN) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def shown(moment: int | None, hours: Hours = SHOP) -> str:
    assert moment is not None
    return hours.local(moment).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 08:59:59", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 17:59:59", True),
        ("2026-11-23 18:00", False),
        ("2026-11-21 16:59", True),
        ("2026-11-22 12:00", False),
        ("2026-12-06 12:00", True),
        ("2026-12-24 13:59", True),
        ("2026-12-24 14:00", False),
        ("2026-12-25 10:00", False),
        ("2027-03-29 10:00", False),
    ],
)
def test_the_shop_is_open_by_its_week_unless_the_day_is_a_special_one(moment: str, is_open: bool) -> None:
    assert SHOP.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23 10:00", "2026-11-23 10:00"),
        ("2026-11-21 17:00", "2026-11-23 09:00"),
        ("2026-12-24 14:00", "2026-12-28 09:00"),
        ("2026-12-31 20:00", "2027-01-02 10:00"),
    ],
)
def test_it_opens_next_after_nights_sundays_and_holidays(moment: str, opens: str) -> None:
    assert shown(SHOP.opens(at(moment))) == opens


def test_it_closes_at_the_end_of_the_day_and_not_at_all_when_it_is_closed() -> None:
    assert shown(SHOP.closes(at("2026-11-23 10:00"))) == "2026-11-23 18:00"
    assert SHOP.closes(at("2026-11-22 10:00")) is None


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-11-23 10:00", "2026-11-23 14:00"),
        ("2026-11-23 14:00", "2026-11-23 18:00"),
        ("2026-11-23 16:30", "2026-11-24 11:30"),
        ("2026-11-21 16:00", "2026-11-23 12:00"),
        ("2026-12-24 12:00", "2026-12-28 11:00"),
    ],
)
def test_four_opening_hours_go_on_where_the_day_before_ended(moment: str, due: str) -> None:
    assert shown(SHOP.after(at(moment), 4 * HOUR)) == due


def test_hours_are_told_by_the_clock_and_last_in_real_time_when_clocks_change() -> None:
    night = Hours(OpeningHours("Europe/Dublin", ((Span(0, 6 * 60),),) * 7, {}))
    spring, autumn = at("2026-03-29 00:00"), at("2026-10-25 00:00")
    assert (night.closes(spring) or 0) - spring == 5 * HOUR
    assert (night.closes(autumn) or 0) - autumn == 7 * HOUR
    assert shown(night.after(spring, 5 * HOUR), night) == "2026-03-29 06:00"
    assert shown(night.after(autumn, 7 * HOUR), night) == "2026-10-25 06:00"


def test_hours_within_the_hour_that_the_clock_skips_do_not_take_place() -> None:
    skipped = Hours(OpeningHours("Europe/Dublin", ((Span(60, 120),),) * 7, {}))
    assert shown(skipped.opens(at("2026-03-28 12:00")), skipped) == "2026-03-30 01:00"


def test_hours_up_to_midnight_join_those_of_the_next_day() -> None:
    assert ROUND_THE_CLOCK.days == {}
    always = Hours(ROUND_THE_CLOCK)
    assert always.is_open(at("2026-12-25 23:59:59"))
    assert always.after(at("2026-12-25 23:00"), 4 * HOUR) == at("2026-12-26 03:00")
    parts = Hours(ROUND_THE_CLOCK).parts(at("2026-12-25 22:30"), 2)
    assert [part.id for part in parts] == ["2026-12-25-afternoon", "2026-12-26-morning"]
    assert parts[0].end == parts[1].start == at("2026-12-26 00:00")


def test_a_shop_that_never_opens_promises_nothing() -> None:
    closed = Hours(OpeningHours("Europe/Dublin", ((),) * 7, {}))
    moment = at("2026-11-23 10:00")
    assert (closed.is_open(moment), closed.opens(moment), closed.after(moment, HOUR)) == (False, None, None)
    assert closed.parts(moment, 4) == ()


def test_the_next_mornings_and_afternoons_are_offered_while_an_hour_of_them_is_left() -> None:
    parts = SHOP.parts(at("2026-11-20 17:30"), 4)
    assert [(part.id, shown(part.start), shown(part.end)) for part in parts] == [
        ("2026-11-21-morning", "2026-11-21 10:00", "2026-11-21 13:00"),
        ("2026-11-21-afternoon", "2026-11-21 13:00", "2026-11-21 17:00"),
        ("2026-11-23-morning", "2026-11-23 09:00", "2026-11-23 13:00"),
        ("2026-11-23-afternoon", "2026-11-23 13:00", "2026-11-23 18:00"),
    ]
    begun = SHOP.parts(at("2026-11-20 14:10"), 1)[0]
    assert (begun.id, shown(begun.start)) == ("2026-11-20-afternoon", "2026-11-20 14:10")


MINUTES = st.integers(0, 24 * 60)
SPANS = st.tuples(MINUTES, MINUTES).filter(lambda pair: pair[0] < pair[1]).map(lambda pair: (Span(*pair),))
DAYS = st.one_of(st.just(()), SPANS)
OPENINGS = st.builds(
    OpeningHours,
    st.sampled_from(["Europe/Dublin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    st.tuples(*[DAYS] * 7),
    st.dictionaries(st.dates(date(2026, 3, 1), date(2026, 11, 30)), DAYS, max_size=5),
)
MOMENTS = st.integers(at("2026-01-01 00:00"), at("2027-01-01 00:00"))


@settings(max_examples=150, deadline=None)
@given(opening=OPENINGS, moment=MOMENTS, minutes=st.integers(1, 3000))
def test_nothing_is_ever_promised_for_a_closed_time(opening: OpeningHours, moment: int, minutes: int) -> None:
    hours = Hours(opening)
    due = hours.after(moment, minutes * 60_000)
    if due is None:
        return
    assert hours.is_open(due - 1)
    assert due - moment >= minutes * 60_000
    assert _open_between(hours, moment, due) == minutes * 60_000


@settings(max_examples=150, deadline=None)
@given(opening=OPENINGS, moment=MOMENTS)
def test_open_now_next_opening_and_closing_agree(opening: OpeningHours, moment: int) -> None:
    hours = Hours(opening)
    opens, closes = hours.opens(moment), hours.closes(moment)
    assert hours.is_open(moment) == (opens == moment) == (closes is not None)
    if opens is not None:
        assert hours.is_open(opens)
        assert opens == moment or not hours.is_open(opens - 1)
    if closes is not None:
        assert not hours.is_open(closes) and hours.is_open(closes - 1)


@settings(max_examples=100, deadline=None)
@given(opening=OPENINGS, moment=MOMENTS)
def test_every_part_of_a_day_that_is_offered_is_open_from_its_start_to_its_end(
    opening: OpeningHours, moment: int
) -> None:
    hours = Hours(opening)
    for part in hours.parts(moment, 6):
        assert part.start >= moment
        assert hours.is_open(part.start) and hours.is_open(part.end - 1)
        assert _open_between(hours, part.start, part.end) == part.end - part.start >= HOUR


def _open_between(hours: Hours, start: int, end: int) -> int:
    total = 0
    for stretch in hours.stretches(start):
        if stretch.start >= end:
            break
        total += min(stretch.end, end) - max(stretch.start, start)
    return total
