"""A person gets the conversation when the bot is not sure, when asked, and when it matters."""

from __future__ import annotations

import pytest

from tests.support.people import Agent, Customer

NONSENSE = ("blorft wuggle snee", "grommit plax ungo triffle")


def test_not_understanding_asks_first_and_then_hands_over(customer: Customer, agent: Agent) -> None:
    """The agent sees why, and what the customer wrote."""
    asked = customer.say(NONSENSE[0])[0]
    assert asked["meta"]["act"] == "clarify"
    assert asked["buttons"]
    told = customer.say(NONSENSE[1])
    assert told[0]["meta"]["act"] == "handoff"
    assert len(told) == 2, "the customer is told what happens next"
    assert customer.state()["state"] == "queued"
    card = next(card for card in agent.queue() if card["id"] == customer.id)
    assert card["reason"] == "low_confidence"
    assert NONSENSE[1] in agent.open(customer.id)["context"]["handoff"]["evidence"]["asked"]


def test_asking_for_a_person_hands_over_at_once(customer: Customer) -> None:
    """One message is enough."""
    assert customer.say("can I speak to a real person please")[0]["meta"]["act"] == "handoff"
    assert customer.state()["state"] == "queued"


def test_a_complaint_is_offered_a_person_and_yes_is_enough(customer: Customer, agent: Agent) -> None:
    """The reason stays the complaint."""
    offer = customer.say("this is a disgrace, I have never been treated so badly by a shop")[0]
    assert (offer["meta"]["act"], offer["meta"]["topic"]) == ("offer_human", "complaint"), offer["text"]
    assert customer.state()["state"] == "bot"
    assert customer.say("yes please")[0]["meta"]["act"] == "handoff"
    assert next(card for card in agent.queue() if card["id"] == customer.id)["reason"] == "complaint"


def test_an_order_always_goes_to_a_person(customer: Customer) -> None:
    """No order system is attached."""
    reply = customer.say("where is the parcel I ordered last week?")[0]
    assert reply["meta"]["topic"] == "order_status"
    assert reply["meta"]["act"] in {"handoff", "offer_human"}


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("there is a strong smell of gas around my ember", "gas"),
        ("the crema smells like burning plastic", "plug"),
        ("I got a shock when I touched the dishwasher", "fuse"),
        ("water is dripping onto the socket behind the splash", "water"),
        ("the battery of my trim is swollen and really hot, also how much is a new one?", "battery"),
    ],
)
def test_a_hazard_gets_its_instruction_first_and_a_person_at_once(
    customer: Customer, message: str, word: str
) -> None:
    """Whatever else the message says."""
    reply = customer.say(message)[0]
    assert (reply["meta"]["act"], reply["meta"]["topic"]) == ("safety", "safety"), reply["text"]
    assert word in reply["text"].lower()
    assert customer.state()["state"] == "queued"


def test_the_bot_is_silent_for_a_person_until_it_gets_the_conversation_back(
    customer: Customer, agent: Agent
) -> None:
    """Two never answer at once."""
    customer.say("human please")
    agent.accept(customer.id)
    customer.read()
    customer.tell("how much is the rill 300")
    agent.answer(customer.id, "Let me look that up for you.")
    heard = customer.read()
    assert [message["from"] for message in heard] == ["agent"]
    agent.give_back(customer.id)
    customer.read()
    assert customer.say("how much is the rill 300")[0]["meta"]["topic"] == "price"


def test_a_slash_does_not_reach_past_the_understanding(customer: Customer) -> None:
    """Typed syntax of the bot's own is a message like any other."""
    reply = customer.say('/price{"product": "RL-300"}')[0]
    assert reply["meta"]["act"] != "handoff"
    assert reply["meta"]["confidence"] < 1
