from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.training import heldout
from steward.training.compare import by_chance, compare
from steward.training.heldout import Example

SHARES = st.integers(0, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


def example(text: str, topic: str = "price", predicted: str | None = None, sure: float = 0.8) -> Example:
    return Example(text, topic, predicted or topic, sure)


def archived(folder: Path, **files: str) -> Path:
    path = folder / "model.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"components/train_Classifier0/{name.replace('_', '.')}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return path


def test_the_readings_that_a_model_carries_are_read_out_of_its_archive(tmp_path: Path) -> None:
    table = 'text,topic,predicted,confidence\n"how much, please",price,delivery,0.4210\n'
    report = {"topics": 2, "threshold": 0.6, "answered": 0.8, "answered_wrongly": 0.04, "unlike": 0.5}
    report |= {"accepted_error_rate": 0.05, "calibration_error": 0.01}
    found = heldout.from_archive(archived(tmp_path, heldout_csv=table, report_json=json.dumps(report)))
    assert found is not None
    examples, told = found

    assert examples == [Example("how much, please", "price", "delivery", 0.421)]
    figures = heldout.figures(examples, told)
    assert (figures.accuracy, figures.coverage, figures.threshold) == (0, 0.8, 0.6)
    assert (figures.accepted_error, figures.accepted_here) == (0.05, 0.1)


def test_a_model_that_learned_no_topics_carries_no_readings(tmp_path: Path) -> None:
    assert heldout.from_archive(archived(tmp_path, metadata_json="{}")) is None


def test_readings_are_kept_as_they_were(tmp_path: Path) -> None:
    examples = [example('say "hi",\nplease', predicted="greet", sure=0.5), example("ünï ✓")]
    heldout.write(tmp_path / "heldout.csv", examples)

    assert heldout.read(tmp_path / "heldout.csv") == examples


@pytest.mark.parametrize(
    ("right", "total", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (870, 1000, 0.8477, 0.8894)],
)
def test_between_which_shares_the_truth_lies_is_as_in_the_books(
    right: int, total: int, low: float, high: float
) -> None:
    """Wilson's score interval at 95%, as any table of it has it."""
    assert heldout.wilson(right, total) == pytest.approx((low, high), abs=2e-4)


@given(SHARES)
def test_what_was_measured_always_lies_between_the_two(counts: tuple[int, int]) -> None:
    right, total = counts
    low, high = heldout.wilson(right, total)

    assert 0 <= low <= high <= 1
    assert total == 0 or (low <= right / total + 1e-12 and right / total <= high + 1e-12)


def test_topics_that_are_mixed_up_are_told_the_most_frequent_first_with_the_surest_examples() -> None:
    examples = [
        example("a", predicted="delivery", sure=0.5),
        example("b", predicted="delivery", sure=0.9),
        example("c", "delivery", "price"),
        example("d"),
    ]
    first, second = heldout.confusions(examples)

    assert (first.topic, first.predicted, first.count, first.examples) == ("price", "delivery", 2, ("b", "a"))
    assert (second.topic, second.predicted, second.count) == ("delivery", "price", 1)
    assert [(one.topic, one.right, one.total) for one in heldout.topics(examples)] == [
        ("delivery", 0, 1),
        ("price", 1, 3),
    ]


def test_what_confidence_promised_is_set_beside_what_became_of_it() -> None:
    examples = [
        example("a", sure=0.92),
        example("b", sure=0.96),
        example("c", predicted="x", sure=0.31),
        example("d", sure=1.0),
    ]
    low, high = heldout.calibration(examples)

    assert (low.count, low.confidence, low.right) == pytest.approx((1, 0.31, 0))
    assert (high.count, high.confidence, high.right) == pytest.approx((3, 0.96, 1))
    assert low.lowest == 0 and high.highest == 1 and low.highest < 1 and high.lowest > 0


def test_the_more_is_answered_the_more_is_answered_wrongly() -> None:
    examples = [
        example("a", sure=0.9),
        example("b", predicted="x", sure=0.8),
        example("c", predicted="out_of_scope", sure=0.7),
        example("d", predicted="x", sure=0.1),
    ]

    assert heldout.risk_coverage(examples) == [(0, 0), (0.25, 0), (0.5, 0.25), (0.75, 0.25), (1, 0.5)]


def test_two_models_are_compared_on_what_both_learned_as_the_same_topic() -> None:
    serving = [
        example("kept"),
        example("mended", predicted="x"),
        example("spoilt"),
        example("still wrong", predicted="x"),
        example("moved", "delivery"),
        example("taken out"),
    ]
    candidate = [
        example("kept"),
        example("mended"),
        example("spoilt", predicted="y", sure=0.7),
        example("still wrong", predicted="y"),
        example("moved", "price"),
        example("new"),
        example("newer"),
    ]
    found = compare(candidate, serving)

    assert (found.shared, found.before, found.now) == (4, 2, 2)
    assert [one.text for one in found.better] == ["mended"]
    assert [(one.text, one.before, one.now, one.sure_now) for one in found.worse] == [
        ("spoilt", "price", "y", 0.7)
    ]
    assert [one.text for one in found.other] == ["still wrong"]
    assert (found.added, found.removed, found.moved) == (2, 1, 1)
    assert [(one.topic, one.total, one.before, one.now) for one in found.topics] == [("price", 4, 2, 2)]
    assert not found.significantly_worse


@pytest.mark.parametrize(
    ("better", "worse", "chance"),
    [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 0.0625), (0, 6, 0.03125), (1, 9, 0.021484), (10, 25, 0.016673)],
)
def test_how_likely_a_split_is_by_chance_is_as_in_the_books(better: int, worse: int, chance: float) -> None:
    """The exact binomial test, both sides."""
    assert by_chance(better, worse) == pytest.approx(chance, abs=1e-5)
    assert by_chance(worse, better) == by_chance(better, worse)


def test_thousands_of_changes_are_counted_at_once() -> None:
    assert by_chance(4000, 6000) < 1e-80
    assert by_chance(5000, 5000) == 1


@pytest.mark.parametrize(("worse", "significant"), [(5, False), (6, True)])
def test_a_few_examples_that_got_worse_may_be_chance(worse: int, significant: bool) -> None:
    serving = [example(str(place)) for place in range(50)]
    candidate = [example(str(place), predicted="x" if place < worse else "price") for place in range(50)]

    assert compare(candidate, serving).significantly_worse is significant
    assert not compare(serving, candidate).significantly_worse
