"""The report on a model, as a browser shows it: readable by all, in both colour schemes, on any screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steward.training import compare, heldout, report
from steward.training.gate import Evidence, decide
from steward.training.heldout import Example
from steward.training.judge import Judgement, TurnVerdict, Verdict
from steward.training.registry import ModelRecord
from tests.browser.conftest import Profile
from tests.browser.test_accessibility import accessible

TOPICS = ("price", "delivery", "order_status", "troubleshooting")
TOLD = {
    "topics": 4,
    "threshold": 0.6,
    "answered": 0.8,
    "answered_wrongly": 0.05,
    "accepted_error_rate": 0.05,
    "unlike": 0.75,
    "calibration_error": 0.02,
}


def readings(wrong: int) -> list[Example]:
    """Four topics' examples, of which every so-manieth is misread."""
    return [
        Example(
            f"a rather long message of a customer, number {place}, who wants to know something",
            TOPICS[place % 4],
            TOPICS[(place + (place % wrong == 0)) % 4],
            0.3 + (place * 7 % 100) / 150,
        )
        for place in range(400)
    ]


def talk(name: str, wrong: str) -> Verdict:
    turns = (
        TurnVerdict("how much is the rill 300", ("price",), ("RL-300",), ("answer",), "It costs €249.", ""),
        TurnVerdict("and to my door", ("price",), (), ("answer",), "It costs €249.\nIn stock.", wrong),
    )
    return Verdict(name, "shop", name, name == "gas", False, turns)


def a_report(broken: bool) -> str:
    now = (talk("delivery to the door", "was taken for price" if broken else ""), talk("gas", ""))
    before = (talk("delivery to the door", ""), talk("gas", "asked back"))
    judgement = Judgement(now, 40, ("sparks fly",) if broken else (), 20.0)
    examples, earlier = readings(9), readings(7)
    figures = heldout.figures(examples, TOLD)
    evidence = Evidence(
        figures,
        judgement,
        compare.conversations(judgement, Judgement(before, 40, (), 20.0)),
        heldout.figures(earlier, TOLD),
        compare.compare(examples, earlier),
    )
    record = ModelRecord("0123456789ab", "f" * 64, "made-of", "abc123", 1_795_309_154_496, "Robin", 34.0)
    record = replace(record, figures=figures, gate=decide(evidence))
    return report.page(record, evidence, examples, replace(record, id="ba9876543210"), earlier)


@pytest.mark.parametrize("broken", [True, False], ids=["refused", "passed"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(profile: Profile, scheme: str, broken: bool) -> None:
    page = profile(color_scheme=scheme).new_page()
    page.set_content(a_report(broken))

    accessible(page)


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_it_fits_every_screen(profile: Profile, width: int) -> None:
    page = profile(viewport={"width": width, "height": 900}).new_page()
    page.set_content(a_report(True))

    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_conversation_is_unfolded_without_any_script(profile: Profile) -> None:
    page = profile(java_script_enabled=False).new_page()
    page.set_content(a_report(False))
    words = page.get_by_text("how much is the rill 300")
    assert not words.first.is_visible()

    page.get_by_text("delivery to the door").last.click()

    assert words.first.is_visible() or words.nth(1).is_visible()
