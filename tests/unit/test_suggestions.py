"""What the catalogue suggests to an agent: what was asked comes first, and nothing is made up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steward.catalogue import Catalogue, load_catalogue
from steward.desk.workspace.suggestions import MOST, WORDS, Suggestion, suggest
from steward.words import load_words

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE: Catalogue = load_catalogue(ROOT / "data" / "catalogue")
SAY = load_words(ROOT / "domain.yml").say


def suggested(topic: str | None, skus: tuple[str, ...], *asked: str) -> tuple[Suggestion, ...]:
    return suggest(CATALOGUE, SAY, topic, skus, asked)


def test_the_answer_to_the_last_question_comes_first() -> None:
    first = suggested("maintenance", ("RL-300",), "How do I change the filters?")[0]
    assert first.source == "catalogue:RL-300/maintenance"
    assert first.title == "Rill 300: Changing the filters"


def test_a_newer_message_goes_before_an_older_one() -> None:
    titles = [
        one.title for one in suggested("troubleshooting", ("RL-300",), "It leaks", "the light blinks red")
    ]
    assert titles.index("Rill 300: What the light means") < titles.index("Rill 300: It leaks")


def test_a_question_on_another_topic_is_answered_too() -> None:
    sources = [one.source for one in suggested("price", ("RL-300",), "And how long does delivery take?")]
    assert sources[0] == "shop:delivery"
    assert "catalogue:RL-300/price" in sources


def test_a_price_is_said_in_the_shops_words() -> None:
    price = suggested(None, ("RL-300",), "how much is it?")[0]
    assert price.text.startswith("The Rill 300 costs €189.00.")
    assert price.source == "catalogue:RL-300/price"


@pytest.mark.parametrize("sku", CATALOGUE.products)
def test_stock_is_told_for_every_product(sku: str) -> None:
    stock = suggested("availability", (sku,))[0]
    assert stock.source == f"catalogue:{sku}/availability"
    assert "{" not in stock.text


def test_a_product_that_is_out_of_stock_is_suggested_as_that() -> None:
    out = [sku for sku in CATALOGUE.products if CATALOGUE.stock(sku).level == "out"]
    assert all("sold out" in suggested(None, (sku,), "is it available?")[0].text for sku in out)


def test_without_words_the_topic_decides() -> None:
    sources = {one.source for one in suggested("warranty", ("RL-300",))}
    assert "catalogue:RL-300/warranty" in sources


def test_the_shop_is_asked_about_without_a_product() -> None:
    assert suggested("returns", (), "can I send it back?")[0].source == "shop:returns"


@pytest.mark.parametrize("topic", [None, "order_status", "no such topic"])
def test_what_is_not_known_suggests_nothing(topic: str | None) -> None:
    assert suggested(topic, ("NO-SUCH",), "zzzz qqqq") == ()


def test_a_buttons_payload_is_no_question() -> None:
    assert suggested(None, (), '/delivery{"product": "RL-300"}') == ()


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from([None, "price", "availability", "usage", "delivery", "comparison"]),
    st.lists(st.sampled_from(sorted(CATALOGUE.products)), max_size=6),
    st.lists(
        st.sampled_from(["It leaks", "how much", "delivery and returns", "", "red light", "E4"]), max_size=5
    ),
)
def test_there_are_at_most_five_each_once_each_with_a_source(
    topic: str | None, skus: list[str], asked: list[str]
) -> None:
    found = suggested(topic, tuple(skus), *asked)
    assert len(found) <= MOST
    assert len({one.text for one in found}) == len(found)
    for one in found:
        assert one.title and one.text
        assert one.source.startswith(("catalogue:", "shop:"))


@pytest.mark.parametrize("name", WORDS)
def test_the_words_for_suggestions_are_there(name: str) -> None:
    assert SAY(name, **WORDS[name])
