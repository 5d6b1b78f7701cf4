"""What the actions say and remember, without a server."""

from __future__ import annotations

import pytest

from actions.base import action_for, answers
from actions.clarify import Clarify, OutOfScope
from actions.human import Complaint, Human, OrderStatus, OtherLanguage
from actions.inform import Affirm, Deny, Inform
from actions.knowledge import catalogue
from actions.reply import custom
from actions.safety import Safety
from actions.turn import Mention, Turn
from steward.catalogue import GUIDE_TOPICS

PRODUCT_TOPICS = ("price", "availability", "product", *GUIDE_TOPICS)


@pytest.mark.parametrize("topic", PRODUCT_TOPICS)
@pytest.mark.parametrize("sku", catalogue().products)
def test_every_topic_answers_for_every_product_with_a_source(topic: str, sku: str) -> None:
    (reply,) = action_for(topic).outcome(Turn(product=sku)).replies
    assert (reply.act, reply.topic, reply.skus) == ("answer", topic, (sku,))
    assert reply.sources == (f"catalogue:{sku}/{topic}",)


@pytest.mark.parametrize("topic", ["delivery", "returns", "ordering", "hours"])
def test_every_topic_of_the_shop_answers_with_a_source(topic: str) -> None:
    (reply,) = action_for(topic).outcome(Turn(text="hello")).replies
    assert (reply.act, reply.sources) == ("answer", (f"shop:{topic}",))


def test_two_products_in_a_question_get_an_answer_each() -> None:
    both = (Mention("rill 300", "product", ("RL-300",)), Mention("crema", "product", ("CR-1",)))
    replies = action_for("price").outcome(Turn(text="rill 300 and crema", mentions=both)).replies
    assert [reply.skus for reply in replies] == [("RL-300",), ("CR-1",)]


def _replies(turn: Turn) -> list[tuple[str | None, str, tuple[str, ...]]]:
    said = [reply for _, outcome in answers(action_for(turn.intent), turn) for reply in outcome.replies]
    return [(reply.topic, reply.act, reply.skus) for reply in said]


def test_two_questions_in_a_message_are_answered_in_order_about_the_same_product() -> None:
    rill = Mention("rill 300", "product", ("RL-300",))
    parts = (
        Turn(text="price of the rill 300", intent="price", mentions=(rill,)),
        Turn(text="warranty", intent="warranty"),
    )
    assert _replies(Turn(text="both", intent="price", questions=parts)) == [
        ("price", "answer", ("RL-300",)),
        ("warranty", "answer", ("RL-300",)),
    ]


def test_a_second_question_waits_with_the_first_for_the_product() -> None:
    parts = (
        Turn(text="what is the price", intent="price"),
        Turn(text="who may fit it", intent="installation"),
    )
    turn = Turn(text="both", intent="price", questions=parts)
    (asked,) = [outcome for _, outcome in answers(action_for("price"), turn)]
    assert asked.asks_which_product
    rill = Mention("rill 300", "product", ("RL-300",))
    assert _replies(Turn(text="rill 300", intent="inform", mentions=(rill,), pending=asked.pending)) == [
        ("price", "answer", ("RL-300",)),
        ("installation", "answer", ("RL-300",)),
    ]


def test_a_question_that_waited_is_dropped_when_the_customer_asks_something_else() -> None:
    pending = {
        "kind": "which_product",
        "topic": "price",
        "then": [{"intent": "warranty", "text": "warranty"}],
    }
    assert _replies(Turn(text="when are you open", intent="hours", pending=pending)) == [
        ("hours", "answer", ())
    ]


def test_a_question_about_one_aspect_gets_that_aspect() -> None:
    outcome = action_for("installation").outcome(Turn(text="who may fit the zephyr pro", product="ZP-PRO"))
    assert "technician" in outcome.replies[0].values["answer"]


def test_the_question_is_kept_while_the_product_is_asked_for() -> None:
    turn = Turn(text="who may fit it")
    waiting = action_for("installation").outcome(turn).pending
    later = Turn(
        text="zephyr pro", mentions=(Mention("zephyr pro", "product", ("ZP-PRO",)),), pending=waiting
    )
    answered = Inform().outcome(later).replies[0]
    direct = action_for("installation").outcome(Turn(text="who may fit it", product="ZP-PRO")).replies[0]
    assert answered.values == direct.values


def test_a_category_button_leads_to_its_products() -> None:
    outcome = action_for("price").outcome(Turn(category="dishwasher"))
    assert [button["payload"] for button in outcome.replies[0].buttons] == [
        '/price{"product": "SP-45"}',
        '/price{"product": "SP-60"}',
    ]


def test_a_comparison_with_one_product_asks_for_the_second_and_keeps_the_first() -> None:
    crema = Mention("crema", "product", ("CR-1",))
    asked = action_for("comparison").outcome(Turn(text="compare the crema", mentions=(crema,)))
    assert asked.replies[0].act == "ask_which_product"
    rill = Mention("rill 300", "product", ("RL-300",))
    answered = Inform().outcome(Turn(text="rill 300", mentions=(rill,), pending=asked.pending))
    assert answered.replies[0].skus == ("CR-1", "RL-300")


