"""Messages that ask the same, put together: by what they mean, by how they are written. Pure.

The same messages always make the same groups, whatever the order they come in, so that two desks on one
database agree without telling each other.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from steward.desk.improve.turns import VECTOR_SIZE
from steward.desk.workspace.search import folded

MEANT = 0.58
"""The cosine from which two messages mean the same."""
WRITTEN = 82.0
"""The likeness, of a hundred, from which two messages are written the same."""

# The average likeness from which two groups are one, from which a message joins a group, and down to which
# it stays in one.
_GROUPS_MEAN = 0.50
_JOINS = 0.47
_BELONGS = 0.42
# Two messages with the same training example nearest to them are that much more alike.
_SAME_NEAREST = 0.06
_BLOCK = 512
_GRAMS = 512
_ROUGHLY = 0.55
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Point:
    """One message to be grouped. Those with another `apart` never share a group, however alike they are."""

    id: str
    at: int
    text: str
    vector: bytes | None = None
    nearest: str | None = None
    apart: str = ""


@dataclass(frozen=True)
class Group:
    """Messages that ask the same, the oldest first; the oldest gives the group its name."""

    ids: tuple[str, ...]

    @property
    def id(self) -> str:
        """Stays the same while the oldest message is in it."""
        return self.ids[0]


def grouped(points: Iterable[Point]) -> tuple[Group, ...]:
    """The groups, each message in exactly one."""
    apart: dict[str, list[Point]] = defaultdict(list)
    for point in sorted(points, key=lambda point: (point.at, point.id)):
        apart[point.apart].append(point)
    return tuple(group for some in apart.values() for group in _grouped(some))


def most_typical(points: Sequence[Point]) -> int:
    """The place of the message that says best what all of them ask."""
    meaning = unpacked([point.vector for point in points])
    likeness = meaning @ meaning.sum(0)
    return int(likeness.argmax())


def unpacked(vectors: Sequence[bytes | None]) -> np.ndarray:
    """One row of length one for each vector, zeros where there is none."""
    rows = np.zeros((len(vectors), VECTOR_SIZE), np.float32)
    for row, vector in enumerate(vectors):
        if vector is not None and len(vector) == VECTOR_SIZE:
            rows[row] = np.frombuffer(vector, np.int8)
    return _unit(rows)


def plain(text: str) -> str:
    """The words alone, as they are compared."""
    return " ".join(_WORD.findall(folded(text)))


def alike_in_writing(one: str, other: str) -> float:
    """How alike two texts of `plain` are written, up to 100, in whatever order and with or without spaces."""
    joined = fuzz.ratio(one.replace(" ", ""), other.replace(" ", ""))
    return max(joined, fuzz.token_sort_ratio(one, other))


def _grouped(points: Sequence[Point]) -> list[Group]:
    """The groups of messages that may be together; `points` are in order of time."""
    texts, members = _once(points)
    firsts = [points[rows[0]] for rows in members]
    meaning = unpacked([_any(points[row].vector for row in rows) for rows in members])
    codes = _codes([point.nearest for point in firsts])
    labels = _by_meaning(meaning, codes)
    labels = _merged(labels, meaning)
    labels = _loosened(labels, meaning)
    labels = _joined(labels, meaning)
    labels = _by_writing(labels, texts)
    groups: dict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(labels.tolist()):
        groups[label] += members[place]
    return [Group(tuple(points[row].id for row in sorted(rows))) for rows in groups.values()]


def _once(points: Sequence[Point]) -> tuple[list[str], list[list[int]]]:
    """Each text once, with the rows that have it: many customers press the same words."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, point in enumerate(points):
        rows[plain(point.text) or point.text].append(row)
    return list(rows), list(rows.values())


def _any(vectors: Iterable[bytes | None]) -> bytes | None:
    return next((vector for vector in vectors if vector is not None), None)


def _codes(nearest: Sequence[str | None]) -> np.ndarray:
    """A number for each training example, and one of its own for a message without any."""
    known: dict[str, int] = {}
    codes = [
        -1 - place if text is None else known.setdefault(text, len(known))
        for place, text in enumerate(nearest)
    ]
    return np.array(codes, np.int64)


