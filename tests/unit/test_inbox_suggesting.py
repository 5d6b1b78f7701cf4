"""Suggestions for the label, who has what before them, and the topics to label with."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from steward.desk.improve.focus import FOCUSED_FOR, Focus
from steward.desk.improve.suggesting import Labelled, suggestion
from steward.desk.improve.topics import Topic, Topics
from steward.desk.improve.turns import Turn, Understood
from steward.errors import ConfigurationError


def vector(meaning: int) -> bytes:
    return np.random.default_rng(meaning).integers(-127, 128, 384).astype(np.int8).tobytes()


def turn(text: str, meaning: int, *ranking: tuple[str, float], nearest: str | None = None) -> Turn:
    near = {"text": nearest, "intent": ranking[0][0], "similarity": 0.5} if nearest else None
    read = Understood("nlu_fallback", 0.3, 0.6, ranking, near, vector=vector(meaning))
    return Turn("t", "c", 1, 1, text, understood=read)


def test_the_bot_s_own_reading_is_suggested_where_nobody_labelled_anything_alike() -> None:
    group = [
        turn("do you sell vouchers", 1, ("ordering", 0.4), ("price", 0.3), nearest="how do i order"),
        turn("vouchers", 1, ("price", 0.5), ("ordering", 0.45), nearest="what does it cost"),
    ]
    found = suggestion(group, Labelled(()))
    assert found is not None
    assert (found.topic, found.nearest) == ("ordering", "how do i order")
    assert found.share == pytest.approx(0.425)


def test_what_operators_labelled_alike_counts_for_more_than_the_bot_s_reading() -> None:
    labelled = Labelled(
        [(turn("gift cards?", 1, ("price", 0.2)), "ordering"), (turn("cat", 2), "out_of_scope")]
    )
    found = suggestion([turn("do you sell vouchers", 1, ("price", 0.6), nearest="the price")], labelled)
    assert found is not None
    assert (found.topic, found.nearest) == ("ordering", "gift cards?")
    other = suggestion([turn("do you sell vouchers", 3, ("price", 0.6), nearest="the price")], labelled)
    assert other is not None and other.topic == "price"


def test_what_customers_chose_when_they_were_asked_back_counts_for_more_than_the_reading() -> None:
    asked = turn("do you sell vouchers", 1, ("price", 0.6), ("delivery", 0.2), nearest="the price")
    found = suggestion([replace(asked, chosen="delivery"), asked], Labelled(()))
    assert found is not None and found.topic == "delivery"


def test_nothing_is_suggested_where_nothing_speaks_for_any_topic() -> None:
    assert suggestion([turn("asdf", 1)], Labelled(())) is None
    assert suggestion([turn("asdf", 1, ("price", 0.05), ("hours", 0.04))], Labelled(())) is None
    blank = replace(turn("asdf", 1), understood=Understood())
    assert suggestion([blank], Labelled([(turn("x", 1), "price")])) is None


def test_the_others_see_what_an_operator_has_before_them_until_they_go_on() -> None:
    focus = Focus()
    assert focus.put("olga", "g1", 0) == {"g1"}
    assert focus.put("paul", "g1", 1) == {"g1"}
    assert focus.of("g1") == ("olga", "paul")
    assert focus.put("olga", "g1", 2) == frozenset()
    assert focus.put("olga", "g2", 3) == {"g1", "g2"}
    assert focus.put("paul", None, 4) == {"g1"}
    assert (focus.of("g1"), focus.of("g2")) == ((), ("olga",))
    assert focus.expire(3 + FOCUSED_FOR - 1) == frozenset()
    assert focus.expire(3 + FOCUSED_FOR) == {"g2"}
    assert focus.of("g2") == ()


DOMAIN = """
intents:
- price
- nlu_fallback
- out_of_scope
- vouchers: {use_entities: []}
- zebra
responses:
  utter_title_price:
  - text: The price
"""


async def test_the_topics_are_those_of_the_files_as_they_are_now(tmp_path: Path) -> None:
    domain, own = tmp_path / "domain.yml", tmp_path / "topics.csv"
    domain.write_text(DOMAIN)
    topics = Topics(domain, own)
    price, zebra = Topic("price", "The price"), Topic("zebra", "Zebra")
    assert await topics.all() == (price, Topic("vouchers", "Vouchers"), zebra)
    own.write_text("topic,title,product_needed\nvouchers,Gift vouchers,no\n")
    domain.write_text(DOMAIN.replace("- zebra\n", ""))
    os.utime(domain, ns=(1, 1))
    assert await topics.all() == (Topic("vouchers", "Gift vouchers", own=True), price)
    assert await topics.has("vouchers") and not await topics.has("zebra")
    assert await topics.title("long_gone") == "Long gone"


async def test_a_topic_that_is_only_planned_can_be_labelled_with(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text(DOMAIN)

    async def planned() -> list[Topic]:
        return [Topic("engraving", "Engraving", own=True)]

    topics = Topics(tmp_path / "domain.yml", tmp_path / "none.csv", planned)
    assert await topics.has("engraving") and await topics.has("price")


async def test_a_domain_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text("intents: [")
    with pytest.raises(ConfigurationError):
        await Topics(tmp_path / "domain.yml", tmp_path / "none.csv").all()