def test_not_sure_asks_with_the_likeliest_readings_and_a_person_last() -> None:
    readings = (("price", 0.4), ("warranty", 0.3), ("greet", 0.2), ("usage", 0.01))
    outcome = Clarify().outcome(Turn(text="hm", readings=readings, product="RL-300"))
    payloads = [button["payload"] for button in outcome.replies[0].buttons]
    assert payloads == ['/price{"product": "RL-300"}', '/warranty{"product": "RL-300"}', "/human"]


@pytest.mark.parametrize("before", ["clarify", "out_of_scope"])
def test_not_sure_again_hands_over(before: str) -> None:
    outcome = Clarify().outcome(Turn(text="hm", pending={"kind": before}))
    assert outcome.replies[0].handoff == "low_confidence"


def test_an_answer_between_two_misunderstandings_starts_over() -> None:
    outcome = Clarify().outcome(
        Turn(text="hm", pending=action_for("price").outcome(Turn(product="TP-1")).pending)
    )
    assert outcome.replies[0].act == "clarify"


def test_a_short_correction_is_understood_even_when_the_model_is_not_sure() -> None:
    turn = Turn(text="no, the 500", product="RL-300", discussed=("RL-300",), topic="price")
    assert [(reply.topic, reply.skus) for reply in Clarify().outcome(turn).replies] == [
        ("price", ("RL-500",))
    ]


def test_a_specification_of_a_kind_is_told_for_each_of_them() -> None:
    dishwashers = Mention("dishwasher", "category", ("SP-45", "SP-60"))
    reply = (
        action_for("product")
        .outcome(Turn(text="how loud is the dishwasher", mentions=(dishwashers,)))
        .replies[0]
    )
    assert (reply.act, reply.skus) == ("answer", ("SP-45", "SP-60"))
    assert all(name in reply.values["list"] for name in ("Splash 45: Noise", "Splash 60: Noise"))


def test_out_of_scope_twice_offers_a_person() -> None:
    first = OutOfScope().outcome(Turn(text="weather"))
    second = OutOfScope().outcome(Turn(text="football", pending=first.pending))
    assert (first.replies[0].act, second.replies[0].act) == ("clarify", "offer_human")


def test_yes_to_the_offer_hands_over_for_the_reason_it_was_made() -> None:
    offered = Complaint().outcome(Turn(text="awful"))
    assert Affirm().outcome(Turn(text="yes", pending=offered.pending)).replies[0].handoff == "complaint"


def test_no_to_the_offer_stays_with_the_bot() -> None:
    offered = Complaint().outcome(Turn(text="awful"))
    outcome = Deny().outcome(Turn(text="no", pending=offered.pending))
    assert outcome.replies[0].act == "smalltalk"
    assert not outcome.pending


def test_complaining_again_hands_over() -> None:
    offered = Complaint().outcome(Turn(text="awful"))
    assert Complaint().outcome(Turn(text="worse", pending=offered.pending)).replies[0].handoff == "complaint"


@pytest.mark.parametrize(("action", "reason"), [(Human(), "customer_asked"), (OrderStatus(), "order_status")])
def test_some_topics_hand_over_at_once(action, reason: str) -> None:
    assert action.outcome(Turn(text="now")).replies[0].handoff == reason


@pytest.mark.parametrize("hazard", [*Safety.hazards, None, "unheard of"])
def test_a_hazard_has_an_instruction_and_a_person(hazard: str | None) -> None:
    reply = Safety().outcome(Turn(text="help", hazard=hazard)).replies[0]
    expected = hazard if hazard in Safety.hazards else "any"
    assert (reply.response, reply.handoff) == (f"utter_safety_{expected}", "safety")


@pytest.mark.parametrize(
    ("code", "response"), [("de", "utter_other_language_de"), ("fi", "utter_other_language_any")]
)
def test_a_language_without_words_of_its_own_is_answered_in_english(code: str, response: str) -> None:
    assert OtherLanguage().outcome(Turn(text="...", language=code)).replies[0].response == response


def test_a_handoff_tells_the_agent_what_was_read_and_asked() -> None:
    turn = Turn(
        text="hm",
        confidence=0.31,
        readings=(("price", 0.31), ("usage", 0.2)),
        discussed=("RL-300",),
        topic="warranty",
        pending={"kind": "clarify"},
        asked=("how long is the warranty", "hm"),
    )
    handoff = custom(Clarify().outcome(turn).replies[0], turn)["handoff"]
    assert handoff["reason"] == "low_confidence"
    assert handoff["evidence"]["asked"] == ["how long is the warranty", "hm"]
    assert handoff["evidence"]["readings"] == [["price", 0.31], ["usage", 0.2]]
    assert handoff["evidence"]["skus"] == ["RL-300"]
    assert "hm" in handoff["summary"]
