"""How many labels a minute the operators' inbox allows by keyboard.

    python bench/labelling.py http://127.0.0.1:8080 --home .steward

What is measured is what the page and the service take, not what a person needs to read. It runs against a
Steward that is up and that no shop depends on: customers ask what the bot does not know, and think nothing of
what it answers, through the public API; then each group of messages is decided in a browser as soon as the
page puts it in front, first by single keys, then by typing a topic's name. Every label is looked for at the
service afterwards.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import statistics
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

#: Each about something else, so that each makes a group of its own.
ASKED = (
    "can my dog ride on it",
    "do you gift wrap it for a birthday",
    "is there a bonus card for regular customers",
    "which wine goes with trout",
    "do you buy used machines from private people",
    "can I pay with my company's purchase order",
    "will there be a concert in your store",
    "who composed the melody it plays when it is done",
    "does the display speak Portuguese",
    "can I rent one for a wedding",
    "is the packaging made of recycled cardboard",
    "how do I become a reseller in Norway",
    "are your factories audited for child labour",
    "could a blind person operate the buttons",
    "my neighbour complains that it hums through the wall",
    "what is the meaning of the blinking snowflake",
    "do you sponsor junior football teams",
    "may I film an unboxing in your showroom",
    "does it interfere with a pacemaker",
    "how many watts on a camping generator",
    "can it run on a sailing boat",
    "is there a museum of vacuum cleaners",
    "do you have vacancies for electricians",
    "what does the hieroglyph on the plug mean",
    "can I trade in loyalty miles from an airline",
    "is the manual available as an audiobook",
    "does the smell of burnt milk go away",
    "which trees did you plant last year",
    "how do I cancel the newsletter",
    "who won the bicycle race yesterday",
    "can I have my initials engraved",
    "is it allowed to use it in a rented flat at night",
    "which insurance pays when my child breaks it",
    "do spiders get sucked in alive",
    "are teachers given a rebate",
    "can you call a taxi to your store for me",
    "what is the weather like at the lake",
    "does it cook rice for forty people",
    "is the enamel free of nickel",
    "how do I watch your advert with the singing otter",
    "can it be hung upside down from a beam",
    "will you open a branch in Lisbon",
    "where do I park a caravan near you",
    "can I tip the courier by card",
    "please write my daughter a poem about kettles",
    "what are your quarterly figures",
    "does it record what we say at dinner",
    "is the colour the same as a ripe plum",
    "how do I prove to customs that it is a present",
    "which screws hold in plasterboard ceilings",
    "do you lend ladders",
    "can two phones share one app login",
    "may seniors have somebody read the contract to them",
    "how do you treat people who return everything",
)
#: One after the other: the suggestion twice as often as anything else, as it is with people.
SINGLE_KEYS = ("Enter", "1", "2", "Enter", "o", "3", "x")
TYPED = ("warr", "price", "instal", "retur")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ("--no-sandbox", "--disable-gpu")
_DECIDED = ("labelled", "ignored")
_LOCAL = ("127.0.0.1", "localhost")

# Notes for each decision how long it took from its last key until the next group was painted. The window
# hears of a key before the page does, which may have the next group in place before anybody else hears of it.
_WATCH = """() => {
    const heading = document.querySelector("[data-testid=inbox-heading]");
    const times = (window.decided = []);
    let pressed = 0;
    window.addEventListener("keydown", () => (pressed = performance.now()), { capture: true });
    new MutationObserver(() => {
        const from = pressed;
        requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - from)));
    }).observe(heading, { childList: true });
}"""


@dataclass(frozen=True)
class Result:
    """One way of labelling: how many, in how many seconds, and the milliseconds from key to next group."""

    way: str
    labels: int
    seconds: float
    times: Sequence[float]

    @property
    def per_minute(self) -> float:
        """Labels in a minute."""
        return 60 * self.labels / self.seconds

    def row(self) -> str:
        """As a line of a Markdown table."""
        cuts = statistics.quantiles(self.times, n=20)
        return (
            f"| {self.way} | {self.labels} | {self.per_minute:.0f} | {cuts[9]:.0f} ms | {cuts[18]:.0f} ms |"
        )


def seed(url: str) -> None:
    """Customers who each ask one thing and give its answer a thumbs down."""
    for number, text in enumerate(ASKED):
        dislike(url, text, number)


def dislike(url: str, text: str, number: int) -> None:
    """One customer, who comes from an address of their own where that is possible."""
    local = urlsplit(url).hostname in _LOCAL and sys.platform == "linux"
    address = f"127.0.{1 + number // 250}.{1 + number % 250}" if local else None
    with httpx.Client(
        base_url=f"{url}/api/v1", timeout=40, transport=httpx.HTTPTransport(local_address=address)
    ) as http:
        opened = http.post("/conversations", json={}).raise_for_status().json()
        http.headers["Authorization"] = f"Bearer {opened['token']}"
        here = f"/conversations/{opened['id']}"
        key = {"Idempotency-Key": uuid.uuid4().hex}
        said = http.post(f"{here}/messages", json={"text": text}, headers=key).raise_for_status().json()
        params = {"after": said["seq"], "wait": 30}
        answers = http.get(f"{here}/messages", params=params).raise_for_status().json()["messages"]
        said_by_bot = [answer["seq"] for answer in answers if answer["from"] == "bot"]
        if said_by_bot:
            rating = {"seq": said_by_bot[-1], "value": "down"}
            http.post(f"{here}/feedback", json=rating).raise_for_status()


def signed_in(browser: Browser, url: str, email: str, password: str) -> Page:
    """The inbox, with its first group in front."""
    page = browser.new_page(viewport={"width": 1366, "height": 800})
    page.goto(f"{url}/desk")
    page.get_by_test_id("sign-in-email").fill(email)
    page.get_by_test_id("sign-in-password").fill(password)
    page.get_by_test_id("sign-in-submit").click()
    page.locator(".desk").wait_for()
    page.goto(f"{url}/desk#/improve")
    page.get_by_test_id("inbox-heading").wait_for()
    page.evaluate(_WATCH)
    return page


def label(page: Page, way: str, count: int, strokes: Iterator[Sequence[str]]) -> Result:
    """Decide about so many groups, each as soon as it is in front."""
    page.evaluate("window.decided.length = 0")
    began = time.monotonic()
    for done, keys in enumerate(itertools.islice(strokes, count), start=1):
        for key in keys:
            page.keyboard.press(key)
        page.wait_for_function("count => window.decided.length >= count", arg=done, polling=1)
    seconds = time.monotonic() - began
    page.locator("[data-testid=improve-inbox][data-saving='0']").wait_for()
    return Result(way, count, seconds, page.evaluate("window.decided"))


def groups(page: Page, url: str, *states: str) -> list[dict[str, Any]]:
    """What the service has in these lists: of what is decided, a group is one label."""
    found: list[dict[str, Any]] = []
    for state in states:
        after: str | None = ""
        while after is not None:
            query = urlencode({"state": state, **({"after": after} if after else {})})
            listing = page.request.get(f"{url}/api/v1/desk/inbox?{query}").json()
            found += listing["groups"]
            after = listing["next"]
    return found


def measure(url: str, email: str, password: str) -> list[Result]:
    """Label two thirds by single keys and the rest by typing; exits when a label was lost."""
    executable = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if executable is None:
        sys.exit(f"A browser is needed: one of {', '.join(_BROWSERS)}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(_ARGUMENTS))
        page = signed_in(browser, url, email, password)
        # The last group leaves nothing behind it that could come in front.
        count = len(groups(page, url, "open")) - 1
        before = len(groups(page, url, *_DECIDED))
        by_key = ([key] for key in itertools.cycle(SINGLE_KEYS))
        typed = (["t", *name, "Enter"] for name in itertools.cycle(TYPED))
        results = [
            label(page, "one key", count * 2 // 3, by_key),
            label(page, "`t`, a few letters, Enter", count - count * 2 // 3, typed),
        ]
        stored = len(groups(page, url, *_DECIDED)) - before
        browser.close()
    if stored != count:
        sys.exit(f"{stored} labels are stored of {count}.")
    return results


def main() -> None:
    """Read the options, seed, measure, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", help="where the Steward answers")
    parser.add_argument("--home", type=Path, required=True, help="its data folder, for the sign-in")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    options = parser.parse_args()

    url = options.url.rstrip("/")
    email, password = (options.home / "sign-in").read_text(encoding="utf-8").split()
    print(f"{len(ASKED)} customers ask and are not content", file=sys.stderr, flush=True)
    seed(url)
    results = measure(url, email, password)
    print("| by | labels | a minute | key to next group, half within | 95 % within |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for result in results:
        print(result.row())
    if options.json:
        numbers = [{**result.__dict__, "per_minute": result.per_minute} for result in results]
        options.json.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
