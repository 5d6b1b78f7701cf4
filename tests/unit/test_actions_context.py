"""What a message means after what was said before it."""

from __future__ import annotations

import pytest

from actions.base import action_for, answers
from actions.context import in_context, last_topic
from actions.turn import Mention, Turn

UNSURE = "nlu_fallback"


def named(text: str, *skus: str, kind: str = "product") -> Mention:
    """A name right at the end of a text, a question mark aside."""
    return Mention(text.rstrip("?").split()[-1], kind, skus, end=len(text.rstrip("?")))


def read(text: str, intent: str, confidence: float = 0.5, *mentions: Mention, **memory) -> str:
    return in_context(
        Turn(text=text, intent=intent, confidence=confidence, mentions=mentions, **memory)
    ).intent


@pytest.mark.parametrize(
    "text",
    [
        "what about the 300?",
        "and for the 300",
        "ok, and the 300?",
        "too big for our place. and the 300?",
        "no, I meant the 300",
        "same again for the 300",
    ],
)
def test_a_message_that_only_names_another_product_keeps_the_topic(text: str) -> None:
    name = named(text, "RL-300")
    assert read(text, UNSURE, 0.4, name, topic="price", product="RL-500") == "inform"


@pytest.mark.parametrize(
    ("text", "intent", "confidence"),
    [
        ("how loud is the 300", "product", 0.9),
        ("can it be fitted by me? and the 300", "installation", 0.6),
        ("it drips all day. and the 300", "troubleshooting", 0.95),
    ],
)
def test_a_message_with_a_question_of_its_own_keeps_its_reading(
    text: str, intent: str, confidence: float
) -> None:
    name = named(text, "RL-300")
    assert read(text, intent, confidence, name, topic="price", product="RL-500") == intent


def test_a_bare_name_after_nothing_is_left_as_it_was_read() -> None:
    assert read("and the 300", "product", 0.6, named("and the 300", "RL-300")) == "product"


@pytest.mark.parametrize(
    "text", ["what do you charge", "how much would that cost", "and what is the price for that"]
)
def test_what_that_costs_is_asked_of_the_service_just_spoken_of(text: str) -> None:
    assert read(text, "price", 0.99, topic="installation", product="EM-200") == "installation"


@pytest.mark.parametrize(
    "text", ["how much is it", "what does the thing cost to buy", "what do you charge for a spare hose"]
)
def test_the_price_of_the_product_stays_its_price(text: str) -> None:
    assert read(text, "price", 0.99, topic="installation", product="EM-200") == "price"


def test_what_that_costs_after_a_question_about_no_service_is_the_price() -> None:
    assert read("how much would that cost", "price", 0.99, topic="usage", product="EM-200") == "price"


def test_who_pays_for_that_belongs_to_the_return_just_spoken_of() -> None:
    told = {"kind": "told", "topic": "returns"}
    assert read("do i have to pay the shipping of that", "delivery", 0.7, pending=told) == "returns"
    assert read("what does delivery of that cost", "delivery", 0.7, pending=told) == "delivery"


def test_the_last_topic_may_be_one_of_the_shop() -> None:
    told = {"kind": "told", "topic": "returns"}
    assert last_topic(Turn(topic="price", pending=told)) == "returns"
    assert last_topic(Turn(topic="price")) == "price"


def test_an_answer_about_the_shop_remembers_what_it_was_and_the_product_named() -> None:
    trimmer = named("send back my trimmer", "TR-18")
    outcome = action_for("returns").outcome(Turn(text="send back my trimmer", mentions=(trimmer,)))
    assert (outcome.product, outcome.pending) == ("TR-18", {"kind": "told", "topic": "returns"})


def test_an_unsure_reading_is_taken_where_the_facts_speak_of_what_was_said() -> None:
    text = "the battery, which bin"
    readings = (("disposal", 0.5), ("delivery", 0.3))
    assert read(text, UNSURE, 0.5, product="TR-18", readings=readings) == "disposal"


def test_an_unsure_reading_stays_unsure_where_the_facts_say_nothing_of_it() -> None:
    readings = (("disposal", 0.5), ("delivery", 0.3))
    assert read("qwerty uiop", UNSURE, 0.5, product="TR-18", readings=readings) == UNSURE


def test_an_unsure_reading_stays_unsure_without_a_product() -> None:
    readings = (("disposal", 0.5), ("delivery", 0.3))
    assert read("the battery, which bin", UNSURE, 0.5, readings=readings) == UNSURE


def test_a_rival_for_which_the_facts_speak_too_leaves_it_unsure() -> None:
    readings = (("disposal", 0.45), ("maintenance", 0.4))
    assert read("the battery", UNSURE, 0.45, product="TR-18", readings=readings) == UNSURE


def test_a_fragment_goes_on_with_the_topic_whose_facts_speak_of_it() -> None:
    readings = (("product", 0.45), ("disposal", 0.02))
    fragment = "and the packaging round it?"
    assert read(fragment, UNSURE, 0.45, topic="disposal", product="SP-45", readings=readings) == "disposal"


@pytest.mark.parametrize("intent", [UNSURE, "deny"])
def test_a_detail_put_right_stays_with_the_topic(intent: str) -> None:
    text = "no, not the green one, the red one"
    assert read(text, intent, 0.6, topic="troubleshooting", product="CL-5") == "troubleshooting"


@pytest.mark.parametrize("text", ["no", "no thanks", "no, not now", "no. bye"])
def test_a_plain_no_stays_a_no(text: str) -> None:
    assert read(text, "deny", 0.9, topic="troubleshooting", product="CL-5") == "deny"


def test_a_short_question_that_needs_a_product_nobody_named_is_the_shops_just_spoken_of() -> None:
    told = {"kind": "told", "topic": "delivery"}
    assert read("and how many days is it", "installation", 0.66, pending=told) == "delivery"
    later = read("and how many days is it", "installation", 0.66, pending=told, product="CR-1")
    assert later == "installation"


def test_several_questions_are_left_to_themselves() -> None:
    turn = Turn(text="and the 300", intent="price", topic="usage", questions=(Turn(text="a"), Turn(text="b")))
    assert in_context(turn) is turn


def test_a_turn_read_anew_is_answered_by_its_own_action() -> None:
    text = "and the 300?"
    turn = Turn(
        text=text,
        intent=UNSURE,
        mentions=(named(text, "RL-300"),),
        topic="price",
        product="RL-500",
    )
    ((_, outcome),) = answers(action_for("clarify"), turn)
    assert [(reply.topic, reply.act, reply.skus) for reply in outcome.replies] == [
        ("price", "answer", ("RL-300",))
    ]
