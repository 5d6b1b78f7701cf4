"""The conversations that every new model is tried on: read from CSV, and the shop's own ones complete."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.safety import Safety
from steward.catalogue import BUILT_IN_TOPICS
from steward.errors import ProjectError
from steward.project import Conversation, Project, Turn
from steward.project.conversations import read_conversations

HEADER = "conversation,text,topic,skus,act,source\n"
SHIPPED = Project(Path(__file__).resolve().parents[2]).conversations()


def test_rows_of_one_name_are_one_conversation_and_empty_cells_leave_it_open() -> None:
    text = HEADER + 'a,"hi, you",greet,,smalltalk,must: because\na,price?,,RL-300| RL-500,,\nb,hm,,,,\n'
    assert read_conversations({"x.csv": text}) == (
        Conversation(
            "a",
            (Turn("hi, you", "greet", (), "smalltalk"), Turn("price?", None, ("RL-300", "RL-500"), None)),
            "must: because",
        ),
        Conversation("b", (Turn("hm"),), ""),
    )


@pytest.mark.parametrize(
    ("source", "must"),
    [("must", True), ("Must: why", True), ("mustard", False), ("", False), ("desk", False)],
)
def test_what_no_model_may_fail_is_marked_by_its_source(source: str, must: bool) -> None:
    assert Conversation("a", (Turn("hi"),), source).must is must


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a,hi,,,sing,\n", 'x.csv:2: unknown act "sing"'),
        ("a,hi,,,,\na,,,,,\n", "x.csv:3: no text"),
        (",hi,,,,\n", "x.csv:2: no name"),
        ("a,hi,,,,\nb,hi,,,,\na,hi,,,,\n", 'x.csv:4: "a" stands in x.csv:2 already'),
        ("a,hi,,,\n", "x.csv:2: 5 cells; expected 6"),
    ],
)
def test_a_fault_is_told_with_its_line(rows: str, said: str) -> None:
    with pytest.raises(ProjectError) as caught:
        read_conversations({"x.csv": HEADER + rows})
    assert str(caught.value).startswith(said)


def test_a_name_stands_in_one_file_only() -> None:
    with pytest.raises(ProjectError, match=r"^b.csv:2: .* stands in a.csv:2 already"):
        read_conversations({"a.csv": HEADER + "x,hi,,,,\n", "b.csv": HEADER + "x,hi,,,,\n"})


def test_the_shops_own_conversations_try_every_kind_of_danger_and_no_model_may_fail_those() -> None:
    dangers = [one for one in SHIPPED if any(turn.act == "safety" for turn in one.turns)]
    assert len(dangers) > len(Safety.hazards)
    assert all(one.must for one in dangers)


def test_the_shops_own_conversations_name_what_there_is() -> None:
    topics = {turn.topic for one in SHIPPED for turn in one.turns if turn.topic}
    assert topics <= set(BUILT_IN_TOPICS)
    assert len(SHIPPED) >= 25
    assert {"price", "warranty", "delivery", "hours", "safety", "out_of_scope"} <= topics
