"""Why a message belongs in the operators' inbox."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from steward.desk.improve.reasons import (
    REPHRASED_WITHIN,
    SOON,
    Finding,
    chosen,
    findings,
    given_up,
    is_rephrased,
    teaches,
    with_why,
    without_why,
)
from steward.desk.improve.turns import Turn, Understood, understood_of

PRICE = "how much is the tap"


def vector(meaning: int) -> bytes:
    return np.random.default_rng(meaning).integers(-127, 128, 384).astype(np.int8).tobytes()


def turn(text: str = PRICE, seq: int = 1, act: str | None = "answer", **more: Any) -> Turn:
    intent, meaning = more.pop("intent", "price"), more.pop("meaning", 1)
    read = Understood(intent, 0.9, 0.6, ((intent, 0.9),), vector=vector(meaning)) if intent else Understood()
    values = {"topic": intent, **more}
    return Turn(f"t{seq}", "c", seq, 1000 * seq, text, understood=read, act=act, **values)


def test_a_plain_answer_is_nobodys_business() -> None:
    assert findings(turn(), None) == []
    assert findings(turn("when are you open", 3, intent="hours", meaning=2), turn()) == []


def test_a_question_back_says_that_the_bot_was_unsure() -> None:
    assert findings(turn(act="clarify"), None) == [Finding(1, "unsure")]
    again = turn(act="offer_human", intent="out_of_scope")
    assert findings(again, None) == [Finding(1, "unsure")]
    assert findings(turn(act="offer_human", intent=None, topic=None), None) == [Finding(1, "unsure")]


def test_a_person_offered_for_want_of_a_fact_is_no_answer() -> None:
    assert findings(turn(act="offer_human"), None) == [Finding(1, "no_answer")]


def test_a_handover_tells_about_the_message_that_led_to_it() -> None:
    assert findings(turn(act="handoff", reason="low_confidence"), None) == [
        Finding(1, "handed_over", "low_confidence")
    ]
    danger = turn("it smells of gas", 3, act="safety", intent="safety", meaning=4, reason="safety")
    assert findings(danger, turn()) == [Finding(3, "handed_over", "safety")]


@pytest.mark.parametrize("before", [turn(), turn(act="clarify"), turn(act="ask_which_product")])
def test_who_asks_for_a_person_gave_up_on_the_question_before(before: Turn) -> None:
    asks = turn("a person please", 3, act="handoff", intent="human", meaning=9, reason="customer_asked")
    assert findings(asks, before)[-1] == Finding(1, "handed_over", "customer_asked")


@pytest.mark.parametrize(
    "before",
    [
        None,
        turn("hello", act="smalltalk", intent="greet"),
        turn("a human", act="handoff", intent="human", reason="customer_asked"),
        replace(turn(), at=3000 - SOON - 1),
    ],
)
def test_with_no_question_before_it_the_wish_for_a_person_stands_for_itself(before: Turn | None) -> None:
    asks = turn("a person please", 3, act="handoff", intent="human", meaning=9, reason="customer_asked")
    assert findings(asks, before) == [Finding(3, "handed_over", "customer_asked")]


def test_a_failed_bot_is_a_fault_and_not_a_handover() -> None:
    failed = turn(act=None, intent=None, topic=None, reason="bot_error")
    assert findings(failed, None) == [Finding(1, "bot_error", "bot_error")]


def test_a_complaint_is_about_the_answer_before_it() -> None:
    complains = turn("this is useless", 3, act="offer_human", intent="complaint", meaning=5)
    assert findings(complains, turn()) == [Finding(1, "complaint")]
    assert findings(complains, turn(act="clarify")) == []
    assert findings(complains, replace(turn(), at=3000 - SOON - 1)) == []


@pytest.mark.parametrize(
    "again",
    [
        turn(PRICE, 3),
        turn("How much is the tap??", 3, meaning=2),
        turn("how mutch is teh tap", 3, meaning=2),
        turn("what does this thing cost", 3),
    ],
)
def test_asking_the_same_again_after_an_answer_is_a_rephrase(again: Turn) -> None:
    assert findings(again, turn()) == [Finding(1, "rephrased")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (turn(skus=("RL-300",)), turn("how much is the crema", 3, skus=("CR-1",))),
        (turn("do you deliver to France"), turn("do you deliver to Spain", 3)),
        (turn("does it fit a 60 cm cupboard"), turn("does it fit a 45 cm cupboard", 3)),
        (turn(act="clarify"), turn(PRICE, 3)),
        (turn(act="ask_which_product"), turn(PRICE, 3)),
        (turn(act="smalltalk"), turn(PRICE, 3)),
        (replace(turn(), at=3000 - REPHRASED_WITHIN - 1), turn(PRICE, 3)),
        (turn("???", meaning=3), turn("!!", 3, meaning=4)),
    ],
)
def test_another_question_is_no_rephrase(before: Turn, after: Turn) -> None:
    assert not is_rephrased(before, after)


def test_the_button_that_a_customer_presses_when_asked_back_tells_what_was_meant() -> None:
    pressed = turn("Delivery", 3, intent=None, topic="delivery", pressed=True)
    assert chosen(turn(act="clarify"), pressed) == "delivery"
    assert chosen(turn(), pressed) is None
    assert chosen(turn(act="clarify"), turn("delivery", 3, intent="delivery")) is None
    assert chosen(turn(act="clarify"), replace(pressed, topic="human")) is None


def test_what_is_handed_over_on_purpose_teaches_nothing() -> None:
    for reason in ("order_status", "safety"):
        assert not teaches(turn(act="handoff", reason=reason, whys=("handed_over",)))
        assert teaches(turn(act="handoff", reason=reason, whys=("handed_over", "marked")))
    wish = turn("a person", act="handoff", intent="human", reason="customer_asked", whys=("handed_over",))
    assert not teaches(wish)
    assert teaches(turn(act="answer", reason="customer_asked", whys=("handed_over",)))
    assert teaches(turn(act="clarify", whys=("unsure",)))


def test_the_window_s_own_button_gives_up_on_what_was_asked_last() -> None:
    assert given_up(turn(), 2000) == [Finding(1, "handed_over", "customer_asked")]
    assert given_up(turn(), 1000 + SOON + 1) == []


def test_a_reason_is_kept_once_and_the_first_cause_of_a_handover_stays() -> None:
    once = with_why(turn(), Finding(1, "handed_over", "low_confidence"))
    twice = with_why(with_why(once, Finding(1, "handed_over", "customer_asked")), Finding(1, "thumbs_down"))
    assert (twice.whys, twice.reason) == (("handed_over", "thumbs_down"), "low_confidence")
    assert without_why(twice, "handed_over").whys == ("thumbs_down",)


def test_what_the_bot_did_not_tell_is_empty() -> None:
    assert understood_of(None) == Understood()
    assert understood_of({"confidence": float("nan"), "ranking": 3, "vector": "AAAA"}) == Understood()
    assert understood_of({"ranking": [["a", 0.5]] * 9}).ranking == (("a", 0.5),) * 5


def test_a_message_that_was_not_understood_is_filed_under_the_likeliest_topic() -> None:
    read = Understood("nlu_fallback", 0.3, 0.6, (("delivery", 0.3), ("price", 0.2)))
    assert replace(turn(act="clarify", topic=None), understood=read).about == "delivery"
    assert replace(turn(topic="warranty"), understood=read).about == "warranty"
