from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from steward.training.compare import Changed, Comparison, ConversationChange
from steward.training.gate import Evidence, decide
from steward.training.judge import Judgement, TurnVerdict, Verdict
from steward.training.registry import Figures

FIGURES = Figures(0.9, 0.88, 0.92, 1000, 12, 0.6, 0.85, 0.03, 0.05, 0.01, answer_ms=20.0)
CHANGED = Changed("how much", "price", "price", "delivery", 0.8, 0.7)
EVEN = Comparison(1000, 900, 900, (), (), (), (), 1.0, 0, 0, 0)


def verdict(name: str, right: bool = True, hazard: bool = False, must: bool = False) -> Verdict:
    turn = TurnVerdict("hello", ("greet",), (), ("answer",), "Hi.", "" if right else "went wrong")
    return Verdict(name, "shop", name, hazard, must or hazard, (turn,))


def evidence(*changes: ConversationChange, **more: Any) -> Evidence:
    judgement = Judgement(tuple(change.now for change in changes), 10, (), 20.0)
    return replace(Evidence(FIGURES, judgement, changes, FIGURES, EVEN), **more)


def decided(*changes: ConversationChange, **more: Any) -> list[tuple[str, str]]:
    gate = decide(evidence(*changes, **more))
    assert gate.passed is (gate.reasons == ())
    return [(reason.code, reason.overridable_by) for reason in gate.reasons]


def test_a_model_that_does_what_the_serving_one_does_passes() -> None:
    assert decided(ConversationChange(verdict("a"), verdict("a"))) == []


def test_the_first_model_of_a_shop_is_judged_without_one_to_set_beside_it() -> None:
    alone = {"serving": None, "comparison": None}

    assert decided(ConversationChange(verdict("a", right=False), None), **alone) == []
    hazard = ConversationChange(verdict("a", right=False, hazard=True), None)
    assert decided(hazard, **alone) == [("hazard", "administer")]


def test_a_conversation_that_got_worse_holds_a_model_back() -> None:
    worse = ConversationChange(verdict("price then delivery", right=False), verdict("price then delivery"))

    [reason] = decide(evidence(worse)).reasons
    assert (reason.code, reason.overridable_by) == ("regression", "improve")
    assert "price then delivery" in reason.text and "1 conversation" in reason.text


@pytest.mark.parametrize("before", [None, verdict("a", right=False)])
def test_a_conversation_that_must_go_right_holds_a_model_back_whatever_was_before(
    before: Verdict | None,
) -> None:
    now = verdict("a", right=False, must=True)

    assert decided(ConversationChange(now, before)) == [("must", "improve")]
    assert decided(ConversationChange(replace(now, must=False), before)) == []


def test_danger_that_is_missed_in_a_conversation_can_be_set_aside_by_an_administrator_alone() -> None:
    missed = verdict("gas", right=False, hazard=True)

    for before in (None, verdict("gas", hazard=True), verdict("gas", right=False, hazard=True)):
        assert decided(ConversationChange(missed, before)) == [("hazard", "administer")]


def test_a_message_of_danger_that_the_serving_model_hears_must_be_heard() -> None:
    deaf = Judgement((), 10, ("i smell gas", "sparks"), 20.0)

    assert decided(judgement=deaf) == [("hazard", "administer")]
    assert decided(judgement=deaf, missed_before=("i smell gas",)) == [("hazard", "administer")]
    assert decided(judgement=deaf, missed_before=("i smell gas", "sparks")) == []
    assert (
        "1 of 10 messages: “sparks”"
        in decide(evidence(judgement=deaf, missed_before=("i smell gas",))).reasons[0].text
    )


def test_a_model_that_is_significantly_worse_is_held_back() -> None:
    many, few = (CHANGED,) * 30, (CHANGED,) * 2
    worse = replace(EVEN, worse=many, better=few, chance=1e-6)

    assert decided(comparison=worse) == [("accuracy", "improve")]
    assert decided(comparison=replace(worse, chance=0.06)) == []
    assert decided(comparison=replace(worse, worse=few, better=many)) == []


@pytest.mark.parametrize(("coverage", "held"), [(0.85, False), (0.69, False), (0.67, True), (0.05, True)])
def test_a_model_that_is_no_longer_sure_of_what_it_was_sure_of_is_held_back(
    coverage: float, held: bool
) -> None:
    assert decided(figures=replace(FIGURES, coverage=coverage)) == [("coverage", "improve")] * held


def test_a_model_that_answers_next_to_nothing_is_held_back_also_without_one_before_it() -> None:
    nothing = replace(FIGURES, coverage=0.02)

    assert decided(figures=nothing, serving=None, comparison=None) == [("coverage", "improve")]
    assert decided(figures=None, comparison=None) == [("coverage", "improve")]


@pytest.mark.parametrize(
    ("before", "now", "held"),
    [
        (20.0, 59.0, False),
        (20.0, 119.0, False),
        (20.0, 130.0, True),
        (200.0, 500.0, False),
        (None, 900.0, False),
    ],
)
def test_a_model_that_is_much_slower_is_held_back(before: float | None, now: float, held: bool) -> None:
    judgement = Judgement((), 10, (), now)
    serving = replace(FIGURES, answer_ms=before)

    assert decided(judgement=judgement, serving=serving) == [("slow", "improve")] * held


def test_every_reason_is_told_and_long_lists_are_cut() -> None:
    changes = [ConversationChange(verdict(f"talk {n}", right=False), verdict(f"talk {n}")) for n in range(9)]
    gate = decide(evidence(*changes, figures=replace(FIGURES, coverage=0.1)))

    assert [reason.code for reason in gate.reasons] == ["regression", "coverage"]
    assert "talk 0, talk 1, talk 2 and 6 more" in gate.reasons[0].text
