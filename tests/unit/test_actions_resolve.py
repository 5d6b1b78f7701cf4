"""Which products a turn means, from what is named, pointed at or remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.resolve import Resolution, resolve
from actions.turn import Mention, Turn
from steward.catalogue import load_catalogue

SHOP = load_catalogue(Path(__file__).resolve().parents[2] / "data" / "catalogue")
RILL = Mention("rill", "family", ("RL-300", "RL-500"), end=8)
DISHWASHERS = ("SP-45", "SP-60")


def meant(text: str, *mentions: Mention, **memory) -> Resolution:
    return resolve(Turn(text=text, mentions=mentions, **memory), SHOP)


def test_a_named_product_wins_over_the_remembered_one() -> None:
    named = Mention("crema", "product", ("CR-1",))
    assert meant("the crema", named, product="SP-60").skus == ("CR-1",)


def test_two_named_products_are_both_meant_in_order() -> None:
    first, second = Mention("s2", "product", ("DS-S2",)), Mention("s1", "product", ("DS-S1",))
    assert meant("s2 or s1", first, second).skus == ("DS-S2", "DS-S1")


def test_a_family_of_two_leaves_both_as_candidates() -> None:
    assert meant("the rill", RILL) == Resolution(candidates=("RL-300", "RL-500"))


def test_a_family_named_after_one_of_its_products_means_that_one() -> None:
    assert meant("the rill", RILL, product="RL-500").skus == ("RL-500",)


def test_a_plural_means_all_of_the_kind_even_after_one_of_them() -> None:
    filters = Mention("water filters", "category", ("RL-300", "RL-500"))
    assert meant("show me your water filters", filters, product="RL-500").candidates == ("RL-300", "RL-500")


def test_two_vague_names_mean_what_they_share() -> None:
    category = Mention("water filter", "category", ("RL-300", "RL-500"))
    narrow = Mention("under sink", "category", ("RL-300",))
    assert meant("rill water filter under sink", category, narrow).skus == ("RL-300",)


def test_a_word_right_before_a_family_picks_from_it() -> None:
    bigger = Mention("rill", "family", ("RL-300", "RL-500"), end=27)
    assert meant("how much is the bigger rill", bigger).skus == ("RL-500",)


def test_a_word_elsewhere_in_the_message_picks_nothing_from_a_family() -> None:
    rill = Mention("rill", "family", ("RL-300", "RL-500"), end=8)
    assert meant("the rill for a bigger family", rill) == Resolution(candidates=("RL-300", "RL-500"))


def test_nothing_named_means_the_remembered_product() -> None:
    assert meant("how do I clean it", product="TP-1").skus == ("TP-1",)


def test_nothing_named_and_nothing_remembered_means_nothing() -> None:
    assert meant("how do I clean it") == Resolution()


@pytest.mark.parametrize("gone", ["OLD-1", ""])
def test_a_remembered_product_that_is_no_longer_sold_is_forgotten(gone: str) -> None:
    assert meant("how do I clean it", product=gone) == Resolution()


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("the 60", "SP-60"),
        ("60 please", "SP-60"),
        ("the first one", "SP-45"),
        ("the second", "SP-60"),
        ("the latter one", "SP-60"),
        ("the bigger one", "SP-60"),
        ("the slim one", "SP-45"),
        ("the cheaper one", "SP-45"),
        ("the most expensive one", "SP-60"),
    ],
)
def test_what_was_offered_can_be_pointed_at(text: str, sku: str) -> None:
    waiting = {"kind": "which_product", "topic": "price", "skus": list(DISHWASHERS)}
    assert meant(text, pending=waiting).skus == (sku,)


def test_both_means_all_that_was_offered() -> None:
    waiting = {"kind": "which_product", "topic": "price", "skus": list(DISHWASHERS)}
    assert meant("both please", pending=waiting).skus == DISHWASHERS


@pytest.mark.parametrize("text", ["and the other one?", "no, the 500", "what about the bigger one"])
def test_a_sibling_of_the_product_talked_about_can_be_pointed_at(text: str) -> None:
    assert meant(text, product="RL-300").skus == ("RL-500",)


def test_the_other_one_of_a_product_without_siblings_stays_unclear() -> None:
    assert meant("the other one", product="CR-1").skus == ("CR-1",)


def test_a_long_message_with_a_word_of_size_does_not_point() -> None:
    assert meant("will it cool a big living room with large windows", product="ZP-MINI").skus == ("ZP-MINI",)


def test_a_word_of_order_that_does_not_point_is_ignored() -> None:
    vacuums = Mention("vacuum", "category", ("DS-S1", "DS-S2"))
    text = "vacuum filter how long does it last before i need a new one"
    assert meant(text, vacuums).candidates == ("DS-S1", "DS-S2")


def test_a_family_with_a_number_that_it_does_not_have_is_unknown() -> None:
    found = meant("the rill 900", RILL)
    assert (found.skus, found.unknown) == ((), "rill 900")


@pytest.mark.parametrize("text", ["the rill 2 years ago", "the rill 45 cm", "the rill 3%"])
def test_a_number_with_a_unit_is_no_model(text: str) -> None:
    assert meant(text, RILL).unknown is None


WHICH_VACUUM = {"kind": "which_product", "topic": "usage", "skus": ["DS-S1", "DS-S2"]}
WHICH_COOLER = {"kind": "which_product", "topic": "usage", "skus": ["ZP-MINI", "ZP-PRO"]}


@pytest.mark.parametrize(
    ("text", "pending", "sku"),
    [
        ("the one that mops", WHICH_VACUUM, "DS-S2"),
        ("mine has a laser", WHICH_VACUUM, "DS-S2"),
        ("the one on wheels", WHICH_COOLER, "ZP-MINI"),
        ("the one with an outdoor unit", WHICH_COOLER, "ZP-PRO"),
    ],
)
def test_what_was_offered_can_be_described(text: str, pending: dict[str, object], sku: str) -> None:
    assert meant(text, pending=pending, intent="inform").skus == (sku,)


def test_a_description_that_fits_both_leaves_both() -> None:
    found = meant("the one with the app", pending=WHICH_VACUUM, intent="inform")
    assert found == Resolution(candidates=("DS-S1", "DS-S2"))


def test_a_question_of_its_own_describes_nothing() -> None:
    found = meant("how do i set the mop schedule", pending=WHICH_VACUUM, intent="usage")
    assert found.skus == ()


def test_while_one_of_several_is_asked_for_an_older_product_is_not_meant() -> None:
    assert meant("how do i clean it", pending=WHICH_VACUUM, product="CR-1").candidates == ("DS-S1", "DS-S2")


def test_a_family_and_its_quality_beside_a_product_are_two_products() -> None:
    text = "the s2 instead costs more than the plain dusty"
    s2 = Mention("s2", "product", ("DS-S2",), end=6)
    dusty = Mention("dusty", "family", ("DS-S1", "DS-S2"), end=len(text))
    assert meant(text, s2, dusty).skus == ("DS-S2", "DS-S1")


def test_what_is_to_be_left_out_is_not_meant() -> None:
    text = "the small dusty without the s2"
    dusty = Mention("dusty", "family", ("DS-S1", "DS-S2"), end=15)
    s2 = Mention("s2", "product", ("DS-S2",), end=len(text))
    assert meant(text, dusty, s2).skus == ("DS-S1",)
