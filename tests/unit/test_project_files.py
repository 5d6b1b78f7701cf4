"""Edits of YAML and CSV files: what is edited changes, and not one byte of anything else."""

from __future__ import annotations

import csv
import io

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from steward.errors import ProjectError
from steward.project import domain, examples
from steward.project.draft import Draft
from steward.project.operations import AnswerButton
from steward.project.tables import Table
from steward.project.wording import example, plain
from steward.project.yaml_text import YamlText, scalar

TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1).map(str.strip).filter(bool)
LINES = TEXTS.map(lambda text: " ".join(text.split())).filter(bool)

NLU = """\
# Of what it costs.
version: "3.1"

nlu:
# the first part
- intent: price   # asked most
  examples: |
    - how much is it
    - What's the price?

- synonym: rill
  examples: |
    - reel
- intent: "greet"
  examples: |
      -  hello
      - hi there

# the end
"""

DOMAIN = """\
version: "3.1"
intents:
- affirm
- greet:
    use_entities: []
- price   # what it costs
actions:
- action_price
responses:
    # ---- small talk ----
    utter_greet:
    - text: 'It''s you!'
      buttons:
      - title: "Price"
        payload: /price
      image: hello.png
    - text: "Hello"   # the other
    utter_price:
    - text: |-
        It costs {price}.

        No more.
    utter_bare:
    - text: Just words
# nothing below
session_config:
  session_expiration_time: 0
"""


def draft(**files: str) -> Draft:
    names = {"nlu": "data/nlu/price.yml", "domain": "domain.yml"}
    return Draft({names[name]: text.encode() for name, text in files.items()})


