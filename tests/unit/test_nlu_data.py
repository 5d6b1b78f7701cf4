"""The training examples: enough of them, in one place each, and no two topics that say the same."""

from __future__ import annotations

import bisect
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from rapidfuzz import fuzz, process

FOLDER = Path(__file__).resolve().parents[2] / "data" / "nlu"
MAIN_TOPICS = (
    "product price availability comparison planning installation usage training maintenance troubleshooting "
    "upgrade disposal warranty delivery returns order_status ordering hours complaint human "
    "safety out_of_scope"
).split()
_ALIKE = 92
_BLOCK = 256


def _examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(FOLDER.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            assert entry["intent"] == path.stem, f"{path.name} holds examples of {entry['intent']}"
            found[path.stem] = [
                line.removeprefix("- ").strip() for line in entry["examples"].splitlines() if line
            ]
    return found


EXAMPLES = _examples()
LABELLED = [(topic, text) for topic, texts in EXAMPLES.items() for text in texts]


@pytest.mark.parametrize("topic", MAIN_TOPICS)
def test_a_main_topic_has_at_least_sixty_examples(topic: str) -> None:
    assert len(EXAMPLES[topic]) >= 60


@pytest.mark.parametrize("topic", sorted(EXAMPLES))
def test_every_intent_has_at_least_twenty_five_examples(topic: str) -> None:
    assert len(EXAMPLES[topic]) >= 25


def test_no_example_stands_twice() -> None:
    counts = Counter(text.casefold() for texts in EXAMPLES.values() for text in texts)
    assert [text for text, count in counts.items() if count > 1] == []


def _nearly_the_same() -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
    """Pairs of examples, with their topics, that have nearly the same words in whatever order.

    Texts whose lengths differ more than their likeness allows are never compared.
    """
    words = ((" ".join(sorted(text.casefold().split())), (topic, text)) for topic, text in LABELLED)
    sorted_ = sorted(words, key=lambda pair: len(pair[0]))
    texts = [text for text, _ in sorted_]
    lengths = [len(text) for text in texts]
    for start in range(0, len(texts), _BLOCK):
        block = texts[start : start + _BLOCK]
        end = bisect.bisect_right(lengths, len(block[-1]) * (200 - _ALIKE) / _ALIKE)
        scores = process.cdist(block, texts[start:end], scorer=fuzz.ratio, score_cutoff=_ALIKE + 0.1)
        for one, two in zip(*scores.nonzero(), strict=True):
            if one < two:
                yield sorted_[start + one][1], sorted_[start + two][1]


def test_no_two_topics_have_nearly_the_same_example() -> None:
    alike = [
        (one, two) for one, two in _nearly_the_same() if one[0] != two[0] and any(map(str.isalnum, one[1]))
    ]
    assert alike == []


def test_examples_that_are_nearly_the_same_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [("price", "what does the Tempo cost today"), ("hours", "today what does the tempo costs")]
    monkeypatch.setattr(f"{__name__}.LABELLED", [*texts, ("price", "how much is it")])
    assert [{topic for topic, _ in pair} for pair in _nearly_the_same()] == [{"price", "hours"}]


def test_the_bot_knows_no_intent_without_a_rule_and_no_rule_without_one() -> None:
    rules = {path.stem for path in (FOLDER.parent / "rules").glob("*.yml")}
    assert rules == set(EXAMPLES) | {"nlu_fallback"}


def test_examples_name_no_entities_by_hand() -> None:
    """Products are found by the matcher, from the catalogue."""
    marked = [text for text in itertools.chain(*EXAMPLES.values()) if "](" in text or "]{" in text]
    assert marked == []
