"""Messages that ask the same are one group, and one decision."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from steward.desk.improve.grouping import Group, Point, grouped, most_typical
from steward.nlu.encoder import Encoder
from steward.nlu.weights import build_graph, find_weights

VOUCHERS = """do you sell gift vouchers
can i buy a gift card
i want to give a voucher as a present
do you have gift cards
is there a gift voucher for your shop
can I get a gift certificate
how do i buy a voucher for a friend
are gift cards available
i need a present card for my mother, do you have vouchers
where can i order a gift voucher
do you offer vouchers
gift card please
is it possible to purchase a gift voucher online
looking for a gift card for a birthday
could I buy someone a voucher
what gift cards do you have
voucher as a gift?
do u sel gift vuchers
can i by a gif card
giftvoucher availble?""".splitlines()
DRINKING = """is the water safe to drink
can I drink the water from the filter
does the filter make tap water drinkable""".splitlines()
JOBS = """are you hiring
do you have any jobs
looking for a job""".splitlines()
OTHERS = """how much is the rill 300
what does the filter cost
is the price with tax
can i pay with a card
do you take paypal
can i pay by invoice
how long does delivery take
do you deliver to france
what is the delivery fee
can i pick it up in the shop
where is my order
i want to change my order
how can i send it back
how long can i return things
do i get my money back
is it in stock
when is it available again
how do i install the tap
can you install it for me
do i need a plumber
how do i clean the filter
how often do i change the cartridge
where do i get spare parts
the water is dripping
the light blinks red
it does not switch on
the app cannot find the machine
how long is the warranty
does the warranty cover the pump
when do you open on saturday
are you open today
where is your shop
do you sell the consumables
which one is better for two people
what is the difference between the two
does it fit a small kitchen
how loud is it
how much power does it use
can it be recycled
where do i bring my old machine
i would like to speak to somebody
this is not what i ordered
the parcel was damaged
do you wrap presents
is there a newsletter
can i buy it second hand""".splitlines()


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    weights = find_weights()
    return Encoder(build_graph(weights), (weights / "tokenizer.json").read_text("utf-8"))


def packed(rows: np.ndarray) -> list[bytes]:
    rows = rows[:, :384]
    return [np.rint(row / np.abs(row).max() * 127).astype(np.int8).tobytes() for row in rows]


def points(encoder: Encoder, texts: Sequence[str], apart: str = "", start: int = 0) -> list[Point]:
    vectors = packed(encoder.encode(list(texts)))
    return [
        Point(f"{start + number:05}", start + number, text, vectors[number], None, apart)
        for number, text in enumerate(texts)
    ]


def texts(groups: Iterable[Group], some: Iterable[Point]) -> list[list[str]]:
    by_id = {point.id: point.text for point in some}
    return [[by_id[one] for one in group.ids] for group in groups]


def test_twenty_paraphrases_of_which_three_are_misspelt_are_one_group(encoder: Encoder) -> None:
    some = points(encoder, [*VOUCHERS, *DRINKING, *JOBS])
    assert texts(grouped(some), some) == [VOUCHERS, DRINKING, JOBS]


def test_they_are_one_group_amid_other_questions(encoder: Encoder) -> None:
    others = points(encoder, OTHERS)
    some = others + points(encoder, VOUCHERS, start=1000)
    (found,) = [group for group in texts(grouped(some), some) if VOUCHERS[0] in group]
    assert found == VOUCHERS


def test_a_hazard_is_never_with_what_only_sounds_like_it(encoder: Encoder) -> None:
    some = points(encoder, ["it smells of gas", "it smells of gas here"], "gas")
    some += points(encoder, ["it smells of gas, a bit", "smells of gas"], start=10)
    some += points(encoder, ["it smells of gas now"], "fire", start=20)
    assert [len(group.ids) for group in grouped(some)] == [2, 2, 1]


def test_a_group_has_the_name_of_its_oldest_message_whatever_the_order(encoder: Encoder) -> None:
    some = points(encoder, [*VOUCHERS, *DRINKING, *JOBS])
    shuffled = list(some)
    random.Random(1).shuffle(shuffled)
    assert grouped(shuffled) == grouped(some)
    more = points(encoder, ["have you got gift cards"], start=100)
    names = [group.id for group in grouped([*some, *more])]
    assert names == [group.id for group in grouped(some)] == ["00000", "00020", "00023"]


def test_without_a_meaning_it_is_the_writing_that_counts() -> None:
    asked = [
        "where is my parcel",
        "Where is my parcel??",
        "wher is my parcel",
        "my parcel, where is it",
        "hello",
    ]
    some = [Point(str(number), number, text) for number, text in enumerate(asked)]
    assert set(grouped(some)[0].ids) >= {"0", "1", "2"}
    assert ("4",) in [group.ids for group in grouped(some)]


def test_the_same_training_example_nearest_to_both_brings_two_messages_together() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=384), rng.normal(size=384)
    # Just under the likeness that is enough by itself.
    mixed = 0.55 * one / np.linalg.norm(one) + np.sqrt(1 - 0.55**2) * other / np.linalg.norm(other)
    vectors = packed(np.vstack([one / np.linalg.norm(one), mixed]))
    for nearest, count in (("do you deliver", 1), (None, 2)):
        some = [Point(str(n), n, "abcdef"[n], vectors[n], nearest) for n in range(2)]
        assert len(grouped(some)) == count


def test_nothing_and_odd_messages_have_groups_of_their_own() -> None:
    assert grouped([]) == ()
    odd = [Point("a", 1, "???"), Point("b", 2, ""), Point("c", 3, "🙂"), Point("d", 4, "x", b"short")]
    assert sorted(one for group in grouped(odd) for one in group.ids) == ["a", "b", "c", "d"]


def test_the_most_typical_message_speaks_for_a_group(encoder: Encoder) -> None:
    some = points(
        encoder,
        ["voucher as a gift for the bathroom of my aunt?", "do you sell gift vouchers", "gift vouchers"],
    )
    assert some[most_typical(some)].text != some[0].text
    assert most_typical([Point("a", 1, "x")]) == 0


def test_five_thousand_open_messages_are_grouped_in_well_under_a_second() -> None:
    rng = np.random.default_rng(0)
    topics = rng.normal(size=(1500, 384))
    kinds = rng.integers(0, 1500, 5000)
    vectors = packed(topics[kinds] + 0.7 * rng.normal(size=(5000, 384)))
    words = ["".join(rng.choice(list("abcdefghij"), 6)) for _ in range(400)]
    some = [
        Point(
            f"{n:05}", n, " ".join(rng.choice(words, 6)), vectors[n], None if n % 3 else words[kinds[n] % 400]
        )
        for n in range(5000)
    ]
    spent = []
    for _ in range(3):
        since = time.process_time()
        groups = grouped(some)
        spent.append(time.process_time() - since)
    assert sum(len(group.ids) for group in groups) == 5000
    assert min(spent) < 1.0
