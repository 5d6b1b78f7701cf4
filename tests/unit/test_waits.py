"""The expected wait is an honest range: from measured waits, growing with the place, or not given at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from steward.desk.queue.waits import ENOUGH, Range, Wait, Waiting, expected

MINUTE = 60_000


def one_after_another(*minutes: float, skill: str | None = None, urgent: bool = False) -> list[Wait]:
    """Waits that never overlap, so that each began at the first place."""
    waits, at = [], 0
    for wait in minutes:
        waits.append(Wait(at, at + int(wait * MINUTE), skill, urgent))
        at += 60 * MINUTE
    return waits


def test_with_too_few_measured_waits_nothing_is_said() -> None:
    assert expected(one_after_another(2, 3, 2, 3), Waiting(1, 0), agents=2) is None
    assert expected(one_after_another(2, 3, 2, 3, 2), Waiting(1, 0), agents=2) == Range(120, 180)


def test_with_nobody_there_nothing_is_said() -> None:
    assert expected(one_after_another(2, 3, 2, 3, 2), Waiting(1, 0), agents=0) is None


def test_a_wait_longer_than_any_measured_is_no_longer_guessed() -> None:
    recent = one_after_another(2, 3, 2, 3, 2)
    assert expected(recent, Waiting(1, 179), agents=1) == Range(120, 180)
    assert expected(recent, Waiting(1, 181), agents=1) is None


def test_a_place_further_back_takes_longer_in_proportion() -> None:
    recent = one_after_another(2, 3, 2, 3, 2)
    assert expected(recent, Waiting(3, 0), agents=1) == Range(360, 540)


def test_the_place_at_which_a_measured_wait_began_is_taken_into_account() -> None:
    together = [Wait(n * 1000, n * 1000 + n * 3 * MINUTE) for n in range(1, 7)]
    assert expected(together, Waiting(1, 0), agents=1) == Range(180, 240)


def test_few_waits_give_the_widest_range_and_many_leave_the_extremes_out() -> None:
    few = one_after_another(1, 9, 5, 5, 5)
    assert expected(few, Waiting(1, 0), agents=1) == Range(60, 540)
    many = one_after_another(1, 9, *[5] * 20)
    assert expected(many, Waiting(1, 0), agents=1) == Range(300, 360)


def test_waits_for_the_same_skill_count_alone_once_there_are_enough() -> None:
    recent = one_after_another(*[10] * ENOUGH, skill="fitting") + one_after_another(*[2] * 9)
    assert expected(recent, Waiting(1, 0, "fitting"), agents=1) == Range(600, 660)
    assert expected(recent[1:], Waiting(1, 0, "fitting"), agents=1) == Range(120, 600)


def test_urgent_waits_say_nothing_about_ordinary_ones() -> None:
    urgent = one_after_another(*[1] * 9, urgent=True)
    assert expected(urgent, Waiting(1, 0), agents=1) is None
    assert expected(urgent, Waiting(1, 0, urgent=True), agents=1) == Range(60, 120)


def test_it_never_says_no_minutes_and_long_waits_are_told_in_steps_of_five() -> None:
    assert expected(one_after_another(*[0.05] * 9), Waiting(1, 0), agents=1) == Range(60, 120)
    assert expected(one_after_another(*[12] * 9), Waiting(2, 0), agents=1) == Range(1200, 1500)


def test_a_range_beyond_an_hour_and_a_half_is_not_given() -> None:
    assert expected(one_after_another(*[40] * 9), Waiting(3, 0), agents=1) is None


WAITS = st.lists(
    st.builds(
        lambda began, lasted, skill, urgent: Wait(began, began + lasted, skill, urgent),
        st.integers(0, 10**7),
        st.integers(0, 10**7),
        st.sampled_from([None, "fitting"]),
        st.booleans(),
    ),
    max_size=40,
)


@given(recent=WAITS, place=st.integers(1, 50), waited=st.integers(0, 10_000), agents=st.integers(0, 5))
def test_every_range_is_in_whole_minutes_and_never_empty(
    recent: list[Wait], place: int, waited: int, agents: int
) -> None:
    found = expected(recent, Waiting(place, waited), agents)
    if found is not None:
        assert 60 <= found.low < found.high <= 5400
        assert found.low % 60 == found.high % 60 == 0


@given(recent=WAITS, place=st.integers(1, 20))
def test_who_stands_further_back_is_never_told_less(recent: list[Wait], place: int) -> None:
    here, behind = (expected(recent, Waiting(at, 0), 1) for at in (place, place + 1))
    if here and behind:
        assert here.high <= behind.high
