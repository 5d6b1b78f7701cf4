"""Conversations from elsewhere are read in four formats, and what cannot be read is told with its line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.errors import ProjectError
from steward.project.transcripts import Format, Said, Transcript, guessed, read_transcripts

HELLO, HI = Said("customer", "hello"), Said("agent", "hi")
BOT = Said("bot", "beep")


def turns(content: str, format: Format = "auto") -> list[tuple[Said, ...]]:
    return [one.turns for one in read_transcripts(content, format)]


@pytest.mark.parametrize(
    ("content", "format"),
    [
        ("Customer: hello\nAgent: hi\n", "text"),
        ("Kunde: hello\nSupport Sam: hi", "text"),
        ("Anna: hello\nRobin: hi", "text"),
        ("[12:03] Customer: hello\n[12:04] Agent Sam:\nhi\n", "text"),
        ("2026-11-02 12:03 - Visitor: hello\n2026-11-02 12:05 - Agent: hi", "text"),
        ("\ufeff\n  customer :  hello \r\nAGENT: hi", "text"),
        ('{"turns": [{"from": "customer", "text": "hello"}, {"from": "agent", "text": "hi"}]}', "jsonl"),
        (
            '{"messages": [{"role": "user", "content": "hello"}, {"role": "Operator", "content": "hi"}]}',
            "jsonl",
        ),
        (
            '{"conversation": 1, "from": "customer", "text": "hello"}\n'
            '\n{"conversation": 1, "from": "agent", "text": "hi"}\n',
            "jsonl",
        ),
        ('[{"messages": ["hello", {"from": "agent", "text": "hi"}]}]', "jsonl"),
        ("from,text\ncustomer,hello\nagent,hi\n", "csv"),
        ('conversation_id,Sender,Message\n1,client,"hello"\n\n1,advisor,hi\n', "csv"),
    ],
)
def test_a_conversation_is_read_and_its_format_guessed(content: str, format: Format) -> None:
    assert guessed(content.removeprefix("\ufeff")) == format
    assert turns(content) == turns(content, format) == [(HELLO, HI)]


def test_a_conversation_that_rasa_exported_is_read_without_what_nobody_said() -> None:
    events = [
        {"event": "action", "name": "action_listen"},
        {"event": "user", "text": "hello"},
        {"event": "slot", "name": "x"},
        {"event": "bot", "text": "beep"},
        {"event": "bot", "text": None},
    ]
    exported = json.dumps({"sender_id": "abc", "events": events})
    assert read_transcripts(exported) == (Transcript("abc", (HELLO, BOT)),)


def test_a_story_is_read_with_the_customers_words_and_without_their_marks() -> None:
    story = """
stories:
- story: a price
  steps:
  - user: |
      how much is the [rill 300]{"entity": "product"} in [cork](place)
    intent: price
  - action: action_price
  - bot: beep
"""
    assert guessed(story) == "story"
    said = (Said("customer", "how much is the rill 300 in cork"), BOT)
    assert read_transcripts(story) == (Transcript("a price", said),)


def test_several_conversations_are_told_apart() -> None:
    pasted = "# First\nCustomer: hello\n---\nCustomer: hello\nAgent: hi\n"
    assert [(one.title, len(one.turns)) for one in read_transcripts(pasted)] == [("First", 1), ("hello", 2)]
    rows = "id,text\na,hello\nb,hello\na,again\n"
    assert [(one.title, len(one.turns)) for one in read_transcripts(rows)] == [("a", 2), ("b", 1)]


def test_lines_that_go_on_belong_to_who_spoke_last() -> None:
    pasted = "Customer: hello\nNote: it is urgent\nhttps://shop.example/x\n\nAgent: hi"
    assert turns(pasted) == [(Said("customer", "hello Note: it is urgent https://shop.example/x"), HI)]


def test_a_long_first_message_is_cut_for_the_title() -> None:
    (one,) = read_transcripts("Customer: " + "very " * 40 + "long")
    assert len(one.title) <= 60 and one.title.endswith("…")


@pytest.mark.parametrize(
    ("content", "format", "said"),
    [
        ("hello there", "auto", "line 1: nobody is named"),
        ("\n\nhello there", "text", "line 3: nobody is named"),
        ('{"text": "a"}\n{"text"', "auto", "line 2: not JSON"),
        ('{"text": "a"}\n[1]', "auto", "line 2: expected an object"),
        ('{"text": "a"}\n{"from": "agent"}', "auto", "line 2: a message without words"),
        ('{"text": "a"}\n{"from": "dog", "text": "woof"}', "auto", 'line 2: "dog" said it'),
        ("from,text\ncustomer,a\nx\n", "auto", "line 3: 1 cells; expected 2"),
        ('from,text\ncustomer,"a"b\n', "auto", "line 2: not readable as CSV"),
        ("from,text\ncustomer,\n", "auto", "line 2: no words"),
        ("a,b\n1,2\n", "csv", "line 1: no column"),
        ("stories:\n- story: [", "auto", "line 2: not valid YAML"),
        ("stories:\n- story: a\n  steps:\n  - intent: greet\n", "auto", 'line 2: "a" has no words'),
        ("stories:\n- story: a\n", "auto", "line 2: no steps"),
        ("a: b\n", "story", "line 1: no stories"),
        ("Bot: beep", "auto", "nothing that a customer said"),
        (" \n", "auto", "empty"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(content: str, format: Format, said: str) -> None:
    with pytest.raises(ProjectError) as caught:
        read_transcripts(content, format)
    assert str(caught.value).startswith(said)
    assert caught.value.field == "content"


@given(st.text(max_size=120), st.sampled_from(["auto", "jsonl", "csv", "story", "text"]))
def test_any_text_is_read_or_refused(content: str, format: Format) -> None:
    try:
        found = read_transcripts(content, format)
    except ProjectError as error:
        assert error.field == "content"
        return
    assert all(said.text.strip() for one in found for said in one.turns)


@given(st.lists(st.text(min_size=1, max_size=30).filter(lambda text: text.strip()), min_size=1, max_size=5))
def test_whatever_was_said_comes_through_json(said: list[str]) -> None:
    content = "\n".join(json.dumps({"from": "customer", "text": text}) for text in said)
    try:
        (one,) = turns(content, "jsonl")
    except ProjectError:
        assert not any(any(c.isprintable() and not c.isspace() for c in text) for text in said)
        return
    kept = ("".join(c for c in text if c.isprintable() or c.isspace()) for text in said)
    assert [turn.text for turn in one] == [" ".join(text.split()) for text in kept if text.strip()]
