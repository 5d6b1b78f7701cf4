"""A topic that the shop made itself is answered, offered and remembered like those that the bot came with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from actions import knowledge
from actions.base import action_for, all_actions, answers
from actions.clarify import Clarify
from actions.own_topic import OwnTopicAction
from actions.turn import Mention, Turn
from steward.catalogue import BUILT_IN_TOPICS
from steward.project import Author, Project
from steward.project import operations as wishes
from tests.support.project import a_project

DOGS = wishes.CreateTopic("dogs", "Dogs in the shop", ["may my poodle come along"], "Dogs are welcome.")
WRAP = wishes.CreateTopic(
    "gift_wrap",
    "Gift wrapping",
    ["can you gift wrap it for me"],
    "The {product}: {answer}",
    product_needed=True,
    answers={"RL-300": "it comes in paper.", "RL-500": "it comes in a crate."},
)
HEAT = wishes.CreateTopic(
    "frost",
    "Frost",
    ["may it stand in the frost"],
    "No frost for the {product}, please.",
    product_needed=True,
)


def _forget() -> None:
    knowledge.live.cache_clear()
    knowledge.words.cache_clear()


@pytest.fixture(scope="module")
def _own_topics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A shop with three topics of its own, in place of the one that ships."""
    root = a_project(tmp_path_factory.mktemp("own"))
    project = Project(root)
    project.apply(project.plan([DOGS, WRAP, HEAT]), Author("Olga", "olga@example.org"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STEWARD_ROOT", str(root))
        _forget()
        yield
    _forget()


pytestmark = pytest.mark.usefixtures("_own_topics")


def _rill(sku: str) -> Mention:
    return Mention("rill", "product", (sku,))


def test_a_topic_of_the_shop_says_its_response() -> None:
    (reply,) = action_for("dogs").outcome(Turn(text="dogs?", intent="dogs")).replies
    assert (reply.response, reply.act, reply.topic) == ("utter_dogs", "answer", "dogs")
    assert reply.sources == ("domain:utter_dogs",)


def test_a_topic_about_a_product_says_the_products_own_fact() -> None:
    turn = Turn(text="wrap the rill", intent="gift_wrap", mentions=(_rill("RL-300"),))
    (reply,) = action_for("gift_wrap").outcome(turn).replies
    assert reply.values == {"product": "Rill 300", "answer": "it comes in paper."}
    assert (reply.skus, reply.sources) == (("RL-300",), ("catalogue:RL-300/gift_wrap",))


def test_without_a_fact_a_person_is_offered_rather_than_a_guess() -> None:
    (reply,) = action_for("gift_wrap").outcome(Turn(intent="gift_wrap", product="CR-1")).replies
    assert (reply.response, reply.act, reply.skus) == ("utter_missing_fact", "offer_human", ("CR-1",))


def test_a_response_that_asks_for_no_fact_is_said_of_every_product() -> None:
    (reply,) = action_for("frost").outcome(Turn(intent="frost", product="CR-1")).replies
    assert (reply.response, reply.act, reply.sources) == ("utter_frost", "answer", ("domain:utter_frost",))


def test_the_one_action_of_the_rules_answers_whichever_topic_was_read() -> None:
    action = OwnTopicAction()
    assert action.name() == "action_own_topic"
    for topic, response in (("dogs", "utter_dogs"), ("frost", "utter_frost")):
        turn = Turn(text="hm", intent=topic, product="CR-1")
        assert [reply.response for _, done in answers(action, turn) for reply in done.replies] == [response]


def test_a_topic_that_only_an_older_model_knows_is_asked_back_about() -> None:
    (reply,) = OwnTopicAction().outcome(Turn(text="may my cat come", intent="cats")).replies
    assert reply.act == "clarify"


def test_which_product_is_asked_and_the_answer_carries_on_with_the_topic() -> None:
    asked = action_for("gift_wrap").outcome(Turn(text="can you wrap it", intent="gift_wrap"))
    assert asked.asks_which_product
    turn = Turn(text="the rill 500", intent="inform", mentions=(_rill("RL-500"),), pending=asked.pending)
    (reply,) = action_for("inform").outcome(turn).replies
    assert (reply.topic, reply.skus, reply.act) == ("gift_wrap", ("RL-500",), "answer")


def test_another_product_afterwards_keeps_the_topic() -> None:
    turn = Turn(
        text="and the 500?", intent="inform", mentions=(_rill("RL-500"),), topic="gift_wrap", product="RL-300"
    )
    (reply,) = action_for("inform").outcome(turn).replies
    assert (reply.topic, reply.skus) == ("gift_wrap", ("RL-500",))


def test_it_is_one_of_several_questions_in_a_message() -> None:
    parts = (
        Turn(text="are dogs allowed", intent="dogs"),
        Turn(text="price of the rill", intent="price", mentions=(_rill("RL-300"),)),
        Turn(text="and wrapped", intent="gift_wrap"),
    )
    turn = Turn(text="all", intent="dogs", questions=parts)
    said = [reply.topic for _, done in answers(OwnTopicAction(), turn) for reply in done.replies]
    assert said == ["dogs", "price", "gift_wrap"]


def test_a_button_offers_it_by_its_title_when_the_bot_is_unsure() -> None:
    turn = Turn(text="hm", intent="nlu_fallback", readings=(("dogs", 0.4), ("price", 0.3)))
    (reply,) = Clarify().outcome(turn).replies
    assert [button["title"] for button in reply.buttons][:2] == ["Dogs in the shop", "What it costs"]
    assert reply.buttons[0]["payload"] == "/dogs"


def test_the_catalogue_knows_the_name_of_every_topic_that_the_bot_came_with() -> None:
    own = {"dogs", "gift_wrap", "frost", "own_topic"}
    assert set(all_actions()) - own - {"clarify"} == set(BUILT_IN_TOPICS)


def test_another_shop_does_not_know_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEWARD_ROOT", str(Path(__file__).resolve().parents[2]))
    _forget()
    try:
        assert "dogs" not in all_actions()
    finally:
        monkeypatch.undo()
        _forget()
