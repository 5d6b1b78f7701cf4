"""The shop's page, and the ways from it into the chat."""

from __future__ import annotations

import httpx
from playwright.sync_api import Route, expect

from tests.browser.conftest import Profile
from tests.browser.pages import Chat
from tests.support.stack import Stack


def test_every_product_of_the_catalogue_has_its_card(profile: Profile, stack: Stack) -> None:
    products = httpx.get(f"{stack.url}/api/v1/shop/products").raise_for_status().json()
    shop = Chat(profile().new_page(), stack.url).page
    cards = shop.locator(".card[data-sku]")
    expect(cards).to_have_count(14)
    shown = cards.evaluate_all(
        "cards => cards.map(c => [c.dataset.sku, c.querySelector('.price').textContent])"
    )
    assert shown == [[product["sku"], product["price"]] for product in products]
    for picture in cards.locator("img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).not_to_have_js_property("naturalWidth", 0)


def test_the_filter_shows_one_kind_and_then_everything_again(profile: Profile, stack: Stack) -> None:
    shop = Chat(profile().new_page(), stack.url).page
    shown = shop.locator(".card[data-sku]:visible")
    expect(shown).to_have_count(14)
    shop.locator("#filter button", has_text="dishwasher").click()
    expect(shown.locator("h3")).to_have_text(["Splash 45", "Splash 60"])
    expect(shop.locator("#count")).to_have_text("2 products")
    shop.locator("#filter button").first.click()
    expect(shown).to_have_count(14)


def test_asking_about_a_product_opens_the_chat_with_the_question_asked(
    profile: Profile, stack: Stack
) -> None:
    chat = Chat(profile().new_page(), stack.url)
    chat.page.locator(".card[data-sku=CR-1] .ask").click()
    expect(chat.messages("customer")).to_contain_text("Tell me about the Crema One.")
    expect(chat.messages("bot")).to_contain_text("Crema One")
    expect(chat.part("input")).to_be_focused()


def test_a_question_from_the_page_does_not_overwrite_what_is_being_written(chat: Chat) -> None:
    chat.part("input").fill("Half a thou")
    chat.page.locator(".card[data-sku=RL-300] .ask").click()
    expect(chat.part("input")).to_have_value("Half a thou")
    expect(chat.messages()).to_have_count(0)


def test_a_question_from_the_page_is_left_for_the_customer_to_send_to_a_person(chat: Chat) -> None:
    chat.ask_for_a_person()
    chat.page.locator(".card[data-sku=RL-300] .ask").click()
    expect(chat.part("input")).to_have_value("Tell me about the Rill 300.")
    expect(chat.messages("customer")).to_have_count(0)


def test_on_a_phone_the_page_fits_and_the_chat_is_the_screen(profile: Profile, stack: Stack) -> None:
    phone = profile(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    chat = Chat(phone.new_page(), stack.url)
    expect(chat.page.locator(".card[data-sku]")).to_have_count(14)
    assert chat.page.evaluate("document.documentElement.scrollWidth") == 390
    chat.open()
    expect(chat.part("panel")).to_have_attribute("aria-modal", "true")
    assert chat.part("panel").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}


def test_a_click_while_the_chat_is_still_loading_is_answered_when_it_is_there(
    profile: Profile, stack: Stack
) -> None:
    page = profile().new_page()
    held: list[Route] = []
    page.route("**/api/v1/widget", lambda route: held.append(route))
    with page.expect_request("**/api/v1/widget"):
        page.goto(stack.url)
    page.locator(".card[data-sku=CR-1] .ask").click()
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(page.locator("[data-testid=message][data-from=customer]")).to_contain_text(
        "Tell me about the Crema One."
    )
