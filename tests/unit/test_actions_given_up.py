"""A product that the shop gave up since the model learned its name, or the conversation was about it."""

from __future__ import annotations

from pathlib import Path

from actions.resolve import Resolution, resolve
from actions.turn import Mention, Turn
from steward.catalogue import load_catalogue

SHOP = load_catalogue(Path(__file__).resolve().parents[2] / "data" / "catalogue")
GONE = Mention("the rill 900", "product", ("RL-900",), end=12)
CREMA = Mention("crema", "product", ("CR-1",), end=5)


def meant(turn: Turn) -> Resolution:
    return resolve(turn.of_what_is_sold(SHOP.products), SHOP)


def test_who_names_it_is_told_that_there_is_none() -> None:
    assert meant(Turn(text="the rill 900", mentions=(GONE,))) == Resolution(unknown="the rill 900")


def test_it_is_told_also_beside_one_that_is_sold_and_whatever_points_at_it() -> None:
    for text in ("the last rill 900", "the cheapest rill 900", "the rill 900 and the crema"):
        assert meant(Turn(text=text, mentions=(GONE, CREMA))).unknown == "the rill 900"


def test_a_family_goes_on_with_what_is_left_of_it() -> None:
    family = Mention("rill", "family", ("RL-900", "RL-300", "RL-500"), end=8)
    assert meant(Turn(text="the rill", mentions=(family,))).candidates == ("RL-300", "RL-500")


def test_what_is_remembered_of_it_is_forgotten() -> None:
    turn = Turn(
        text="how much is it",
        product="RL-900",
        discussed=("RL-900", "RL-300"),
        pending={"kind": "which_product", "topic": "price", "skus": ["RL-900", "CR-1"], "known": ["RL-900"]},
        questions=(Turn(text="and this?", mentions=(GONE,)),),
    )
    kept = turn.of_what_is_sold(SHOP.products)
    assert (kept.product, kept.discussed) == (None, ("RL-300",))
    assert kept.pending == {"kind": "which_product", "topic": "price", "skus": ["CR-1"], "known": []}
    assert kept.questions[0].mentions[0].skus == ()
    assert meant(Turn(text="how much is it", product="RL-900")) == Resolution()


def test_a_turn_about_what_is_sold_is_the_same() -> None:
    turn = Turn(
        text="the crema", mentions=(CREMA,), product="CR-1", discussed=("CR-1",), pending={"kind": "told"}
    )
    assert turn.of_what_is_sold(SHOP.products) == turn
