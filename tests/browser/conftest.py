"""Real Chromium, one for all browser tests, with a profile of its own for everybody who visits."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.pages import Chat, DeskPage
from tests.support.people import Agent, hire
from tests.support.stack import Stack

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    "--no-first-run --disable-quic"
).split()
_PATIENCE = 15_000
#: With little motion a click need not wait for what it presses to come to rest.
_PLAIN = {"locale": "en-IE", "viewport": {"width": 1366, "height": 800}, "reduced_motion": "reduce"}
#: Chromium's own notes on calls that the API refuses or that do not reach it: the pages deal with both.
_REFUSED = re.compile(r"^Failed to load resource: (the server responded with a status of 4|net::ERR_)")
_OFFLINE = "net::ERR_INTERNET_DISCONNECTED"

Profile = Callable[..., BrowserContext]


# As wide as this folder and no wider: the asyncio loop in which Playwright works would be in the way of
# asynchronous tests elsewhere.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The browser."""
    executable = next(filter(None, map(shutil.which, _NAMES)), None)
    assert executable, f"a browser is needed: one of {', '.join(_NAMES)}"
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def profile(browser: Browser) -> Iterator[Profile]:
    """Make browser profiles; the test fails if any page in them has complained by its end."""
    complaints: list[str] = []
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**{**_PLAIN, **options})
        context.set_default_timeout(_PATIENCE)
        context.on("console", lambda message: _note(message, complaints))
        context.on("weberror", lambda fault: complaints.append(str(fault.error)))
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()
    assert complaints == []


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type not in {"error", "warning"}:
        return
    refused = _REFUSED.match(message.text) and "/api/v1/" in message.location["url"]
    if not refused and _OFFLINE not in message.text:
        complaints.append(f"{message.location['url']}: {message.text}")


@pytest.fixture
def chat(profile: Profile, stack: Stack) -> Chat:
    """The shop's page with the chat open, for a customer who has not been here before."""
    return Chat(profile().new_page(), stack.url).open()


@pytest.fixture(scope="session")
def agent(stack: Stack) -> Agent:
    """The agent made on the first run, signed in over HTTP."""
    return Agent.sign_in(stack.url, *stack.sign_in)


@pytest.fixture(scope="session")
def colleague(agent: Agent) -> Agent:
    """A second agent, who knows about installing things."""
    return hire(agent, "Jonas Berg", skills=["installation"])


@pytest.fixture
def signed_in(profile: Profile, stack: Stack, agent: Agent) -> Callable[..., Page]:
    """Make pages of the agent's or a colleague's, each in a profile of its own, signed in to the desk."""

    def make(who: Agent = agent, **options: Any) -> Page:
        context = profile(**options)
        context.add_cookies(
            [
                {"name": cookie.name, "value": cookie.value or "", "url": stack.url}
                for cookie in who.http.cookies.jar
            ]
        )
        return context.new_page()

    return make


@pytest.fixture
def desk(signed_in: Callable[..., Page], stack: Stack) -> DeskPage:
    """The desk, signed in, with the queue on screen."""
    return DeskPage(signed_in(), stack.url)


@pytest.fixture
def offering(agent: Agent, colleague: Agent) -> Iterator[None]:
    """The queue offers its work by itself, and nobody is there whose page was closed a moment ago."""
    rules = {"routing": "offer", "offer_seconds": 60, "grace_seconds": 1}
    agent.http.put("/settings", json=rules).raise_for_status()
    deadline = time.monotonic() + _PATIENCE / 1000
    while presence(agent, colleague) == "online":
        assert time.monotonic() < deadline, "the colleague stays online"
        time.sleep(0.2)
    yield
    agent.http.put("/settings", json={}).raise_for_status()


def presence(agent: Agent, whom: Agent) -> str:
    """How somebody of the team is."""
    team = agent.http.get("/team").raise_for_status().json()["agents"]
    return next(str(member["presence"]) for member in team if member["id"] == whom.id)


@pytest.fixture
def quiet(agent: Agent, colleague: Agent) -> Iterator[None]:
    """Nobody waits at the desk and nobody has conversations, before the test and after it."""
    tidy(agent, colleague)
    yield
    tidy(agent, colleague)


def tidy(*agents: Agent) -> None:
    """Close what the agents have and what waits."""
    for one in agents:
        mine = one.http.get("/conversations", params={"view": "mine"}).raise_for_status().json()
        for card in mine["conversations"]:
            one.resolve(card["id"])
    for card in agents[0].queue():
        agents[0].accept(card["id"])
        agents[0].resolve(card["id"])
