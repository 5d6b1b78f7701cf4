"""A question is answered with the facts it asks about, and names mean what customers mean by them."""

from __future__ import annotations

from pathlib import Path

import pytest

from steward.catalogue import Catalogue, load_catalogue
from steward.catalogue.text import stem

SHIPPED = Path(__file__).parents[2] / "data" / "catalogue"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(SHIPPED)


def aspects(catalogue: Catalogue, sku: str, topic: str, message: str) -> list[str]:
    return [fact.aspect for fact in catalogue.pick(catalogue.facts(sku, topic), message)]


@pytest.mark.parametrize(
    "message",
    ["how do I clean it", "cleaning the rill", "it needs to be cleaned", "CLEANING?", "how is it cleand"],
)
def test_inflection_case_and_a_slip_of_the_finger_do_not_matter(catalogue: Catalogue, message: str) -> None:
    assert aspects(catalogue, "RL-300", "maintenance", message) == ["cleaning"]


@pytest.mark.parametrize(
    ("sku", "topic", "message", "aspect"),
    [
        ("CR-1", "maintenance", "how do I descail the coffee machine", "descaling"),
        ("SP-45", "troubleshooting", "my dishwasher is leeking", "e4"),
        ("SP-60", "warranty", "what does the warrenty covver", "coverage"),
        ("EM-200", "usage", "how do i set the temprature", "temperature"),
        ("TP-1", "installation", "how do I pair the wi-fi", "wifi"),
        ("TP-1", "installation", "connecting it to the wi fi", "wifi"),
        ("DS-S1", "maintenance", "where do I get new brushs", "brush"),
    ],
)
def test_small_misspellings_still_find_the_aspect(
    catalogue: Catalogue, sku: str, topic: str, message: str, aspect: str
) -> None:
    assert aspects(catalogue, sku, topic, message) == [aspect]


def test_a_word_the_catalogue_knows_is_never_taken_for_another(catalogue: Catalogue) -> None:
    assert aspects(catalogue, "TR-18", "troubleshooting", "can I change that") == ["overview"]


@pytest.mark.parametrize(
    "written", ["E4", "e4", "E 4", "e-04", "E04!", "error 4", "error code 04", "fault no 4"]
)
def test_an_error_code_is_found_however_it_is_written(catalogue: Catalogue, written: str) -> None:
    message = f"my dusty s2 stops in the kitchen and shows {written}"
    assert aspects(catalogue, "DS-S2", "troubleshooting", message) == ["e4"]


def test_an_error_code_outweighs_the_words_around_it(catalogue: Catalogue) -> None:
    message = "water on the floor, it is leaking, the dishes stay dirty and the display says E2"
    assert aspects(catalogue, "SP-60", "troubleshooting", message) == ["e2"]


def test_two_error_codes_get_both_answers(catalogue: Catalogue) -> None:
    assert sorted(aspects(catalogue, "SP-60", "troubleshooting", "first E1, then E5")) == ["e1", "e5"]


def test_an_unknown_error_code_gets_the_general_answer(catalogue: Catalogue) -> None:
    assert aspects(catalogue, "SP-60", "troubleshooting", "it shows E77") == ["overview"]


@pytest.mark.parametrize("message", ["", "How do I install the Rill 300?", "tell me more", "?!", "数字"])
def test_a_message_without_an_aspect_gets_the_first_row(catalogue: Catalogue, message: str) -> None:
    facts = catalogue.facts("RL-300", "installation")
    assert catalogue.pick(facts, message) == (facts[0],)


def test_a_buttons_payload_gets_the_first_row(catalogue: Catalogue) -> None:
    message = '/installation{"product": "cost", "who": "tools"}'
    assert aspects(catalogue, "RL-300", "installation", message) == ["steps"]


def test_two_questions_in_one_message_get_two_facts(catalogue: Catalogue) -> None:
    message = "who can install it and what does it cost?"
    assert aspects(catalogue, "RL-300", "installation", message) == ["who", "cost"]


def test_one_question_gets_one_fact_even_if_others_share_a_word(catalogue: Catalogue) -> None:
    assert aspects(catalogue, "RL-300", "maintenance", "how do I change the filter?") == ["filter_change"]


def test_at_most_two_facts_are_given(catalogue: Catalogue) -> None:
    message = "who may fit it, what does it cost, and which tools?"
    assert len(aspects(catalogue, "RL-300", "installation", message)) == 2


def test_a_products_own_name_is_no_question_about_an_aspect(catalogue: Catalogue) -> None:
    message = "How do I get rid of my home battery?"
    assert aspects(catalogue, "CL-5", "disposal", message) == ["overview"]


def test_facts_of_two_products_are_picked_for_each(catalogue: Catalogue) -> None:
    facts = (*catalogue.facts("SP-45", "maintenance"), *catalogue.facts("SP-60", "maintenance"))
    picked = catalogue.pick(facts, "how do I clean the filter?")
    assert [(fact.sku, fact.aspect) for fact in picked] == [("SP-45", "filter"), ("SP-60", "filter")]


