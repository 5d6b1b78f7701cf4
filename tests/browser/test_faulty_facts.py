"""An operator sees on the page of the models what keeps new facts from customers, and when it is mended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.test_accessibility import accessible
from tests.support.people import Agent
from tests.support.stack import Stack

FAULT = 'prices.csv:2, amount: "1x9"; expected an amount above 0 with two decimals, like 189.00'


def test_a_fault_in_the_catalogue_is_told_with_its_place_until_it_is_mended(
    signed_in: Callable[..., Page], agent: Agent, stack: Stack
) -> None:
    page = signed_in(agent)
    told: dict[str, Any] = {"faults": [FAULT], "count": 12}

    def answer(route: Route) -> None:
        found = route.fetch().json()
        route.fulfill(json={**found, "facts": {**found["facts"], **told}})

    page.route("**/improve/models", answer)
    page.goto(f"{stack.url}/desk#/models")
    notice = page.get_by_test_id("faulty-facts")
    expect(notice).to_contain_text("The catalogue's files have 12 faults.")
    expect(notice).to_contain_text(FAULT)
    expect(notice).to_contain_text("and 11 more")
    accessible(page)
    told.update(faults=[], count=0)
    expect(notice).to_have_count(0, timeout=15_000)
