"""What was said before counts: follow-ups, corrections, and answers to "which product?"."""

from __future__ import annotations

import pytest

from tests.support.people import Customer, Message


def _answers(message: Message) -> tuple[str, list[str]]:
    return message["meta"]["topic"], message["meta"]["skus"]


def test_a_follow_up_keeps_the_product(customer: Customer) -> None:
    """Nobody names the product again."""
    customer.say("how much is the splash 60")
    assert _answers(customer.say("and how do I clean it?")[0]) == ("maintenance", ["SP-60"])


def test_naming_another_product_switches_to_it(customer: Customer) -> None:
    """The newer name wins, and stays."""
    customer.say("how much is the splash 60")
    customer.say("what does the crema one cost")
    assert _answers(customer.say("how long is its warranty?")[0]) == ("warranty", ["CR-1"])


def test_a_family_with_several_products_asks_which_with_buttons(customer: Customer) -> None:
    """Pressing one answers the question that was asked."""
    question = customer.say("what does the rill cost?")[0]
    assert question["meta"]["act"] == "ask_which_product"
    assert sorted(question["meta"]["skus"]) == ["RL-300", "RL-500"]
    chosen = next(button for button in question["buttons"] if "500" in button["title"])
    assert _answers(customer.press(chosen)[0]) == ("price", ["RL-500"])


@pytest.mark.parametrize(
    ("choice", "sku"),
    [("the 60 one", "SP-60"), ("the second", "SP-60"), ("the smaller one", "SP-45"), ("splash 45", "SP-45")],
)
def test_which_product_may_be_answered_in_the_customers_own_way(
    customer: Customer, choice: str, sku: str
) -> None:
    """By name, place, size or the part of the name that tells them apart."""
    assert customer.say("how much is the dishwasher")[0]["meta"]["act"] == "ask_which_product"
    assert _answers(customer.say(choice)[0]) == ("price", [sku])


def test_a_category_of_one_product_means_that_product(customer: Customer) -> None:
    """There is only one thermostat."""
    assert _answers(customer.say("how much does the thermostat cost")[0]) == ("price", ["TP-1"])


def test_a_correction_answers_the_same_question_for_the_other_product(customer: Customer) -> None:
    """ "No, the 500" is enough."""
    customer.say("what does the rill 300 cost")
    assert _answers(customer.say("no, the 500")[0]) == ("price", ["RL-500"])


def test_the_other_one_is_the_sibling_of_the_product_talked_about(customer: Customer) -> None:
    """With two in a family there is no doubt."""
    customer.say("is the dusty s1 in stock?")
    assert _answers(customer.say("and the other one?")[0]) == ("availability", ["DS-S2"])


def test_no_product_at_all_asks_which_one(customer: Customer) -> None:
    """Categories are offered, and lead on to the product."""
    question = customer.say("how long is the warranty")[0]
    assert question["meta"]["act"] == "ask_which_product"
    assert question["meta"]["topic"] == "warranty"
    assert _answers(customer.say("the thermostat")[0]) == ("warranty", ["TP-1"])


def test_opening_with_a_product_alone_asks_what_to_tell(customer: Customer) -> None:
    """The buttons lead to answers."""
    opening = customer.say("the rill 300")[0]
    assert (opening["meta"]["act"], opening["meta"]["skus"]) == ("clarify", ["RL-300"])
    price = next(button for button in opening["buttons"] if button["payload"].startswith("/price"))
    assert _answers(customer.press(price)[0]) == ("price", ["RL-300"])
