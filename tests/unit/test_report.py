from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from steward.training import charts, compare, report
from steward.training.gate import Evidence, decide
from steward.training.heldout import Example, calibration
from steward.training.judge import Judgement, TurnVerdict, Verdict
from steward.training.markup import Markup, el
from steward.training.registry import Figures, Gate, ModelRecord, Reason

FIGURES = Figures(0.87, 0.85, 0.89, 1000, 2, 0.55, 0.9, 0.06, 0.05, 0.007, 0.0667, 21.0)
RECORD = ModelRecord("0123456789ab", "", "made-of", "abc123", 1_795_309_154_496, "Robin", 34.0, FIGURES)
SERVING = replace(RECORD, id="ba9876543210")
ATTACK = "<script>alert('now')</script> & \"more\""
_VOID = {"meta", "circle", "line", "path", "rect"}


class Page(HTMLParser):
    """The elements of a page; `open` is what was not closed, and must be empty at the end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag


def examples(right: int = 87, text: str = "message") -> list[Example]:
    return [
        Example(f"{text} {place}", "price", "price" if place < right else "delivery", 0.2 + place / 130)
        for place in range(100)
    ]


def talk(name: str, wrong: str = "", hazard: bool = False) -> Verdict:
    turn = TurnVerdict("how much", ("price",), (), ("answer",), "It costs €9.", wrong)
    return Verdict(name, "shop", name, hazard, hazard, (turn,))


def evidence(
    now: list[Verdict], before: list[Verdict] | None = None, missed: tuple[str, ...] = ()
) -> Evidence:
    judgement = Judgement(tuple(now), 12, missed, 21.0)
    earlier = Judgement(tuple(before), 12, (), 20.0) if before is not None else None
    changes = compare.conversations(judgement, earlier)
    beside = compare.compare(examples(), examples(80)) if earlier else None
    return Evidence(FIGURES, judgement, changes, FIGURES if earlier else None, beside)


def page(found: Evidence, serving: ModelRecord | None = SERVING) -> str:
    record = replace(RECORD, gate=decide(found))
    return report.page(record, found, examples(), serving, examples(80) if serving else ())


def test_the_page_begins_with_what_an_owner_of_a_shop_wants_to_know() -> None:
    text = page(evidence([talk("a")], [talk("a")]))

    assert (
        "This model understands <strong>87 of 100</strong> customers’ messages that it was not trained on "
        "(between 85 and 89)."
    ) in text
    assert text.index("It may serve") < text.index("This model understands") < text.index("p = ")


def test_where_much_was_measured_the_sentence_is_more_exact() -> None:
    exact = replace(FIGURES, accuracy=0.8691, low=0.8628, high=0.8751)
    found = replace(evidence([]), figures=exact)

    assert "<strong>86.9 of 100</strong>" in page(found) and "(between 86.3 and 87.5)" in page(found)


def test_conversations_that_got_worse_come_first_and_are_unfolded() -> None:
    now = [talk("fine"), talk("mended"), talk("as bad", "asked back"), talk("broken", "was taken for hours")]
    before = [talk("fine"), talk("mended", "x"), talk("as bad", "x"), talk("broken")]
    text = page(evidence(now, before))

    names = [name for name in ("broken", "as bad", "mended", "fine")]
    places = [text.index(f'<span class="name">{name}</span>') for name in names]
    assert places == sorted(places)
    for badge in ("got worse", "wrong, as before", "right now", ">right<"):
        assert badge in text
    assert "Was taken for hours." in text
    unfolded = [given for tag, given in Page(text).found if tag == "details" and "open" in given]
    assert len(unfolded) >= 2


def test_each_reason_against_a_model_says_who_may_set_it_aside() -> None:
    text = page(evidence([talk("gas", "asked back", hazard=True)], [], missed=("sparks fly",)))

    assert "It must not serve as it is" in text
    assert text.count("An administrator can promote it all the same, with a reason.") == 2
    assert "“sparks fly”" in text


def test_a_first_model_has_nothing_beside_it_and_an_unjudged_one_no_decision() -> None:
    text = page(evidence([talk("a")]), serving=None)
    assert "No model serves yet" in text and "Every example that is read differently" not in text

    unjudged = report.page(RECORD, evidence([]), examples())
    assert "It may serve" not in unjudged and "There are no regression conversations yet." in unjudged


def test_a_model_that_learned_no_topics_still_has_a_report() -> None:
    found = replace(evidence([]), figures=None)
    record = replace(RECORD, figures=None, gate=decide(found))

    assert "It has learned no topics" in report.page(record, found, [])


def test_what_customers_wrote_is_text_wherever_it_stands() -> None:
    turn = TurnVerdict(ATTACK, (ATTACK,), (), ("answer",), ATTACK, ATTACK)
    verdict = Verdict(ATTACK, ATTACK, "d", False, False, (turn,))
    found = replace(
        evidence([verdict], [], missed=(ATTACK,)),
        comparison=compare.compare(examples(80, ATTACK), examples(90, ATTACK)),
    )
    record = replace(RECORD, by=ATTACK, gate=Gate(False, (Reason("must", ATTACK, "improve"),)))
    text = report.page(record, found, examples(70, ATTACK), SERVING, examples(80, ATTACK))

    assert "<script" not in text
    parsed = Page(text)
    assert parsed.open == []
    assert "script" not in {tag for tag, _ in parsed.found}


def test_the_page_is_whole_and_asks_for_nothing_from_elsewhere() -> None:
    text = page(evidence([talk("a"), talk("b", "x")], [talk("a"), talk("b")]))
    parsed = Page(text)

    assert parsed.open == []
    for tag, given in parsed.found:
        assert tag not in ("script", "link", "img", "iframe")
        assert not {"src", "href", "onclick"} & set(given)
    assert "url(" not in text and "@import" not in text
    drawings = [given for tag, given in parsed.found if tag == "svg"]
    assert len(drawings) > 5
    assert all(given.get("aria-label") or given.get("aria-hidden") for given in drawings)


def test_long_lists_of_changed_examples_are_cut_and_say_so() -> None:
    serving = [Example(f"m{n}", "price", "price", 0.9) for n in range(400)]
    candidate = [Example(f"m{n}", "price", "hours", n / 400) for n in range(400)]
    found = replace(evidence([], []), comparison=compare.compare(candidate, serving))

    text = page(found)
    assert text.count('<td class="message">') == 150
    assert "And 250 more" in text


@pytest.mark.parametrize(
    ("shares", "dots"),
    [
        ((0.83, 0.10, 0.07), (83, 10, 7)),
        ((0.999, 0.0005, 0.0005), (98, 1, 1)),
        ((1.0, 0.0, 0.0), (100, 0, 0)),
    ],
)
def test_a_hundred_messages_are_a_hundred_dots_and_none_that_goes_wrong_is_lost(
    shares: tuple[float, float, float], dots: tuple[int, int, int]
) -> None:
    drawn = charts.hundred(*shares, "label")

    assert tuple(drawn.count(f'"dot {kind}"') for kind in ("right", "asked", "wrong")) == dots


def test_drawings_stay_within_their_frames() -> None:
    bins = calibration(examples())
    risk = charts.risk([(0.0, 0.0), (1.0, 0.3)], [], (1.0, 0.3), (0.05, 0.07), "label")
    for drawing in (charts.calibration(bins, "label"), risk):
        for tag, given in Page(drawing).found:
            if tag == "circle":
                assert 0 <= float(str(given["cx"])) <= 420 and 0 <= float(str(given["cy"])) <= 300


def test_markup_escapes_all_but_markup() -> None:
    assert el("p", ATTACK, class_='a"b') == (
        '<p class="a&quot;b">&lt;script&gt;alert(&#x27;now&#x27;)&lt;/script&gt; &amp; &quot;more&quot;</p>'
    )
    assert el("p", Markup("<b>x</b>"), None, 3, hidden=True, title=None) == "<p hidden><b>x</b>3</p>"
