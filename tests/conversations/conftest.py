"""One Steward for all conversations; each test is a customer of its own."""

from __future__ import annotations

import pytest

from tests.support.people import Agent, Customer
from tests.support.stack import Stack


@pytest.fixture
def customer(stack: Stack) -> Customer:
    """A customer who has just opened the chat."""
    return Customer(stack.url)


@pytest.fixture(scope="session")
def agent(stack: Stack) -> Agent:
    """The agent made on the first run, signed in."""
    return Agent.sign_in(stack.url, *stack.sign_in)
