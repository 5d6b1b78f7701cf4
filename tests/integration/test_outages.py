"""The bot or its actions die under a conversation: the customer is told, and a person takes over."""

from __future__ import annotations

import time

import pytest

from tests.support.people import Agent, Customer
from tests.support.stack import Stack

_BACK_SECONDS = 90


@pytest.mark.parametrize("which", ["bot", "actions"])
def test_a_dead_process_is_told_handed_over_and_recovered_from(stack: Stack, which: str) -> None:
    """Nothing is lost, nobody restarts the desk."""
    agent = Agent.sign_in(stack.url, *stack.sign_in)
    customer = Customer(stack.url)
    assert customer.say("how much is the rill 300")[0]["meta"]["topic"] == "price"

    stack.kill(stack.port + {"bot": 1, "actions": 2}[which])
    told = customer.say("how long is the warranty of the rill 300")
    assert [message["from"] for message in told] == ["system"]
    assert told[0]["meta"]["act"] == "handoff"
    assert "colleague" in told[0]["text"]
    card = next(card for card in agent.queue() if card["id"] == customer.id)
    assert (card["state"], card["reason"]) == ("queued", "bot_error")

    agent.accept(customer.id)
    customer.read()
    agent.answer(customer.id, "It is five years. The assistant is back in a minute.")
    assert [message["from"] for message in customer.read()] == ["agent"]

    _wait_until_answered(stack)
    agent.give_back(customer.id)
    customer.read()
    again = customer.say("and what does it cost?")
    assert (again[0]["from"], again[0]["meta"]["topic"]) == ("bot", "price")
    assert again[0]["meta"]["skus"] == ["RL-300"], "the product is remembered by the bot that came after"


def _wait_until_answered(stack: Stack) -> None:
    """Ask as new customers until the bot answers one of them."""
    deadline = time.monotonic() + _BACK_SECONDS
    while time.monotonic() < deadline:
        if Customer(stack.url).say("how much is the rill 300")[0]["from"] == "bot":
            return
        time.sleep(1)
    raise AssertionError(f"the bot did not answer within {_BACK_SECONDS} s")
