"""The operator's pages in the browser: topics, the changes to review, test conversations, models."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.test_accessibility import accessible
from tests.support.people import Agent, Customer, hire
from tests.support.stack import Stack

Opened = Callable[..., Page]

TRANSCRIPT = """Customer: how much is the tempo?
Agent: It is on the shop's page.
Customer: can you engrave my dog's name on it
"""
CANDIDATE = "feedc0ffee12"
NOTHING_PENDING: dict[str, Any] = {
    "changes": [],
    "labels": {"examples": 0, "topics": {}},
    "diff": [],
    "warnings": [],
    "git": None,
    "writable": True,
}
MISSED = {"code": "hazard", "text": "“it sparks” gets no safety instruction.", "overridable_by": "administer"}
WORSE = {"code": "worse", "text": "It understands 9 examples less.", "overridable_by": "improve"}


@pytest.fixture(scope="module")
def operator(agent: Agent) -> Agent:
    """Somebody who improves the bot and has no access to the queue."""
    return hire(agent, "Nora Quinn", role="operator")


@pytest.fixture
def opened(signed_in: Callable[..., Page], stack: Stack, operator: Agent) -> Iterator[Opened]:
    """Open an improve page as the operator; what is pending at the end is dropped."""

    def at(place: str, who: Agent = operator, **options: Any) -> Page:
        page = signed_in(who, **options)
        page.goto(f"{stack.url}/desk#/{place}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page

    yield at
    for change in operator.http.get("/improve/changes").raise_for_status().json()["changes"]:
        operator.http.delete(f"/improve/changes/{change['id']}").raise_for_status()


def example(page: Page, text: str) -> Locator:
    """An example of the open topic."""
    return page.get_by_test_id("examples").get_by_role("option").filter(has_text=text)


def reviewed(page: Page, count: int) -> Locator:
    """Open the drawer with the changes to review, of which there are so many."""
    page.get_by_test_id("changes").filter(has_text=f"{count} change").click()
    drawer = page.get_by_test_id("changes-drawer")
    expect(drawer.get_by_test_id("change")).to_have_count(count)
    return drawer


def test_examples_become_changes_that_can_be_reviewed_and_taken_back(opened: Opened) -> None:
    page = opened("topics")
    page.get_by_test_id("topic-search").fill("price")
    expect(page.get_by_test_id("topic")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("topic-heading")).to_have_text("What it costs")
    word = uuid.uuid4().hex[:6]
    page.get_by_test_id("example-new").fill(f"what does the {word} go for\nthe {word} costs how much")
    page.get_by_test_id("example-add").click()
    expect(example(page, word)).to_have_count(2)
    expect(example(page, word).first).to_contain_text("new")
    price = page.locator("[data-testid=topic][data-name=price]")
    expect(price).to_contain_text("+2")
    expect(page.get_by_test_id("examples-pending")).to_have_text("+2 pending")
    page.get_by_test_id("example-new").fill(f"The {word}  costs how much")
    page.get_by_test_id("example-add").click()
    expect(page.get_by_text("That is an example already.")).to_be_visible()

    examples = page.get_by_test_id("examples")
    known = [row.split("\n")[0] for row in examples.get_by_role("option").all_inner_texts()[2:5]]
    examples.focus()
    for key in ("ArrowDown", "ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(page.get_by_test_id("examples-chosen")).to_have_text("3 chosen")
    accessible(page)
    page.keyboard.press("m")
    page.get_by_test_id("topic-pick").fill("warr")
    page.keyboard.press("Enter")
    expect(price).to_contain_text("2 more pending, 3 less pending")
    page.get_by_test_id("topic-search").fill("")
    expect(page.locator("[data-testid=topic][data-name=warranty]")).to_contain_text("+3")
    for text in known:
        expect(examples.locator("[data-state=removed]").filter(has_text=text).first).to_be_visible()

    drawer = reviewed(page, 2)
    expect(drawer.locator("[data-path='data/nlu/price.yml'] tr[data-kind=added]")).to_have_count(2)
    expect(drawer.locator("[data-path='data/nlu/warranty.yml'] tr[data-kind=added]")).to_have_count(3)
    accessible(page)
    drawer.get_by_test_id("change-drop").first.click()
    expect(drawer.get_by_test_id("change")).to_have_count(1)
    drawer.get_by_test_id("change-restore").click()
    expect(drawer.get_by_test_id("change")).to_have_count(2)
    page.keyboard.press("Escape")
    page.get_by_test_id("toast-action").last.click()
    expect(page.get_by_test_id("changes")).to_contain_text("1 change to review")


def test_a_topic_is_made_without_code(opened: Opened) -> None:
    page = opened("topics")
    page.get_by_test_id("topic-new").click()
    page.get_by_test_id("sheet-run").click()
    for fault in ("It needs a name.", "At least 5 examples", "Without words"):
        expect(page.get_by_text(fault)).to_be_visible()
    accessible(page)
    title = page.get_by_test_id("topic-title")
    title.fill("Delivery")
    expect(page.get_by_text("There is a topic Delivery already.")).to_be_visible()
    title.fill("Engraving by Hand")
    expect(page.get_by_text("In the files: engraving_by_hand")).to_be_visible()
    asked = ("can you engrave it", "engrave a name please", "is engraving possible", "put my initials on it")
    page.get_by_test_id("topic-examples").fill("\n".join((*asked, "engraving?")))
    page.get_by_test_id("topic-answer").fill("We engrave up to twelve letters by hand.")
    page.get_by_test_id("sheet-run").click()
    expect(page.get_by_test_id("topic-heading")).to_have_text("Engraving by Hand")
    made = page.locator("[data-name=engraving_by_hand]")
    expect(made).to_contain_text("pending")
    expect(made).to_contain_text("+5")

    page.get_by_test_id("answer-text").fill("We engrave by hand, for {price}.")
    page.get_by_test_id("answer-save").click()
    expect(page.get_by_text("{price} is not known")).to_be_visible()
    page.get_by_test_id("answer-text").fill("We engrave by hand, in three days.")
    page.get_by_test_id("button-add").click()
    page.get_by_label("What stands on the button").fill("How long does delivery take?")
    page.get_by_label("What the button asks").select_option(label="Delivery")
    page.get_by_test_id("answer-save").click()
    drawer = reviewed(page, 2)
    added = drawer.locator("[data-path='domain.yml'] tr[data-kind=added]")
    expect(added.filter(has_text="in three days")).to_have_count(1)
    expect(added.filter(has_text="/delivery")).to_have_count(1)
    expect(drawer.locator("[data-path='data/rules/engraving_by_hand.yml']")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_test_id("topic-note").get_by_role("button", name="Take back").click()
    expect(page.get_by_test_id("topic-note")).to_have_count(0)


def fact(page: Page, sku: str, aspect: str) -> Locator:
    """A fact about a product."""
    product = page.locator(f"[data-testid=fact-product][data-sku={sku}]")
    return product.locator(f"[data-testid=fact-row][data-aspect={aspect}]")


def test_facts_of_a_built_in_topic_are_edited_in_place(opened: Opened) -> None:
    page = opened("topics/warranty")
    page.get_by_test_id("part-facts").click()
    expect(page.get_by_test_id("fact-product")).to_have_count(14)
    page.get_by_test_id("fact-search").fill("rill 300 serial")
    expect(page.get_by_test_id("fact-row")).to_have_count(1)
    register = fact(page, "RL-300", "register")
    register.get_by_test_id("fact-edit").click()
    page.get_by_test_id("fact-text").fill(" ")
    page.get_by_test_id("fact-save").click()
    expect(page.get_by_text("Without words the bot would answer nothing.")).to_be_visible()
    accessible(page)
    page.get_by_test_id("fact-text").fill("You need not register it.")
    page.keyboard.press("Control+Enter")
    expect(register).to_contain_text("You need not register it.")
    expect(register).to_contain_text("changed")
    expect(register.get_by_test_id("fact-edit")).to_be_focused()

    page.get_by_test_id("fact-search").fill("")
    expect(page.get_by_test_id("fact-product")).to_have_count(14)
    rill = page.locator("[data-testid=fact-product][data-sku=RL-300]")
    rill.get_by_test_id("fact-add").click()
    page.keyboard.type("Moving house")
    page.get_by_test_id("fact-text").fill("It moves with you.")
    page.get_by_test_id("fact-keywords").fill("moving, receipt")
    page.get_by_test_id("fact-save").click()
    expect(rill.get_by_text("receipt", exact=False).filter(has_text="is a keyword of")).to_be_visible()
    accessible(page)
    page.get_by_test_id("fact-keywords").fill("moving, new house")
    page.get_by_test_id("fact-save").click()
    expect(fact(page, "RL-300", "moving_house")).to_contain_text("It moves with you.")
    claim = fact(page, "RL-300", "claim")
    claim.get_by_test_id("fact-edit").click()
    page.get_by_test_id("fact-remove").click()
    expect(claim).to_contain_text("going")
    accessible(page)
    drawer = reviewed(page, 3)
    expect(drawer).to_contain_text("Customers are told so within seconds.")
    diff = drawer.locator("[data-path='data/catalogue/warranty.csv']")
    expect(diff.locator("tr[data-kind=added]")).to_have_count(2)
    expect(diff.locator("tr[data-kind=removed]")).to_have_count(2)
    page.keyboard.press("Escape")
    register.get_by_test_id("fact-undo").click()
    expect(register).to_contain_text("serial number")
    expect(register).to_have_attribute("data-state", "kept")


def test_prices_and_stock_are_edited_product_by_product(opened: Opened) -> None:
    page = opened("topics/availability/facts", color_scheme="dark", viewport={"width": 820, "height": 1100})
    count = fact(page, "RL-300", "count")
    count.get_by_test_id("fact-edit").click()
    page.get_by_test_id("fact-text").fill("plenty")
    page.keyboard.press("Enter")
    expect(count.get_by_text("expected a whole number")).to_be_visible()
    accessible(page)
    page.get_by_test_id("fact-text").fill("3")
    page.keyboard.press("Enter")
    expect(count).to_contain_text("changed")
    expect(page.locator("[data-testid=fact-product][data-sku=RL-300] summary")).to_contain_text("In stock 3")
    count.get_by_test_id("fact-edit").click()
    page.get_by_test_id("fact-text").fill("2")
    page.keyboard.press("Enter")
    expect(count).to_contain_text("2")
    drawer = reviewed(page, 1)
    diff = drawer.locator("[data-path='data/catalogue/stock.csv'] tr[data-kind=added]")
    expect(diff).to_contain_text("RL-300,2,,")

    def apply(route: Route) -> None:
        page.route("**/improve/changes", lambda later: later.fulfill(json=NOTHING_PENDING))
        route.fulfill(json={"commit": None, "files": ["data/catalogue/stock.csv"]})

    page.route("**/improve/changes/apply", apply)
    drawer.get_by_test_id("changes-apply").click()
    expect(drawer.get_by_test_id("applied")).to_contain_text("no model has to be trained")
    expect(drawer.get_by_test_id("retrain")).to_have_count(0)


def test_hundreds_of_products_come_page_by_page(opened: Opened) -> None:
    page = opened("account")

    def answer(route: Route) -> None:
        begin = 40 if "after=P39" in route.request.url else 0
        facts = [{"aspect": "overview", "title": "Warranty", "keywords": [], "text": "Two years."}]
        products = [
            {"sku": f"P{number}", "name": f"Product {number}", "facts": facts}
            for number in range(begin, begin + 40)
        ]
        following = None if begin else "P39"
        path = "data/catalogue/warranty.csv"
        sheet = {"kind": "aspects", "path": path, "products": products, "total": 80, "next": following}
        route.fulfill(json=sheet)

    page.route("**/improve/topics/warranty/facts*", answer)
    page.goto(f"{page.url.partition('#')[0]}#/topics/warranty/facts")
    expect(page.get_by_test_id("fact-product")).to_have_count(40)
    expect(fact(page, "P0", "overview")).to_be_visible()
    expect(fact(page, "P1", "overview")).to_be_hidden()
    page.get_by_test_id("facts-more").click()
    expect(page.get_by_test_id("fact-product")).to_have_count(80)
    expect(page.get_by_test_id("facts-more")).to_be_hidden()


def test_a_transcript_shows_how_the_bot_would_do_and_becomes_a_test(opened: Opened, tmp_path: Path) -> None:
    page = opened("conversations")
    page.get_by_test_id("bring").click()
    page.get_by_test_id("bring-read").click()
    expect(page.get_by_text("Paste a conversation, or choose a file.")).to_be_visible()
    page.get_by_test_id("bring-format").select_option("jsonl")
    page.get_by_test_id("bring-content").fill("how much is it")
    page.get_by_test_id("bring-read").click()
    expect(page.locator("#bring-content-fault")).to_contain_text("Line 1")
    accessible(page)
    page.get_by_test_id("bring-format").select_option("auto")
    paper = tmp_path / "yesterday.txt"
    paper.write_text(TRANSCRIPT, encoding="utf-8")
    page.get_by_test_id("bring-file").set_input_files(paper)

    turns = page.get_by_test_id("trial-turn")
    first, second = turns.first, turns.last
    expect(first.get_by_test_id("reading")).to_contain_text("What it costs")
    expect(first.get_by_test_id("reading")).to_contain_text("€")
    expect(first.get_by_test_id("turn-right")).to_have_attribute("aria-pressed", "true")
    second.get_by_test_id("turn-wrong").click()
    second.get_by_test_id("turn-topic").select_option(label="How to buy and pay")
    accessible(page)
    second.get_by_test_id("turn-example").click()
    page.get_by_test_id("sheet-run").click()
    expect(second).to_contain_text("Example of How to buy and pay")
    name = f"dog {uuid.uuid4().hex[:6]}"
    page.get_by_test_id("trial-name").fill(name)
    page.get_by_test_id("trial-keep").click()
    expect(page.get_by_test_id("trial-keep")).to_have_text("Kept")

    page.get_by_role("link", name="All tests").click()
    kept = page.locator(f"[data-testid=test][data-name='{name}']")
    expect(kept).to_contain_text("new")
    kept.get_by_test_id("test-try").click()
    expect(kept.get_by_test_id("test-outcome")).to_have_text("1 of 2 right")
    drawer = reviewed(page, 2)
    rows = drawer.locator("[data-path^='data/conversations/'] tr[data-kind=added]")
    expect(rows.filter(has_text=f"{name},how much is the tempo?,price")).to_have_count(1)


def asked_for_a_person(agent: Agent, url: str, question: str) -> Customer:
    """A conversation that an agent has answered and resolved."""
    customer = Customer(url)
    customer.say(question)
    customer.say("can I talk to a person please")
    agent.accept(customer.id)
    agent.answer(customer.id, "It hums at 43 dB.")
    agent.resolve(customer.id)
    return customer


def test_a_conversation_of_the_desk_is_found_and_becomes_a_test(
    opened: Opened, agent: Agent, stack: Stack
) -> None:
    word = f"w{uuid.uuid4().hex[:9]}"
    asked_for_a_person(agent, stack.url, f"how much is the tempo {word}, I am ann@example.org")
    page = opened("conversations/bring")
    expect(page.get_by_test_id("past").first).to_contain_text(word)
    page.keyboard.press("/")
    page.keyboard.type("ann@example.org")
    expect(page.get_by_text("Personal data is never found")).to_be_visible()
    page.get_by_test_id("past-search").fill(word)
    found = page.get_by_test_id("past")
    expect(found).to_have_count(1)
    expect(found.locator("mark")).to_have_text(word)
    expect(found).to_contain_text("I am [email]")
    accessible(page)
    page.keyboard.press("ArrowDown")
    expect(found).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("bring-told")).to_contain_text("Resolved")
    turns = page.get_by_test_id("trial-turn")
    expect(turns).to_have_count(2)
    expect(turns.first.get_by_test_id("reading")).to_contain_text("What it costs")
    expect(page.locator(".said-bubble[data-from=agent]")).to_contain_text("It hums at 43 dB.")
    accessible(page)
    page.get_by_test_id("trial-name").fill(word)
    page.get_by_test_id("trial-keep").click()
    expect(page.get_by_test_id("trial-keep")).to_have_text("Kept")
    kept = reviewed(page, 1).locator("[data-path^='data/conversations/'] tr[data-kind=added]")
    expect(kept.filter(has_text="[email]").filter(has_text="desk")).to_have_count(1)
    page.keyboard.press("Escape")
    page.get_by_test_id("bring-again").click()
    expect(page.get_by_test_id("past-search")).to_be_focused()
    page.go_back()
    expect(turns).to_have_count(2)


def test_a_conversation_is_brought_by_its_link_and_from_where_it_is_read(
    opened: Opened, agent: Agent, stack: Stack
) -> None:
    customer = asked_for_a_person(agent, stack.url, "does the tempo hum")
    page = opened("conversations/bring")
    page.get_by_test_id("past-search").fill(f"{stack.url}/desk#/inbox/open/{customer.id}")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"conversation={customer.id}$"))
    expect(page.get_by_test_id("trial-turn").first).to_contain_text("does the tempo hum")
    page = opened(f"inbox/resolved/{customer.id}", who=agent)
    page.get_by_test_id("bring-this").click()
    expect(page.get_by_test_id("trial-turn").first).to_contain_text("does the tempo hum")
    page.goto(f"{stack.url}/desk#/conversations/bring?conversation={'x' * 24}")
    expect(page.get_by_test_id("past-fault")).to_contain_text("There is no such conversation")
    accessible(page)


def candidate(passed: bool, *reasons: dict[str, str]) -> dict[str, Any]:
    """A model that has been trained and judged, and does not serve."""
    figures = {"accuracy": 0.951, "low": 0.94, "high": 0.96, "coverage": 0.9, "threshold": 0.6}
    return {
        "id": CANDIDATE,
        "trained_at": "2030-01-02T10:00:00Z",
        "by": "Nora Quinn",
        "data_commit": None,
        "fits_data": True,
        "serving": False,
        "shadow": False,
        "seconds": 41.5,
        "size": 23_400_000,
        "report": True,
        "figures": {**figures, "examples": 1800, "topics": 31},
        "gate": {"passed": passed, "reasons": list(reasons)},
        "promotions": [],
    }


class Promoting:
    """What the service would answer of a candidate while it is promoted, without starting it."""

    def __init__(self, page: Page, model: dict[str, Any]) -> None:
        self.asked: list[dict[str, Any]] = []
        self.promotion: dict[str, Any] | None = None
        self._model = model
        page.route("**/improve/models", self._list)
        page.route(f"**/improve/models/{CANDIDATE}/promote", self._promote)

    def step(self, state: str) -> None:
        """The promotion is at this step from now on."""
        self.promotion = {
            "request": "one",
            "model": CANDIDATE,
            "kind": "promote",
            "state": state,
            "text": "",
            "at": "2030-01-02T10:05:00Z",
            "asked_at": "2026-01-02T10:04:00Z",
        }

    def _list(self, route: Route) -> None:
        found = route.fetch().json()
        found["models"].insert(0, self._model)
        route.fulfill(json={**found, "promotion": self.promotion})

    def _promote(self, route: Route) -> None:
        self.asked.append(json.loads(route.request.post_data or "{}"))
        self.step("starting")
        route.fulfill(status=202, json={"promotion": self.promotion})


def test_a_model_that_fails_the_gate_is_promoted_only_by_who_may_and_says_why(
    opened: Opened, agent: Agent
) -> None:
    page = opened("account")
    Promoting(page, candidate(False, MISSED, WORSE))
    page.goto(f"{page.url.partition('#')[0]}#/models")
    card = page.locator(f"[data-testid=model][data-id='{CANDIDATE}']")
    expect(card).to_contain_text("Held back for 2 reasons")
    expect(page.get_by_test_id("serving-id")).to_be_visible()
    card.get_by_test_id("model-promote").click()
    dialog = page.get_by_test_id("promote-dialog")
    expect(dialog).to_contain_text("only an administrator may override")
    expect(dialog.get_by_test_id("sheet-run")).to_have_count(0)
    accessible(page)

    page = opened("account", who=agent, color_scheme="dark", viewport={"width": 820, "height": 1100})
    service = Promoting(page, candidate(False, MISSED))
    page.goto(f"{page.url.partition('#')[0]}#/models")
    page.locator(f"[data-id='{CANDIDATE}']").get_by_test_id("model-promote").click()
    page.get_by_test_id("sheet-run").click()
    expect(page.get_by_text("Say why, so that others can judge it later.")).to_be_visible()
    accessible(page)
    page.get_by_test_id("promote-reason").fill("The word is no longer sold.")
    page.get_by_test_id("sheet-run").click()
    expect(page.get_by_test_id("promotion-state")).to_contain_text(f"Promoting {CANDIDATE}")
    assert service.asked == [{"reason": "The word is no longer sold."}]
    accessible(page)
    service.step("done")
    expect(page.get_by_test_id("promotion-state")).to_contain_text("answers customers")
    assert page.evaluate("document.documentElement.scrollWidth") == 820


def test_what_kept_a_training_from_beginning_is_said_beside_it(opened: Opened) -> None:
    page = opened("account")
    error = {"code": "running", "message": "Paul began a training that is under way."}

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=409, json={"error": error})
        else:
            route.fulfill(json={"trainings": []})

    page.route("**/improve/trainings", answer)
    page.goto(f"{page.url.partition('#')[0]}#/models")
    page.get_by_test_id("train").click()

    expect(page.get_by_test_id("training-fault")).to_have_text(error["message"])


def test_a_training_shows_where_it_is_and_can_be_cancelled(opened: Opened) -> None:
    page = opened("account")
    training = {
        "id": "t1",
        "state": "running",
        "stage": "evaluate",
        "progress": 0.4,
        "text": "Reading 1,800 examples",
        "started_at": "2026-01-02T10:00:00Z",
        "ended_at": None,
        "by": {"id": None, "name": "Jonas Berg"},
        "model": None,
    }
    page.route("**/improve/trainings", lambda route: route.fulfill(json={"trainings": [training]}))
    page.route(
        "**/improve/trainings/t1", lambda route: route.fulfill(json={"training": training, "log": "fold 2"})
    )

    def cancel(route: Route) -> None:
        training.update(state="cancelled", text="Cancelled by Nora Quinn.", ended_at="2026-01-02T10:01:00Z")
        route.fulfill(status=202, json={"training": training})

    page.route("**/improve/trainings/t1/cancel", cancel)
    page.goto(f"{page.url.partition('#')[0]}#/models")
    expect(page.get_by_test_id("training-state")).to_contain_text("Reading 1,800 examples")
    expect(page.get_by_role("progressbar", name="Training")).to_have_attribute("aria-valuenow", "40")
    expect(page.locator("[data-stage=evaluate]")).to_have_attribute("data-state", "now")
    page.get_by_text("Log", exact=True).click()
    expect(page.get_by_test_id("training-log")).to_have_text("fold 2")
    accessible(page)
    page.get_by_test_id("training-cancel").click()
    expect(page.get_by_test_id("training-state")).to_contain_text("Everything is as it was.")
