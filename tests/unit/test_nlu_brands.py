"""Other makers' names do not decide what a message is about."""

from __future__ import annotations

import pytest

from steward.nlu.brands import alike


def test_all_makers_are_read_as_one() -> None:
    assert alike("my miele beeps") == alike("my Bosch beeps") == alike("my De’Longhi beeps")


def test_makers_and_sellers_stay_apart() -> None:
    assert (
        alike("wheres my ebay parcel") == alike("wheres my Zalando parcel") != alike("wheres my dyson parcel")
    )


@pytest.mark.parametrize("text", ["the next ring is on target", "is the rill 300 any good?", ""])
def test_a_text_without_brands_is_left_as_it_is(text: str) -> None:
    assert alike(text) == text
