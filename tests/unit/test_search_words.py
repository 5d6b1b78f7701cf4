"""How words are compared when something is searched for, and how what was found is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.desk.workspace.search import indexed, snippet, words_of


def marked(text: str, *wanted: str, length: int = 160) -> tuple[str, list[str]]:
    """What is shown, and the words in it that are marked as JavaScript would cut them."""
    piece = snippet(text, wanted, length)
    units = piece.text.encode("utf-16-le")
    return piece.text, [units[2 * a : 2 * b].decode("utf-16-le") for a, b in piece.marks]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The Rill-300, please!", ("the", "rill", "300", "please")),
        ("Größe DÉJÀ Vu", ("grosse", "deja", "vu")),
        ("a_b c.d", ("a", "b", "c", "d")),
        ("ﬁlter ２", ("filter", "2")),
        ("Żółć łódź", ("zołc", "łodz")),
        ("?! …", ()),
        ("x" * 100, ("x" * 64,)),
    ],
)
def test_words_have_neither_case_nor_accents(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


def test_the_index_keeps_each_word_once() -> None:
    assert indexed("Filter, filter: FILTER and tap") == "and filter tap"


def test_words_are_marked_as_they_were_written() -> None:
    assert marked("Is the Rill 300 in stock?", "rill", "sto") == (
        "Is the Rill 300 in stock?",
        ["Rill", "stock"],
    )
    assert marked("Welche GRÖSSE? Größen!", "gros")[1] == ["GRÖSSE", "Größen"]
    assert marked("cafe\u0301 au lait", "cafe")[1] == ["cafe"]


def test_what_only_contains_the_word_is_not_marked() -> None:
    assert marked("A drill is not a Rill", "rill")[1] == ["Rill"]


def test_marks_are_counted_as_javascript_counts() -> None:
    text, words = marked("😀😀 the Rill", "rill")
    assert words == ["Rill"]
    assert snippet(text, ["rill"]).marks == ((9, 13),)


def test_a_long_message_is_shown_around_the_first_word_found() -> None:
    text, words = marked("lorem ipsum " * 50 + "the Rill drips " + "dolor sit " * 50, "rill", length=80)
    assert words == ["Rill"]
    assert text.startswith("…") and text.endswith("…") and len(text) <= 82
    assert text[1:].split()[0] in ("lorem", "ipsum")


def test_a_fraction_is_marked_once() -> None:
    assert marked("a ¾ inch tap", "3", "4")[1] == ["¾"]


def test_line_breaks_become_spaces() -> None:
    assert marked("one\n\n  two\tthree", "two") == ("one two three", ["two"])


@given(st.text(max_size=300), st.text(min_size=1, max_size=8), st.integers(10, 80))
def test_every_mark_is_a_word_that_begins_as_wanted(text: str, wanted: str, length: int) -> None:
    words = words_of(wanted)
    if not words:
        return
    piece = snippet(text, words, length)
    units = piece.text.encode("utf-16-le", "surrogatepass")
    previous = 0
    for start, end in piece.marks:
        assert previous <= start < end <= len(units) // 2
        previous = end
        assert words_of(units[2 * start : 2 * end].decode("utf-16-le", "replace"))


@given(st.lists(st.sampled_from("Größe straße Éclair rill 300 tap naïve".split()), min_size=1, max_size=30))
def test_every_word_that_is_indexed_can_be_marked(words: list[str]) -> None:
    text = " ".join(words)
    for word in words_of(text):
        assert snippet(text, [word], 1000).marks
