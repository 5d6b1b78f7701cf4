"""The whole loop of an operator: from a question nobody had thought of to a better model, and back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Profile
from tests.support import stack as stacks
from tests.support.load import customers_write
from tests.support.people import Agent, Customer, hire
from tests.support.project import a_project, git, in_git, with_few_conversations, with_few_examples
from tests.support.stack import Stack

TRAINING_MS = 600_000
LOGGED_SECONDS = 60
ANSWER = "Yes, we wrap any order as a gift at no charge: tick the box at the checkout."
EXAMPLES = (
    "do you do gift wrapping",
    "I want it wrapped as a present for my sister",
    "can it come in nice paper with a ribbon",
    "is there a gift box option",
    "it's a birthday surprise so please make it look festive",
    "wrapping paper available?",
    "add a bow and a greetings card please",
    "could you parcel it up like a present",
    "christmas wrapping, do you offer that",
    "gift wrap it for me",
    "what does a present wrapping cost at yours",
    "can I have a card with a message put in with the gift",
)
ASKED = (
    "would you put festive paper round the parcel before you send it",
    "would you put festive paper round the parcel before it goes out",
    "will you put some festive paper round the parcel please",
    "would u put festive paper rond the parcel befor you send it",
)
SAME = ASKED[0]


# Two trainings, a promotion and a rollback, with a Steward of its own.
pytestmark = [pytest.mark.timeout(1800), pytest.mark.xdist_group("loop")]


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Path]]:
    """A Steward whose shop's files are a repository of their own, and the folder of these."""
    folder = tmp_path_factory.mktemp("loop")
    root = a_project(folder)
    with_few_examples(root, every=3)
    with_few_conversations(root)
    in_git(root)
    running = stacks.start(folder / "home", root)
    yield running, root
    running.stop()


def test_an_unknown_question_is_found_labelled_learned_promoted_and_rolled_back(
    shop: tuple[Stack, Path], profile: Profile
) -> None:
    running, root = shop
    for text in ASKED:
        customer = Customer(running.url)
        customer.dislike(next(said for said in customer.say(text) if said["from"] == "bot"))
    assert not knows(running, SAME)
    admin = Agent.sign_in(running.url, *running.sign_in)
    operator = hire(admin, "Ines Falk", role="operator")
    page = opened(profile(), running, operator)

    topic_is_made(page, running)
    applied(page, "Answer questions about gift wrapping")
    assert "Ines Falk" in git(root, "log", "-1", "--format=%an %s")

    # The names of the topics come beside the groups; who types before they are there makes a new topic.
    with page.expect_response("**/inbox/topics"):
        page.goto(f"{running.url}/desk#/improve")
    group = page.get_by_test_id("inbox-group").filter(has_text="festive paper")
    expect(group).to_have_count(1)
    group.click()
    expect(page.get_by_test_id("inbox-item")).to_have_count(len(ASKED))
    page.keyboard.press("t")
    page.keyboard.type("gift")
    expect(page.get_by_test_id("topic-palette-option").first).to_contain_text("Gift wrapping")
    with page.expect_response("**/inbox/labels"):
        page.keyboard.press("Enter")
    applied(page, "Learn what customers said of it")
    assert SAME in (root / "data" / "nlu" / "gift_wrapping.yml").read_text(encoding="utf-8")
    assert git(root, "status", "--porcelain") == ""

    page.goto(f"{running.url}/desk#/models")
    before = page.get_by_test_id("serving-id").inner_text()
    with page.expect_response(lambda answer: answer.request.method == "POST") as begun:
        page.get_by_test_id("train").click()
    assert begun.value.ok, begun.value.text()
    expect(page.get_by_test_id("training-cancel")).to_be_visible()
    made = page.get_by_test_id("model").filter(has=page.get_by_test_id("model-promote")).first
    expect(made.get_by_test_id("model-promote")).to_be_visible(timeout=TRAINING_MS)
    expect(made.get_by_test_id("gate")).to_have_attribute("data-passed", "true")
    with page.expect_popup() as popup:
        made.get_by_test_id("model-report").click()
    expect(popup.value.locator("strong").filter(has_text="of 100").first).to_be_visible()
    popup.value.close()
    assert not knows(running, SAME)

    with customers_write(running.url, customers=3):
        made.get_by_test_id("model-promote").click()
        page.get_by_test_id("sheet-run").click()
        expect(page.get_by_test_id("serving-id")).not_to_have_text(before, timeout=TRAINING_MS)
        assert knows(running, SAME)

    page.get_by_test_id("rollback").click()
    page.get_by_test_id("sheet-run").click()
    expect(page.get_by_test_id("serving-id")).to_have_text(before, timeout=TRAINING_MS)
    assert not knows(running, SAME)
    # Customers have the model a moment before the old one has gone and the change is over.
    deadline = time.monotonic() + LOGGED_SECONDS
    while not {"model.promoted", "model.rolled_back"} <= logged(admin):
        assert time.monotonic() < deadline, logged(admin)
        time.sleep(0.2)


def logged(admin: Agent) -> set[str]:
    """What was done, by the audit log."""
    return {entry["action"] for entry in admin.http.get("/audit").raise_for_status().json()["entries"]}


def knows(running: Stack, text: str) -> bool:
    """Whether a customer who asks this gets the answer that was written for it."""
    said = Customer(running.url).say(text)
    return any(ANSWER in message["text"] for message in said)


def opened(context: BrowserContext, running: Stack, who: Agent) -> Page:
    """A page of somebody who is signed in."""
    context.add_cookies(
        [{"name": one.name, "value": one.value or "", "url": running.url} for one in who.http.cookies.jar]
    )
    return context.new_page()


def topic_is_made(page: Page, running: Stack) -> None:
    """Make a topic by its sheet."""
    page.goto(f"{running.url}/desk#/topics")
    page.get_by_test_id("topic-new").click()
    page.get_by_test_id("topic-title").fill("Gift wrapping")
    page.get_by_test_id("topic-examples").fill("\n".join(EXAMPLES))
    page.get_by_test_id("topic-answer").fill(ANSWER)
    page.get_by_test_id("sheet-run").click()
    expect(page.get_by_test_id("topic-heading")).to_have_text("Gift wrapping")


def applied(page: Page, message: str) -> None:
    """Review the changes and apply them."""
    page.get_by_test_id("changes").click()
    page.get_by_test_id("changes-message").fill(message)
    page.get_by_test_id("changes-apply").click()
    expect(page.get_by_test_id("applied")).to_be_visible()
    page.keyboard.press("Escape")
