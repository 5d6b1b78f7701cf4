"""What the shipped shop says is complete, and says the same everywhere."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from steward.catalogue import GUIDE_TOPICS, SHOP_TOPICS, Catalogue, Fact, Price, load_catalogue

SHIPPED = Path(__file__).parents[2] / "data" / "catalogue"
CATALOGUE = load_catalogue(SHIPPED)
SKUS = tuple(CATALOGUE.products)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return CATALOGUE


def price_of(catalogue: Catalogue, sku: str) -> Price:
    price = catalogue.price(sku)
    assert price is not None
    return price


def every_fact(catalogue: Catalogue) -> list[Fact]:
    guides = [
        fact for sku in SKUS for topic in (*GUIDE_TOPICS, "product") for fact in catalogue.facts(sku, topic)
    ]
    return guides + [fact for topic in SHOP_TOPICS for fact in catalogue.shop(topic)]


def test_the_shop_sells_its_fourteen_products(catalogue: Catalogue) -> None:
    listed = "RL-300 RL-500 ZP-MINI ZP-PRO DS-S1 DS-S2 CR-1 SP-45 SP-60 EM-200 PT-8 TP-1 CL-5 TR-18"
    assert " ".join(catalogue.products) == listed


@pytest.mark.parametrize("topic", GUIDE_TOPICS)
@pytest.mark.parametrize("sku", SKUS)
def test_every_product_has_a_general_answer_and_aspects_on_every_topic(
    catalogue: Catalogue, sku: str, topic: str
) -> None:
    facts = catalogue.facts(sku, topic)
    assert len(facts) >= 3
    assert len(re.findall(r"[.!?:;](?:\s|$)", facts[0].text)) >= 2
    assert facts[0].source == f"catalogue:{sku}/{topic}"


@pytest.mark.parametrize("sku", SKUS)
def test_every_product_has_a_price_stock_and_the_shared_specifications(
    catalogue: Catalogue, sku: str
) -> None:
    assert catalogue.price(sku) is not None
    assert catalogue.stock(sku) is not None
    shared = {"Width", "Height", "Depth", "Weight", "Power", "Noise", "Warranty"}
    assert shared <= {spec.name for spec in catalogue.specs(sku)}


@pytest.mark.parametrize("sku", SKUS)
def test_every_product_has_at_least_three_codes_or_signs_to_look_up(catalogue: Catalogue, sku: str) -> None:
    codes = [fact for fact in catalogue.facts(sku, "troubleshooting") if fact.title.startswith("Code ")]
    assert len(codes) >= 3


def test_a_guide_fits_into_a_chat_bubble_and_stands_alone(catalogue: Catalogue) -> None:
    for fact in every_fact(catalogue):
        assert len(fact.text) <= 450, fact
        assert fact.text[0].isupper() or fact.text[0].isdigit(), fact
        assert fact.text.endswith("."), fact
        assert "  " not in fact.text, fact


def test_the_general_answer_names_its_product(catalogue: Catalogue) -> None:
    for sku in SKUS:
        name = catalogue.products[sku].name
        for topic in GUIDE_TOPICS:
            assert name in catalogue.facts(sku, topic)[0].text, (sku, topic)


def test_all_prices_are_in_euro_and_the_instalments_add_up(catalogue: Catalogue) -> None:
    for sku in SKUS:
        price = price_of(catalogue, sku)
        assert price.currency == "EUR"
        found = re.search(r"^(\d+) monthly payments of €(\d+\.\d\d)", price.instalments)
        assert found is not None and int(found[1]) * Decimal(found[2]) == price.amount, sku


def test_an_offer_ends_in_the_future_of_the_shop_and_states_the_right_price(catalogue: Catalogue) -> None:
    for sku in SKUS:
        price = price_of(catalogue, sku)
        found = re.search(r"€(\d+\.\d\d) off with the code \w+ at the checkout, so €(\d+\.\d\d)", price.offer)
        if found:
            assert price.amount - Decimal(found[1]) == Decimal(found[2]), sku


def test_what_is_out_of_stock_says_when_it_is_back(catalogue: Catalogue) -> None:
    stock = [entry for sku in SKUS if (entry := catalogue.stock(sku))]
    gone = {entry.sku: entry.back_on for entry in stock if not entry.count}
    assert gone == {"ZP-MINI": date(2027, 1, 18), "DS-S2": date(2026, 12, 7), "CL-5": date(2027, 1, 25)}


def test_a_part_has_the_same_price_wherever_it_is_named(catalogue: Catalogue) -> None:
    texts = [fact.text for fact in every_fact(catalogue)]
    texts += [price_of(catalogue, sku).running_cost for sku in SKUS]
    prices: dict[str, set[str]] = defaultdict(set)
    for text in texts:
        for part, price in re.findall(r"\b([A-Z]{2}-(?:\d+X?|T))\b[^().,;:]{0,40}\(€(\d[\d,.]*\.\d\d)", text):
            prices[part].add(price)
    assert len(prices) > 30
    assert {part: sorted(found) for part, found in prices.items() if len(found) > 1} == {}


def test_a_model_that_is_recommended_has_the_price_of_the_list(catalogue: Catalogue) -> None:
    for product in catalogue.products.values():
        price = catalogue.price(product.sku)
        for sku in SKUS:
            text = catalogue.facts(sku, "upgrade")[0].text
            for named in re.findall(rf"{product.name} \(€([\d,]+\.\d\d)", text):
                assert price is not None and Decimal(named.replace(",", "")) == price.amount, text


@pytest.mark.parametrize(
    ("sku", "who"),
    [
        ("ZP-PRO", "technician with an F-gas certificate"),
        ("EM-200", "registered gas installer"),
        ("CL-5", "registered electrical contractor"),
    ],
)
def test_what_is_dangerous_to_fit_is_for_certified_people_only(
    catalogue: Catalogue, sku: str, who: str
) -> None:
    for message in ("can I fit it myself", "who may install it", "do I need a professional? DIY"):
        picked = catalogue.pick(catalogue.facts(sku, "installation"), message)
        assert picked[0].aspect == "who"
        assert f"Only a {who}" in picked[0].text
    assert "Do not" in catalogue.facts(sku, "installation")[0].text


@pytest.mark.parametrize("sku", ["DS-S1", "DS-S2", "TR-18", "CL-5"])
def test_lithium_goes_to_certified_recovery(catalogue: Catalogue, sku: str) -> None:
    texts = " ".join(fact.text for fact in catalogue.facts(sku, "disposal"))
    assert "certified lithium recovery" in texts


@pytest.mark.parametrize("sku", ["ZP-MINI", "ZP-PRO"])
def test_refrigerant_is_recovered_by_certified_people(catalogue: Catalogue, sku: str) -> None:
    text = catalogue.facts(sku, "disposal")[0].text
    assert "refrigerant" in text and "certified" in text


def test_the_warranty_in_years_is_the_one_in_the_specifications(catalogue: Catalogue) -> None:
    for sku in SKUS:
        years = next(spec.value for spec in catalogue.specs(sku) if spec.name == "Warranty")
        assert f"a warranty of {years} years" in catalogue.facts(sku, "warranty")[0].text, sku
