"""What is personal is masked, and what only looks like it stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.privacy import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my card is 4111 1111 1111 1111 ok?", "my card is [card] ok?"),
        ("4111-1111-1111-1111", "[card]"),
        ("amex 378282246310005.", "amex [card]."),
        ("write to jo.o'neil+shop@mail.example.ie please", "write to [email] please"),
        ("mail me at anna@example.com", "mail me at [email]"),
        ("call +353 86 123 4567 after six", "call [phone] after six"),
        ("call me on 086 1234567", "call me on [phone]"),
        ("(01) 234 5678 is mine", "[phone] is mine"),
        ("0049 170 1234567, thanks", "[phone], thanks"),
    ],
)
def test_cards_addresses_and_telephones_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "how much is the rill 300",
        "is it 45 cm or 60 cm wide",
        "I paid 1,290.00 on 21.11.2026",
        "between 2026-11-21 and 2026-12-24",
        "error E4 since 3 days, 24/7",
        "the code TAP20 gives 20 off 189.00",
        "5 kWh at 0.35 a kWh, 1500 W",
        "order AH-20261121",
        "RL-300 or RL-500?",
    ],
)
def test_what_a_shop_talks_about_stays(text: str) -> None:
    assert mask(text) == text


def test_a_long_number_with_a_wrong_check_digit_is_no_card() -> None:
    assert mask("4111 1111 1111 1112") == "4111 1111 1111 1112"


@given(st.text(max_size=200))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask(text)
    assert mask(once) == once