def _by_meaning(meaning: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Around the message with the most others near it, those others; then on with what is left."""
    near = _near(meaning, codes)
    labels = np.full(len(meaning), -1)
    order = sorted(range(len(near)), key=lambda place: (-len(near[place]), place))
    for place in order:
        if labels[place] < 0:
            free = near[place][labels[near[place]] < 0]
            labels[free] = place
            labels[place] = place
    return labels


def _near(meaning: np.ndarray, codes: np.ndarray) -> list[np.ndarray]:
    """For each message those that mean the same."""
    found: list[np.ndarray] = []
    for start in range(0, len(meaning), _BLOCK):
        likeness = meaning[start : start + _BLOCK] @ meaning.T
        likeness += _SAME_NEAREST * (codes[start : start + _BLOCK, None] == codes[None, :])
        rows, columns = np.nonzero(likeness >= MEANT)
        ends = np.searchsorted(rows, np.arange(len(likeness) + 1))
        found += [columns[ends[row] : ends[row + 1]] for row in range(len(likeness))]
    return found


def _merged(labels: np.ndarray, meaning: np.ndarray) -> np.ndarray:
    """Groups that mean the same on average become one, the most alike first, until none do."""
    while True:
        names, means, sizes = _means(labels, meaning)
        several = np.flatnonzero(sizes > 1)
        pairs = _closest(means[several], _GROUPS_MEAN)
        if not pairs:
            return labels
        names = names[several]
        becomes: dict[int, int] = {}
        touched: set[int] = set()
        for one, other in pairs:
            if one not in touched and other not in touched:
                becomes[int(names[other])] = int(names[one])
                touched |= {one, other}
        labels = np.array([becomes.get(label, label) for label in labels.tolist()])


def _closest(means: np.ndarray, least: float) -> list[tuple[int, int]]:
    """The pairs of rows that are at least so alike, the most alike first."""
    found: list[tuple[float, int, int]] = []
    for start in range(0, len(means), _BLOCK):
        likeness = np.triu(means[start : start + _BLOCK] @ means[start:].T, 1)
        rows, columns = np.nonzero(likeness >= least)
        values = likeness[rows, columns]
        found += zip((-values).tolist(), (rows + start).tolist(), (columns + start).tolist(), strict=True)
    return [(one, other) for _, one, other in sorted(found)]


def _loosened(labels: np.ndarray, meaning: np.ndarray) -> np.ndarray:
    """Messages that are like one in their group, and hardly like the others, are alone again."""
    names, means, sizes = _means(labels, meaning)
    places = np.searchsorted(names, labels)
    count = sizes[places]
    likeness = np.einsum("ij,ij->i", meaning, means[places]) * count - 1
    strangers = np.flatnonzero((count > 2) & (likeness < _BELONGS * (count - 1)))
    labels = labels.copy()
    labels[strangers] = len(labels) + strangers
    return labels


def _joined(labels: np.ndarray, meaning: np.ndarray) -> np.ndarray:
    """Messages that are alone join the group that they are like on average."""
    names, means, sizes = _means(labels, meaning)
    alone = np.flatnonzero(np.isin(labels, names[sizes == 1]))
    several = np.flatnonzero(sizes > 1)
    if not len(alone) or not len(several):
        return labels
    likeness = meaning[alone] @ means[several].T
    best = likeness.argmax(1)
    joins = likeness[np.arange(len(alone)), best] >= _JOINS
    labels = labels.copy()
    labels[alone[joins]] = names[several[best[joins]]]
    return labels


def _by_writing(labels: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """Messages that are alone join those that are written the same: a slip of the pen changes a meaning."""
    names, sizes = np.unique(labels, return_counts=True)
    alone = np.flatnonzero(np.isin(labels, names[sizes == 1]))
    labels = labels.copy()
    if not len(alone):
        return labels
    grams = _written(texts)
    best: dict[int, tuple[float, int]] = {}
    for start in range(0, len(alone), _BLOCK):
        rows = alone[start : start + _BLOCK]
        likeness = grams[rows] @ grams.T
        likeness[np.arange(len(rows)), rows] = 0
        for place, other in zip(*(axis.tolist() for axis in np.nonzero(likeness >= _ROUGHLY)), strict=True):
            row = int(rows[place])
            score = alike_in_writing(texts[row], texts[other])
            if score >= WRITTEN and score > best.get(row, (0.0, 0))[0]:
                best[row] = (score, other)
    for row, (_, other) in best.items():
        labels[labels == labels[row]] = labels[other]
    return labels


def _written(texts: Sequence[str]) -> np.ndarray:
    """The pieces of three letters in each text: rough, but soon compared with all others."""
    rows = np.zeros((len(texts), _GRAMS), np.float32)
    for row, text in enumerate(texts):
        whole = f" {text.replace(' ', '')} "
        for place in range(max(1, len(whole) - 2)):
            rows[row, zlib.crc32(whole[place : place + 3].encode()) % _GRAMS] = 1
    return _unit(rows)


def _means(labels: np.ndarray, meaning: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The groups' labels, the mean of each, and how many are in it.

    The product of two means is how alike the groups' messages are on average: a loose group is like none.
    """
    order = np.argsort(labels, kind="stable")
    names, starts, sizes = np.unique(labels[order], return_index=True, return_counts=True)
    sums = np.add.reduceat(meaning[order], starts, axis=0)
    return names, sums / sizes[:, None].astype(np.float32), sizes


def _unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length one; those of nothing but zeros stay so."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    result: np.ndarray = rows / np.maximum(length, 1e-9)
    return result