def test_no_facts_give_no_facts(catalogue: Catalogue) -> None:
    assert catalogue.pick((), "anything") == ()


@pytest.mark.parametrize(
    ("topic", "message", "aspect"),
    [
        ("delivery", "how long does delivery take", "times"),
        ("delivery", "do you deliver to Northern Ireland?", "areas"),
        ("returns", "when do I get my money back", "refund"),
        ("ordering", "can I pay with paypal", "payment"),
        ("hours", "are you open at christmas", "holidays"),
        ("hours", "what's your phone number", "telephone"),
        ("hours", "when are you there", "overview"),
    ],
)
def test_questions_about_the_shop_find_their_fact(
    catalogue: Catalogue, topic: str, message: str, aspect: str
) -> None:
    assert [fact.aspect for fact in catalogue.pick(catalogue.shop(topic), message)] == [aspect]


@pytest.mark.parametrize(
    ("sku", "message", "names"),
    [
        ("SP-45", "how loud is it", ["Noise"]),
        ("SP-45", "how wide and how heavy is it?", ["Width", "Weight"]),
        ("DS-S2", "what are the dimensions", ["Width", "Height", "Depth"]),
        ("SP-60", "is it a nice one", []),
    ],
)
def test_a_question_about_a_measure_finds_the_specification(
    catalogue: Catalogue, sku: str, message: str, names: list[str]
) -> None:
    assert [spec.name for spec in catalogue.pick_specs(sku, message)] == names


def test_two_products_are_compared_by_the_specifications_they_share(catalogue: Catalogue) -> None:
    pairs = catalogue.compare("SP-45", "TP-1")
    assert {"Width", "Height", "Depth", "Weight", "Power", "Noise", "Warranty"} <= {a.name for a, _ in pairs}
    assert all(a.name == b.name and a.unit == b.unit for a, b in pairs)
    assert "Place settings" not in {a.name for a, _ in pairs}


@pytest.mark.parametrize(
    ("text", "skus"),
    [
        ("the rill", ("RL-300", "RL-500")),
        ("the dishwasher", ("SP-45", "SP-60")),
        ("dishwashers", ("SP-45", "SP-60")),
        ("the thermostat", ("TP-1",)),
        ("the vacuum", ("DS-S1", "DS-S2")),
        ("robot hoover", ("DS-S1", "DS-S2")),
        ("water filter", ("RL-300", "RL-500")),
        ("air conditioner", ("ZP-MINI", "ZP-PRO")),
        ("AC", ("ZP-MINI", "ZP-PRO")),
        ("aircon", ("ZP-MINI", "ZP-PRO")),
        ("portable AC", ("ZP-MINI",)),
        ("coffee machine", ("CR-1",)),
        ("boiler", ("EM-200",)),
        ("water heater", ("EM-200",)),
        ("garage opener", ("PT-8",)),
        ("home battery", ("CL-5",)),
        ("strimmer", ("TR-18",)),
        ("trimmer", ("TR-18",)),
        ("S2 Max", ("DS-S2",)),
        ("dusty s2", ("DS-S2",)),
        ("rl300", ("RL-300",)),
        ("RL 300", ("RL-300",)),
        ("rill300", ("RL-300",)),
        ("Tempo", ("TP-1",)),
    ],
)
def test_a_name_means_the_products_that_customers_mean(
    catalogue: Catalogue, text: str, skus: tuple[str, ...]
) -> None:
    name = catalogue.named(text)
    assert name is not None
    assert name.skus == skus


@pytest.mark.parametrize("text", ["battery", "robot", "filter", "oven", ""])
def test_a_word_that_may_mean_anything_is_no_name(catalogue: Catalogue, text: str) -> None:
    assert catalogue.named(text) is None


def test_every_name_is_listed_once_in_lower_case_with_products_that_exist(catalogue: Catalogue) -> None:
    texts = [name.text for name in catalogue.names()]
    assert len(texts) == len(set(texts))
    assert all(text and text == text.lower() for text in texts)
    assert all(name.skus and set(name.skus) <= set(catalogue.products) for name in catalogue.names())


def test_a_name_says_whether_it_is_a_product_a_family_or_a_category(catalogue: Catalogue) -> None:
    texts = ("rill 300", "rill", "dishwasher", "hoover", "s2")
    kinds = {text: name.kind for text in texts if (name := catalogue.named(text))}
    assert kinds == {
        "rill 300": "product",
        "rill": "family",
        "dishwasher": "category",
        "hoover": "category",
        "s2": "product",
    }


@pytest.mark.parametrize(
    "forms",
    [
        ("fit", "fits", "fitted", "fitting"),
        ("install", "installs", "installed", "installing", "installation"),
        ("battery", "batteries"),
        ("descale", "descaling", "descaled"),
        ("noise", "noises"),
        ("switch", "switches"),
        ("programme", "programmes", "program"),
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1
