"""Which topic messages may be about: from what the bot read, and from what was labelled before. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steward.desk.improve.grouping import unpacked
from steward.desk.improve.turns import UNSURE_INTENT, Turn

OUT_OF_SCOPE = "out_of_scope"

_ALIKE = 0.55
_NEIGHBOURS = 5
# A person's label counts for more than the bot's reading, of which that person thought nothing; so does the
# button that the customer pressed when asked.
_LABELLED = 2.0
_CHOSEN = 2.0
_LEAST = 0.15


@dataclass(frozen=True)
class Suggestion:
    """A topic, how likely it is, and the words that speak for it most: an example or a labelled message."""

    topic: str
    share: float
    nearest: str


class Labelled:
    """What operators labelled so far: the texts, their meaning, and the topics they were given."""

    def __init__(self, turns: Sequence[tuple[Turn, str]]) -> None:
        kept = [(turn, topic) for turn, topic in turns if turn.understood.vector is not None]
        self._texts = [turn.text for turn, _ in kept]
        self._topics = [topic for _, topic in kept]
        self._meaning = unpacked([turn.understood.vector for turn, _ in kept])

    def near(self, vector: bytes | None) -> list[tuple[float, str, str]]:
        """The most alike, the best first: how alike, the topic and the text."""
        if vector is None or not self._texts:
            return []
        likeness = self._meaning @ unpacked([vector])[0]
        best = np.argsort(-likeness, kind="stable")[:_NEIGHBOURS]
        return [
            (float(likeness[row]), self._topics[row], self._texts[row])
            for row in best.tolist()
            if likeness[row] >= _ALIKE
        ]


def suggestion(turns: Sequence[Turn], labelled: Labelled) -> Suggestion | None:
    """The likeliest topic of messages that ask the same, or None where nothing speaks for any."""
    votes: dict[str, float] = defaultdict(float)
    spoke: dict[str, tuple[float, str]] = {}
    whole = 0.0
    for turn in turns:
        read = [(name, share) for name, share in turn.understood.ranking if name != UNSURE_INTENT]
        if read:
            whole += 1.0
        for topic, share in read:
            votes[topic] += share
        nearest = turn.understood.nearest
        if nearest and read:
            topic = str(nearest["intent"] or read[0][0])
            spoke[topic] = max(
                spoke.get(topic, (0.0, "")), (float(nearest["similarity"]), str(nearest["text"]))
            )
        if turn.chosen:
            votes[turn.chosen] += _CHOSEN
            whole += _CHOSEN
        near = labelled.near(turn.understood.vector)
        strength = sum(likeness for likeness, _, _ in near)
        for likeness, topic, text in near:
            votes[topic] += _LABELLED * likeness * likeness / strength
            # A label tells more than an example that is as near.
            spoke[topic] = max(spoke.get(topic, (0.0, "")), (1.0 + likeness, text))
        if near:
            whole += _LABELLED
    if not votes:
        return None
    topic, vote = max(votes.items(), key=lambda pair: (pair[1], pair[0]))
    share = min(1.0, vote / whole)
    return Suggestion(topic, round(share, 4), spoke.get(topic, (0.0, ""))[1]) if share >= _LEAST else None
