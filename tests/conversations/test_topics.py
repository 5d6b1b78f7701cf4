"""Every topic is answered over the public API, about the right product, from a named source."""

from __future__ import annotations

import pytest

from tests.support.people import Customer

PRODUCT_QUESTIONS = [
    ("product", "RL-300", "tell me something about the rill 300, what does it do?"),
    ("product", "DS-S2", "What's in the box of the Dusty S2 Max?"),
    ("product", "TP-1", "does the tempo work with google home"),
    ("price", "CR-1", "How much is the Crema One?"),
    ("price", "ZP-MINI", "could i pay the zefyr mini monthly and how much in total"),
    ("price", "EM-200", "what would the ember cost me in gas every year"),
    ("availability", "PT-8", "is the portal 8 in stock right now"),
    ("availability", "CL-5", "When can I get the Cell 5 again?"),
    ("planning", "SP-45", "what space do I need to leave for the splash 45 before i order it"),
    ("planning", "RL-500", "Anything I should check about my pipes before buying the Rill 500?"),
    ("installation", "TP-1", "How do I fit the thermostat on the wall?"),
    ("installation", "ZP-PRO", "who is allowed to install the zephyr pro"),
    ("usage", "SP-60", "which programme should I pick on the splash 60 for glasses"),
    ("usage", "DS-S1", "how can i set a cleaning schedule on my dusty s1"),
    ("training", "CR-1", "Is there a video or a workshop to learn the Crema One?"),
    ("training", "CL-5", "do you have a manual for the cell 5 i can download"),
    ("maintenance", "RL-300", "how often do i have to change the filter in the rill 300"),
    ("maintenance", "CR-1", "How do I descale my espresso machine?"),
    ("troubleshooting", "DS-S2", "my s2 max keeps stopping in the middle of the room"),
    ("troubleshooting", "SP-60", "Splash 60 shows an error and the water stays in the bottom"),
    ("upgrade", "TR-18", "which accessories can I get for the trim 18"),
    ("upgrade", "DS-S1", "can I trade in my dusty s1 for a newer one"),
    ("disposal", "TR-18", "where do I bring the old battery of my trim 18"),
    ("disposal", "ZP-MINI", "How do I get rid of my Zephyr Mini when it is broken for good?"),
    ("warranty", "EM-200", "How long is the warranty on the Ember 200?"),
    ("warranty", "PT-8", "does the guarantee of the garage door opener cover the motor"),
]

SHOP_QUESTIONS = [
    ("delivery", "how long does delivery take and what does it cost?"),
    ("returns", "I changed my mind, how can I send something back?"),
    ("ordering", "which ways to pay do you accept"),
    ("hours", "When are you open on Saturday?"),
]

SMALL_TALK = [
    ("greet", "hello there"),
    ("goodbye", "bye for now"),
    ("thanks", "thanks a lot"),
    ("feedback", "just wanted to say your new website is really lovely"),
    ("capabilities", "what can you help me with?"),
    ("bot_challenge", "am I talking to a robot?"),
]


@pytest.mark.parametrize(("topic", "sku", "question"), PRODUCT_QUESTIONS)
def test_a_question_about_a_product_is_answered_from_the_catalogue(
    customer: Customer, topic: str, sku: str, question: str
) -> None:
    """The reply names its topic, its product and its source."""
    reply = customer.say(question)[0]
    assert reply["from"] == "bot"
    meta = reply["meta"]
    assert (meta["act"], meta["topic"], meta["skus"]) == ("answer", topic, [sku]), reply["text"]
    assert meta["sources"] == [f"catalogue:{sku}/{topic}"]
    assert 0 < meta["confidence"] <= 1
    assert "{" not in reply["text"]


@pytest.mark.parametrize(("topic", "question"), SHOP_QUESTIONS)
def test_a_question_about_the_shop_is_answered_from_its_facts(
    customer: Customer, topic: str, question: str
) -> None:
    """The reply's source is the shop's own row."""
    reply = customer.say(question)[0]
    assert (reply["meta"]["act"], reply["meta"]["topic"]) == ("answer", topic), reply["text"]
    assert reply["meta"]["sources"] == [f"shop:{topic}"]


@pytest.mark.parametrize(("topic", "remark"), SMALL_TALK)
def test_small_talk_is_returned_in_kind(customer: Customer, topic: str, remark: str) -> None:
    """Small talk needs no source."""
    reply = customer.say(remark)[0]
    assert (reply["meta"]["act"], reply["meta"]["topic"]) == ("smalltalk", topic), reply["text"]


def test_two_products_are_laid_side_by_side(customer: Customer) -> None:
    """A comparison names what differs."""
    reply = customer.say("What's the difference between the Dusty S1 and the S2 Max?")[0]
    assert reply["meta"]["topic"] == "comparison"
    assert set(reply["meta"]["skus"]) == {"DS-S1", "DS-S2"}
    assert len(reply["meta"]["sources"]) == 2
    assert "/" in reply["text"]


def test_what_the_shop_does_not_sell_is_said_honestly(customer: Customer) -> None:
    """The answer to "do you sell ovens" is what is sold."""
    reply = customer.say("Do you sell ovens?")[0]
    assert (reply["meta"]["act"], reply["meta"]["topic"], reply["meta"]["skus"]) == ("answer", "product", [])
    assert "espresso" in reply["text"]


def test_a_model_that_does_not_exist_is_said_honestly(customer: Customer) -> None:
    """Nothing is answered for a near name; those that exist and a person are offered."""
    reply = customer.say("how much is the rill 900")[0]
    assert reply["meta"]["act"] != "answer"
    assert "rill 900" in reply["text"].lower()
    assert [button["payload"] for button in reply["buttons"]][-1] == "/human"


def test_something_else_entirely_is_declined_and_then_a_person_is_offered(customer: Customer) -> None:
    """Out of scope, and sure of it."""
    first = customer.say("what will the weather be like in Lisbon tomorrow")[0]
    assert (first["meta"]["act"], first["meta"]["topic"]) == ("clarify", "out_of_scope"), first["text"]
    second = customer.say("then who won the football match last night")[0]
    assert second["meta"]["act"] == "offer_human", second["text"]


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("Wie viel kostet der Rill 300 und wann wird er geliefert?", "Englisch"),
        ("Hola, ¿cuánto cuesta la cafetera?", "inglés"),
        ("Bonjour, je voudrais savoir le prix du lave-vaisselle", "anglais"),
    ],
)
def test_another_language_gets_a_sentence_in_it_and_the_offer_of_a_person(
    customer: Customer, message: str, word: str
) -> None:
    """German, Spanish and French at least."""
    reply = customer.say(message)[0]
    assert reply["meta"]["act"] == "offer_human"
    assert word in reply["text"]
    assert customer.press(reply["buttons"][0])[0]["meta"]["act"] == "handoff"
