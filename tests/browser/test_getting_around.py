"""Getting from one page of the desk to another while the next is still on its way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect
from sanic import Sanic

from tests.browser.conftest import Profile
from tests.support.small_desk import SmallDesk

# The inbox writes its address once the operator has rested for 300 ms.
RESTED_MS = 600


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDesk]:
    """A desk without a bot behind it."""
    monkeypatch.setattr(Sanic, "test_mode", True)
    running = SmallDesk(tmp_path)
    yield running
    running.stop()


def test_who_leaves_the_inbox_for_a_page_that_loads_slowly_gets_there(
    desk: SmallDesk, profile: Profile
) -> None:
    operator = desk.agent("Olga Marsh", role="operator")
    context = profile()
    name, _, value = operator.headers["Cookie"].partition("=")
    context.add_cookies([{"name": name, "value": value, "url": desk.url}])
    page = context.new_page()
    held: list[Route] = []
    page.goto(f"{desk.url}/desk#/improve")
    expect(page.get_by_test_id("inbox-none")).to_be_visible()
    for slow in ("**/api/v1/desk/inbox?*", "**/desk/pages/models.js"):
        page.route(slow, lambda route: held.append(route))

    with page.expect_request("**/api/v1/desk/inbox?*"):
        page.get_by_test_id("inbox-labelled").click()
    with page.expect_request("**/desk/pages/models.js"):
        page.get_by_role("link", name="Models").click()
    inbox, models = held
    inbox.continue_()
    page.wait_for_timeout(RESTED_MS)
    models.continue_()

    expect(page.get_by_role("heading", level=1, name="Models")).to_be_visible()
    expect(page).to_have_url(re.compile("#/models$"))
