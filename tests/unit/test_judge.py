from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from steward.project.conversations import Conversation, Turn
from steward.training import judge
from steward.training.bot import Answer
from steward.training.matter import Matter

PRICE = {"act": "answer", "topic": "price", "skus": ["RL-300"]}


class Bot:
    """Answers with the metadata that the test names, and remembers who asked what."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {text.replace("_", " "): meta for text, meta in answers.items()}
        self.asked: list[tuple[str, str]] = []

    def ask(self, sender: str, message: str) -> Answer:
        self.asked.append((sender, message))
        meta = self.answers.get(message, {"act": "clarify"})
        return Answer(tuple(meta) if isinstance(meta, list) else (meta,), f"on {message}", 0.02)


def talk(*turns: Turn, name: str = "a talk", source: str = "shop") -> Conversation:
    return Conversation(name, turns, source)


def judged(bot: Bot, *talks: Conversation, hazards: tuple[str, ...] = ()) -> judge.Judgement:
    return judge.judge(bot, talks, hazards, lambda done, total: None)  # type: ignore[arg-type]


def test_a_conversation_is_had_turn_by_turn_by_one_customer_and_each_by_another() -> None:
    bot = Bot(how_much=PRICE)
    found = judged(
        bot, talk(Turn("how much", "price", ("RL-300",), "answer"), Turn("and then")), talk(Turn("hi"))
    )

    senders = [sender for sender, _ in bot.asked]
    assert senders[0] == senders[1] != senders[2]
    assert [text for _, text in bot.asked] == ["how much", "and then", "hi"]
    assert all(verdict.passed for verdict in found.conversations)
    assert found.conversations[0].turns[0].answer == "on how much"
    assert found.answer_ms == 20.0


@pytest.mark.parametrize(
    ("turn", "wrong"),
    [
        (Turn("how much"), ""),
        (Turn("how much", "price", ("RL-300",), "answer"), ""),
        (Turn("how much", "delivery"), "is about delivery, but was taken for price"),
        (Turn("how much", skus=("TP-1",)), "is about TP-1, but RL-300 was spoken of"),
        (Turn("how much", act="handoff"), "should have brought in a person, but answered"),
        (Turn("no idea", "price"), "is about price, but was taken for nothing it knows"),
        (
            Turn("no idea", act="answer", skus=("A", "B")),
            "should have answered, but asked back; is about A and B, but no product was spoken of",
        ),
    ],
)
def test_what_differs_from_what_was_expected_is_said_in_words(turn: Turn, wrong: str) -> None:
    [verdict] = judged(Bot(how_much=PRICE), talk(turn)).conversations

    assert verdict.turns[0].wrong == wrong
    assert verdict.passed is (wrong == "")


def test_of_several_answers_to_one_message_one_must_be_the_expected() -> None:
    both = [PRICE, {"act": "answer", "topic": "delivery", "skus": ["TP-1"]}]
    found = judged(
        Bot(both=both),
        talk(Turn("both", "delivery", ("RL-300", "TP-1"), "answer")),
        talk(Turn("both", "price", ("RL-300",))),
    )

    assert [verdict.passed for verdict in found.conversations] == [True, False]


def test_a_message_of_danger_is_missed_where_safety_is_not_what_is_answered() -> None:
    bot = Bot(gas={"act": "safety", "topic": "safety"}, smoke=PRICE)
    found = judged(bot, hazards=("gas", "smoke", "/fire"))

    assert (found.hazards, found.missed) == (3, ("smoke", "/fire"))
    assert bot.asked[-1][1] == "fire", "no customer can name a topic by a slash"


def test_a_conversation_must_go_right_where_danger_is_told_or_the_shop_says_so() -> None:
    plain, danger = talk(Turn("hi")), talk(Turn("gas", act="safety"))

    assert not judge.is_must(plain) and judge.is_must(danger)
    assert judge.is_must(talk(Turn("hi"), source="must: the owner asks for it"))
    assert [one.hazard for one in judged(Bot(), plain, danger).conversations] == [False, True]


def test_a_judgement_is_kept_and_read_again(tmp_path: Path) -> None:
    found = judged(Bot(how_much=PRICE), talk(Turn("how much", "price", ("RL-300",))), hazards=("gas",))
    judge.save(tmp_path / "judged.json", found)

    assert judge.load(tmp_path / "judged.json") == found
    (tmp_path / "judged.json").write_text('{"conversations": [{}]}')
    assert judge.load(tmp_path / "judged.json") is None


def test_a_conversation_that_was_changed_is_a_new_one_to_a_judgement() -> None:
    old, kept = talk(Turn("how much", "price")), talk(Turn("hi"))
    found = judged(Bot(how_much=PRICE), old, kept)
    changed = talk(Turn("how much", "price", ("RL-300",)))

    assert judge.unknown_to(found, [old, kept, changed]) == [changed]
    assert judge.unknown_to(None, [old]) == [old]
    more = judge.merged(judged(Bot(), changed), found)
    assert judge.unknown_to(more, [old, kept, changed]) == []


def test_the_examples_of_danger_are_read_as_a_customer_writes_them(tmp_path: Path) -> None:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "data" / "nlu" / "safety.yml").write_text(
        "nlu:\n- intent: safety\n  examples: |\n    - my [ember](product) smokes\n    - gas!\n    - gas!\n"
        "- intent: price\n  examples: |\n    - how much\n"
    )

    assert Matter.of(tmp_path).hazards == ["my ember smokes", "gas!"]


def test_the_shop_that_is_shipped_has_conversations_and_dangers_to_judge_by() -> None:
    matter = Matter.of(Path(__file__).resolve().parents[2])

    assert len(matter.conversations) >= 20 and len(matter.hazards) >= 100
    assert any(judge.is_must(conversation) for conversation in matter.conversations)
