"""The board's numbers."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from steward.desk.queue.board import (
    Happening,
    Hour,
    Numbers,
    Promise,
    Queue,
    Share,
    day_hours,
    day_start,
    hours,
    quantile,
    queue,
    shares,
    today,
)

SECOND, HOUR = 1000, 3_600_000
DUBLIN = ZoneInfo("Europe/Dublin")


def moved(who: str, at: int, before: str, after: str, **detail: Any) -> Happening:
    kind = "owner" if before != "queued" or after != "deferred" else "queue"
    return Happening(who, at, kind, {"from": before, "to": after, "skill": None, "waited": None, **detail})


def answered(who: str, at: int, took: int, agent: str = "robin") -> Happening:
    return Happening(who, at, "first_answer", {"agent": agent, "took": took})


DAY = [
    moved("a", 0, "bot", "queued", skill="delivery"),
    moved("a", 40 * SECOND, "queued", "agent", agent="robin", skill="delivery", waited=40 * SECOND),
    answered("a", 60 * SECOND, 60 * SECOND),
    moved("b", HOUR, "bot", "queued"),
    moved("b", HOUR + 200 * SECOND, "queued", "agent", agent="lena", waited=200 * SECOND),
    answered("b", HOUR + 300 * SECOND, 300 * SECOND, "lena"),
    moved("b", HOUR + 400 * SECOND, "agent", "resolved", agent="lena"),
    moved("c", HOUR, "bot", "queued"),
    moved("c", HOUR + 900 * SECOND, "queued", "deferred"),
    moved("d", HOUR, "bot", "resolved"),
    moved("a", 2 * HOUR, "agent", "resolved", agent="robin", skill="delivery"),
]


def test_the_day_is_counted_once_for_each_conversation_and_by_its_skill() -> None:
    numbers, by_skill = today(DAY, 120 * SECOND)
    assert numbers == Numbers(
        handoffs=3,
        accepted=2,
        answered=2,
        resolved=2,
        deferred=1,
        within=1,
        wait_median=120,
        wait_p90=184,
        first_response_median=180,
    )
    assert by_skill["delivery"] == Numbers(1, 1, 1, 1, 0, 1, 40, 40, 60)
    assert by_skill[None].handoffs == 2 and by_skill[None].within == 0


def test_a_day_without_anything_has_zeros_and_no_medians() -> None:
    assert today([], 1) == (Numbers(), {})


def test_who_is_passed_on_by_a_colleague_counts_as_one_handoff() -> None:
    passed = [
        moved("a", HOUR, "agent", "queued"),
        moved("a", HOUR, "queued", "agent", agent="lena", waited=0),
    ]
    assert today([*DAY, *passed], 1)[0].handoffs == 3


def test_each_hour_has_what_happened_in_it() -> None:
    assert hours(DAY, [0, HOUR, 2 * HOUR]) == [
        Hour(0, 1, 1, 40),
        Hour(HOUR, 2, 1, 200),
        Hour(2 * HOUR, 0, 0, None),
    ]


def test_each_agent_has_the_own_part_of_the_day() -> None:
    assert shares(DAY) == {"robin": Share(1, 1, 60), "lena": Share(1, 1, 300)}


def test_a_first_answer_warns_before_it_is_late() -> None:
    waiting = [
        Promise(0, "delivery", due=100 * SECOND),
        Promise(30 * SECOND, None, due=130 * SECOND),
        Promise(50 * SECOND, None, due=150 * SECOND),
        Promise(50 * SECOND, None, due=101 * SECOND, queued=False),
        Promise(90 * SECOND, None, due=None),
    ]
    everybody, by_skill = queue(waiting, 100 * SECOND, 30 * SECOND)
    assert everybody == Queue(waiting=4, longest_wait=100, broken=1, warned=2)
    assert by_skill["delivery"] == Queue(1, 100, 1, 0)
    assert by_skill[None] == Queue(3, 70, 0, 2)


@pytest.mark.parametrize(
    ("values", "share", "value"),
    [((), 0.5, None), ((7,), 0.9, 7), ((1, 2), 0.5, 1.5), (tuple(range(11)), 0.9, 9)],
)
def test_a_quantile_lies_between_its_neighbours(values, share, value) -> None:
    assert quantile(values, share) == value


@pytest.mark.parametrize(("day", "length"), [((2026, 3, 29), 23), ((2026, 6, 1), 24), ((2026, 10, 25), 25)])
def test_the_day_is_that_of_the_shop_s_own_clock_even_when_it_changes(day, length) -> None:
    evening = int(datetime(day[0], day[1], day[2], 22, 30, tzinfo=timezone.utc).timestamp() * 1000)
    start = day_start(evening, DUBLIN)
    local = datetime.fromtimestamp(start / 1000, DUBLIN)
    assert (local.hour, local.minute) == (0, 0)
    assert len(day_hours(start, start + 30 * HOUR, DUBLIN)) == length
    assert day_hours(start, start + HOUR - 1, DUBLIN) == [start]
