"""A candidate beside the model that serves: what gets better, what gets worse, and if that may be chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from steward.training.heldout import Example
from steward.training.judge import Judgement, Verdict


@dataclass(frozen=True)
class Changed:
    """An example that the two models read differently, each without having learned from it."""

    text: str
    topic: str
    before: str
    now: str
    sure_before: float
    sure_now: float


@dataclass(frozen=True)
class TopicChange:
    """How many of a topic's shared examples were read right before and are now."""

    topic: str
    total: int
    before: int
    now: int


@dataclass(frozen=True)
class Comparison:
    """Over the `shared` examples, those that both models learned as the same topic.

    `better` were misread before and are read right now, `worse` the other way round, `other` are misread by
    both. `chance` is how likely a difference as large as this one is between models that are equally good.
    `moved` counts examples whose topic was changed by the shop; `added` and `removed` are in one model only.
    """

    shared: int
    before: int
    now: int
    better: tuple[Changed, ...]
    worse: tuple[Changed, ...]
    other: tuple[Changed, ...]
    topics: tuple[TopicChange, ...]
    chance: float
    added: int
    removed: int
    moved: int

    @property
    def significantly_worse(self) -> bool:
        """Whether more got worse than better, by more than chance explains."""
        return len(self.worse) > len(self.better) and self.chance < 0.05


@dataclass(frozen=True)
class ConversationChange:
    """A conversation as the candidate has it, and as the serving model had it; None if that is not known."""

    now: Verdict
    before: Verdict | None

    @property
    def worse(self) -> bool:
        """The serving model does it right, and the candidate does not."""
        return not self.now.passed and self.before is not None and self.before.passed

    @property
    def better(self) -> bool:
        """The candidate does it right, and the serving model does not."""
        return self.now.passed and self.before is not None and not self.before.passed


def compare(candidate: Sequence[Example], serving: Sequence[Example]) -> Comparison:
    """Set the readings of two models beside each other, example by example."""
    earlier = {example.text: example for example in serving}
    later = {example.text: example for example in candidate}
    both = [(earlier[text], example) for text, example in later.items() if text in earlier]
    pairs = [(before, now) for before, now in both if before.topic == now.topic]
    changed = [(before, now) for before, now in pairs if before.predicted != now.predicted]
    better = [pair for pair in changed if pair[1].right]
    worse = [pair for pair in changed if pair[0].right]
    other = [pair for pair in changed if not pair[0].right and not pair[1].right]
    return Comparison(
        shared=len(pairs),
        before=sum(before.right for before, _ in pairs),
        now=sum(now.right for _, now in pairs),
        better=_told(better),
        worse=_told(worse),
        other=_told(other),
        topics=_topics(pairs),
        chance=by_chance(len(better), len(worse)),
        added=len(later) - len(both),
        removed=len(earlier) - len(both),
        moved=len(both) - len(pairs),
    )


def by_chance(better: int, worse: int) -> float:
    """How likely so lopsided a split is when each change goes either way (McNemar's exact test)."""
    total, fewer = better + worse, min(better, worse)
    if total == 0:
        return 1.0
    ways = tail = 1
    for count in range(fewer):
        ways = ways * (total - count) // (count + 1)
        tail += ways
    return min(1.0, 2 * tail / 2**total)


def conversations(candidate: Judgement, serving: Judgement | None) -> list[ConversationChange]:
    """Each of the candidate's conversations beside the same one with the serving model: worst news first."""
    known = {verdict.digest: verdict for verdict in serving.conversations} if serving else {}
    found = [ConversationChange(verdict, known.get(verdict.digest)) for verdict in candidate.conversations]
    return sorted(found, key=lambda one: (not one.worse, one.now.passed, not one.better, one.now.name))


def _told(pairs: Sequence[tuple[Example, Example]]) -> tuple[Changed, ...]:
    found = [
        Changed(now.text, now.topic, before.predicted, now.predicted, before.confidence, now.confidence)
        for before, now in pairs
    ]
    return tuple(sorted(found, key=lambda one: (-max(one.sure_before, one.sure_now), one.text)))


def _topics(pairs: Sequence[tuple[Example, Example]]) -> tuple[TopicChange, ...]:
    total = Counter(now.topic for _, now in pairs)
    before = Counter(earlier.topic for earlier, _ in pairs if earlier.right)
    after = Counter(now.topic for _, now in pairs if now.right)
    found = [TopicChange(topic, count, before[topic], after[topic]) for topic, count in total.items()]
    return tuple(sorted(found, key=lambda one: (one.now - one.before, one.topic)))
