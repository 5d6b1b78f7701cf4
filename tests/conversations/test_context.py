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


@pytest.mark.parametrize(
    ("question", "description", "sku"),
    [
        ("the robot hoover won't charge", "the one that mops as well", "DS-S2"),
        ("how do I change the fan speed on the aircon", "the one on wheels", "ZP-MINI"),
        ("how do I change the fan speed on the aircon", "the wall one", "ZP-PRO"),
    ],
)
def test_which_product_may_be_answered_by_describing_it(
    customer: Customer, question: str, description: str, sku: str
) -> None:
    """By what the catalogue says of one and not of the other."""
    asked = customer.say(question)[0]["meta"]
    assert asked["act"] == "ask_which_product"
    assert _answers(customer.say(description)[0]) == (asked["topic"], [sku])


def test_another_product_after_a_remark_keeps_the_topic(customer: Customer) -> None:
    """Words around the name do not make it another question."""
    customer.say("how much is the dusty s2 max")
    assert _answers(customer.say("ouch, way too much. and the s1?")[0]) == ("price", ["DS-S1"])


def test_a_sibling_named_by_its_kind_keeps_the_topic(customer: Customer) -> None:
    """ "And on the split?" is no new question."""
    customer.say("how do I clean the filter of the zephyr mini")
    assert _answers(customer.say("and on the split?")[0]) == ("maintenance", ["ZP-PRO"])


def test_what_a_service_costs_is_answered_with_the_service(customer: Customer) -> None:
    """Not with the price of the product."""
    customer.say("may I put in the portal 8 myself")
    assert _answers(customer.say("what would you charge for that")[0]) == ("installation", ["PT-8"])


def test_how_much_it_is_stays_the_price_of_the_product(customer: Customer) -> None:
    """Clear by itself, whatever was said before."""
    customer.say("may I put in the portal 8 myself")
    assert _answers(customer.say("how much is it?")[0]) == ("price", ["PT-8"])


def test_a_detail_put_right_stays_with_the_trouble(customer: Customer) -> None:
    """The customer corrects themselves, not the bot."""
    customer.say("my splash 60 shows an error")
    assert _answers(customer.say("no, not e2, it's e4")[0]) == ("troubleshooting", ["SP-60"])


def test_a_product_named_in_a_question_about_the_shop_is_remembered(customer: Customer) -> None:
    """The next question need not name it again."""
    customer.say("can I send my crema back")
    assert _answers(customer.say("how do I descale it then")[0]) == ("maintenance", ["CR-1"])


def test_a_clear_question_after_which_product_is_about_those(customer: Customer) -> None:
    """An older product does not come back in between."""
    customer.say("how much is the crema one")
    assert customer.say("my dishwasher won't drain")[0]["meta"]["act"] == "ask_which_product"
    again = customer.say("how do I clean it")[0]["meta"]
    assert (again["act"], sorted(again["skus"])) == ("ask_which_product", ["SP-45", "SP-60"])