def lost_and_added(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that an edit took away and those that it put in; all others are the same, in order."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return old, new


def test_an_example_is_added_behind_the_others_of_its_topic() -> None:
    edited = draft(nlu=NLU)
    examples.add(edited, "greet", ["good day", "HELLO"])
    assert lost_and_added(NLU, edited.text("data/nlu/price.yml")) == ([], ["      - good day\n"])
    assert examples.examples_of(edited)["greet"] == ["hello", "hi there", "good day"]


def test_an_example_is_taken_away_with_its_line_alone() -> None:
    edited = draft(nlu=NLU)
    examples.remove(edited, "price", ["HOW much  is it"])
    assert lost_and_added(NLU, edited.text("data/nlu/price.yml")) == (["    - how much is it\n"], [])


def test_a_topic_among_others_goes_and_what_stands_around_it_stays() -> None:
    edited = draft(nlu=NLU)
    examples.remove_topic(edited, "price")
    gone, added = lost_and_added(NLU, edited.text("data/nlu/price.yml"))
    assert (gone[0], gone[-1], len(gone), added) == (
        "- intent: price   # asked most\n",
        "    - What's the price?\n",
        4,
        [],
    )


def test_a_topic_is_renamed_in_its_own_quotes() -> None:
    edited = draft(nlu=NLU)
    examples.rename_topic(edited, "greet", "say_hello")
    changed = lost_and_added(NLU, edited.text("data/nlu/price.yml"))
    assert changed == (['- intent: "greet"\n'], ['- intent: "say_hello"\n'])


def test_the_last_example_of_a_topic_stays() -> None:
    with pytest.raises(ProjectError, match="no example left") as caught:
        examples.remove(draft(nlu=NLU), "greet", ["hello", "hi there"])
    assert caught.value.field == "texts"


def test_examples_written_in_another_way_are_left_alone_and_their_place_is_told() -> None:
    listed = "nlu:\n- intent: price\n  examples:\n  - text: |\n      how much\n"
    with pytest.raises(ProjectError, match=r"^data/nlu/price.yml:4: written in another way") as caught:
        examples.add(draft(nlu=listed), "price", ["what is it"])
    assert caught.value.line == 4


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_line_ends_the_byte_order_mark_and_the_end_of_the_file_stay(
    newline: str, mark: str, end: str
) -> None:
    text = mark + newline.join(["nlu:", "- intent: price", "  examples: |", "    - how much"])
    edited = draft(nlu=text + end.replace("\n", newline))
    examples.add(edited, "price", ["what is it"])
    expected = text + newline + "    - what is it" + end.replace("\n", newline)
    assert edited.text("data/nlu/price.yml") == expected


@given(st.lists(LINES, min_size=1, max_size=8))
def test_whatever_customers_write_reads_back_as_they_wrote_it(texts: list[str]) -> None:
    edited = draft(nlu=NLU)
    good = []
    for text in texts:
        try:
            good.append(example(text))
        except ProjectError:
            continue
    examples.add(edited, "price", good)
    after = edited.text("data/nlu/price.yml")
    read = yaml.safe_load(after)["nlu"][0]["examples"].splitlines()
    found = {" ".join(line[1:].split()).casefold() for line in read}
    assert {text.casefold() for text in good} <= found
    gone, _ = lost_and_added(NLU, after)
    assert gone == []


@given(TEXTS, st.sampled_from(["'", '"', None]))
def test_a_text_is_written_so_that_yaml_reads_the_same(text: str, style: str | None) -> None:
    words = plain(text, "text") if text.isprintable() else ""
    assert yaml.safe_load(f"a: {scalar(words, style)}")["a"] == words


def test_an_intent_comes_into_its_place_in_the_alphabet() -> None:
    edited = draft(domain=DOMAIN)
    domain.add_intent(edited, "hours")
    assert lost_and_added(DOMAIN, edited.text("domain.yml")) == ([], ["- hours\n"])
    assert domain.intents(edited) == ["affirm", "greet", "hours", "price"]


def test_an_intent_comes_to_the_end_of_a_list_that_has_an_order_of_its_own() -> None:
    edited = draft(domain=DOMAIN.replace("- affirm\n", "- thanks\n"))
    domain.add_intent(edited, "hours")
    assert domain.intents(edited) == ["thanks", "greet", "price", "hours"]


def test_an_intent_goes_with_its_settings() -> None:
    edited = draft(domain=DOMAIN)
    domain.remove_intent(edited, "greet")
    gone = ["- greet:\n", "    use_entities: []\n"]
    assert lost_and_added(DOMAIN, edited.text("domain.yml")) == (gone, [])


def test_a_list_on_one_line_is_left_alone_and_its_place_is_told() -> None:
    with pytest.raises(ProjectError, match=r"^domain.yml:2: expected the intents as a list"):
        domain.add_intent(draft(domain="version: '3.1'\nintents: [a, b]\n"), "hours")


@pytest.mark.parametrize(
    ("name", "text", "lost", "added"),
    [
        ("utter_greet", 'That\'s "it"', "    - text: 'It''s you!'\n", "    - text: 'That''s \"it\"'\n"),
        ("utter_bare", "Other words", "    - text: Just words\n", "    - text: Other words\n"),
        ("utter_bare", "yes: no", "    - text: Just words\n", '    - text: "yes: no"\n'),
    ],
)
def test_an_answer_is_changed_in_its_own_style(name: str, text: str, lost: str, added: str) -> None:
    edited = draft(domain=DOMAIN)
    said = domain.response(edited, name)
    domain.set_response(edited, name, text, said.buttons)
    assert lost_and_added(DOMAIN, edited.text("domain.yml")) == ([lost], [added])
    assert domain.response(edited, name).text == text


def test_an_answer_of_several_lines_stays_a_block() -> None:
    edited = draft(domain=DOMAIN)
    domain.set_response(edited, "utter_price", 'Now {price}.\n\nReally: "so".', ())
    gone, added = lost_and_added(DOMAIN, edited.text("domain.yml"))
    assert gone == ["        It costs {price}.\n", "\n", "        No more.\n"]
    assert added == ["        Now {price}.\n", "\n", '        Really: "so".\n']


def test_buttons_are_put_changed_and_taken_away_without_the_rest() -> None:
    edited = draft(domain=DOMAIN)
    domain.set_response(edited, "utter_greet", "It's you!", [])
    gone, added = lost_and_added(DOMAIN, edited.text("domain.yml"))
    assert gone == ["      buttons:\n", '      - title: "Price"\n', "        payload: /price\n"]
    assert added == []
    domain.set_response(
        edited, "utter_bare", "Just words", [AnswerButton("The Rill", '/price{"product":"RL-300"}')]
    )
    assert domain.response(edited, "utter_bare").buttons == (
        AnswerButton("The Rill", '/price{"product":"RL-300"}'),
    )
    assert 'payload: \'/price{"product":"RL-300"}\'\n' in edited.text("domain.yml")


def test_a_new_response_comes_behind_the_others_with_a_heading_once() -> None:
    edited = draft(domain=DOMAIN)
    domain.add_response(edited, "utter_dogs", "Woof", (), [])
    domain.add_response(edited, "utter_cats", "Miaow\nmiaow", (), ["utter_dogs"])
    gone, added = lost_and_added(DOMAIN, edited.text("domain.yml"))
    assert gone == []
    assert added[0] == "\n" and added[1].startswith("    # ---- Topics made at the desk ---")
    assert added[2:] == [
        "    utter_dogs:\n",
        '    - text: "Woof"\n',
        "    utter_cats:\n",
        '    - text: "Miaow\\nmiaow"\n',
    ]
    domain.remove_response(edited, "utter_dogs")
    domain.remove_response(edited, "utter_cats")
    domain.add_response(edited, "utter_dogs", "Woof", (), [])
    assert edited.text("domain.yml").count("Topics made at the desk") == 1


def test_buttons_that_led_to_a_topic_lead_to_its_new_name() -> None:
    edited = draft(domain=DOMAIN)
    domain.rename_in_payloads(edited, "price", "cost")
    changed = lost_and_added(DOMAIN, edited.text("domain.yml"))
    assert changed == (["        payload: /price\n"], ['        payload: "/cost"\n'])


@pytest.mark.parametrize(
    ("text", "line"), [("a: [1\nb: 2\n", 2), ("a: 1\n\tb: 2\n", 2), ("nlu:\n- a\n b: 1\n", 3)]
)
def test_yaml_that_cannot_be_read_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ProjectError, match=rf"^x.yml:{line}: not valid YAML") as caught:
        YamlText("x.yml", text)
    assert (caught.value.file, caught.value.line) == ("x.yml", line)


