"""Which passwords are good enough."""

from __future__ import annotations

import pytest

from steward.desk.accounts.passwords import weakness

EMAIL, NAME = "robin.fletcher@alder-home.example", "Robin Fletcher"


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "plötzlich ein Gewitter",
        "xkqvbnzwpmrt",
        "robin and the nine kettles",
        "fahu-biko-detu-lavi-momo",
    ],
)
def test_a_long_password_will_do_whatever_characters_it_has(password: str) -> None:
    assert weakness(password, EMAIL, NAME) is None


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("", "0 characters"),
        ("Tr0ub4dor&3", "at least 12"),
        ("x" * 201, "200 are allowed"),
        ("robin.fletcher", "little more than"),
        ("Fletcher-alder-home", "little more than"),
        ("password12345678", "little more than"),
        ("Steward2026!", "little more than"),
        ("aaaaaaaaaaaaaaaa", "repeats itself"),
        ("abababababababab", "repeats itself"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused_with_the_reason(password: str, word: str) -> None:
    fault = weakness(password, EMAIL, NAME)
    assert fault is not None and word in fault
