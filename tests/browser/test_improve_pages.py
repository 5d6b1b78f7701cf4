"""The operator's pages in the browser: topics, the changes to review, test conversations, models."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.test_accessibility import accessible
from tests.support.people import Agent, hire
from tests.support.stack import Stack

Opened = Callable[..., Page]

TRANSCRIPT = """Customer: how much is the tempo?
Agent: It is on the shop's page.
Customer: can you engrave my dog's name on it
"""
CANDIDATE = "feedc0ffee12"
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
    expect(page.locator("[data-name=engraving_by_hand]")).to_contain_text("new")

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