SHEET = 'sku,note,text\r\nA,,"One, ""two"""\r\n\r\nB,x,"more\nlines"\r\nA,y,"3"'


def test_a_cell_is_changed_and_every_other_byte_stays() -> None:
    table = Table("t.csv", SHEET, ["sku"])
    assert [(row.line, row["sku"], row["text"]) for row in table.rows] == [
        (2, "A", 'One, "two"'),
        (4, "B", "more\nlines"),
        (6, "A", "3"),
    ]
    assert table.with_cell(table.rows[0], "text", 'a "b"') == SHEET.replace('"One, ""two"""', '"a ""b"""')
    assert table.with_cell(table.rows[1], "note", "c,d") == SHEET.replace("B,x,", 'B,"c,d",')


def test_a_row_is_put_behind_another_in_the_files_own_habit() -> None:
    table = Table("t.csv", SHEET, ["sku"])
    added = table.with_row({"sku": "A", "text": "new"}, table.rows[0])
    assert added == SHEET.replace('""two"""\r\n', '""two"""\r\nA,,"new"\r\n')
    assert table.with_row({"sku": "C", "text": "new"}) == SHEET + '\r\nC,,"new"'


def test_rows_go_alone() -> None:
    table = Table("t.csv", SHEET, ["sku"])
    assert table.without([table.rows[1]]) == SHEET.replace('B,x,"more\nlines"\r\n', "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv: empty"),
        ("a,b\n", 't.csv:1: no column "sku"'),
        ("sku,a\nA\n", "t.csv:2: 1 cells; expected 2"),
        ('sku,a\n\nA,"x\n', "t.csv:3: not readable as CSV"),
        ('sku,a\nA,"x"y\n', "t.csv:2: not readable as CSV"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ProjectError) as caught:
        Table("t.csv", text, ["sku"])
    assert str(caught.value).startswith(message)


CELLS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6), st.data())
def test_a_table_of_any_texts_is_edited_in_one_place(
    rows: list[tuple[str, str]], data: st.DataObject
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([("sku", "text"), *rows])
    table = Table("t.csv", written.getvalue(), ["sku", "text"])
    place = data.draw(st.integers(0, len(table.rows) - 1)) if table.rows else None
    new = data.draw(CELLS)
    text = table.with_row({"sku": new, "text": new}, table.rows[place] if place is not None else None)
    read = [row for row in csv.reader(io.StringIO(text, newline="")) if any(row) or len(row) > 1]
    known = [[row.cells["sku"].value, row.cells["text"].value] for row in table.rows]
    at = len(known) if place is None else place + 1
    expected = [["sku", "text"], *known[:at], [new, new], *known[at:]]
    assert [row for row in read if any(row)] == [row for row in expected if any(row)]
