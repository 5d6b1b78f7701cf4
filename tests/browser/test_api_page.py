"""The interface's own description as somebody reads it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Profile
from tests.browser.test_accessibility import accessible
from tests.support.stack import Stack


def opened(profile: Profile, stack: Stack, scheme: str = "light") -> Page:
    page = profile(color_scheme=scheme).new_page()
    page.goto(f"{stack.url}/api/docs")
    expect(page.get_by_role("heading", name="Customers", exact=True)).to_be_visible()
    return page


def test_a_call_is_found_by_a_word_and_tells_what_it_takes_and_gives(profile: Profile, stack: Stack) -> None:
    page = opened(profile, stack)
    page.keyboard.press("/")
    page.keyboard.type("revoke key")
    expect(page.get_by_role("status")).to_have_text("1 found")
    page.keyboard.press("Escape")
    page.keyboard.type("accept handoffs")
    call = page.locator("details:visible", has_text="/accept").first
    call.locator("summary").first.click()
    expect(call).to_contain_text("An API key with handoffs:accept")
    expect(call.get_by_role("heading", name="Takes")).to_be_visible()
    expect(call.get_by_role("rowheader", name="epoch")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(profile: Profile, stack: Stack, scheme: str) -> None:
    page = opened(profile, stack, scheme)
    accessible(page)
    page.locator("section.group > details > summary").first.click()
    accessible(page)
