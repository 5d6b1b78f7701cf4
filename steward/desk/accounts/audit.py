"""The audit log's chain: what an entry is, how one is tied to the one before, and what breaks the chain.

Each entry carries the hash of the one before, and its own hash covers everything it says. A changed entry no
longer fits its own hash, a deleted or moved one leaves its neighbours without their link, and entries cut
off at the end are missed by the head, which is kept apart from them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

START = "0" * 64
"""The hash that the first entry follows."""


@dataclass(frozen=True)
class Entry:
    """One administrative act: who did what to what, when, and from where.

    `detail` holds text, whole numbers, truth values, and lists or maps of them, so that it reads back as it
    was written; it never holds a secret.
    """

    at: int
    actor_id: str
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""


@dataclass(frozen=True)
class Link:
    """An entry in its place in the chain."""

    seq: int
    entry: Entry
    previous: str
    hash: str


@dataclass(frozen=True)
class Head:
    """How many entries there are, and the hash of the newest."""

    seq: int = 0
    hash: str = START


def follow(head: Head, entry: Entry) -> Link:
    """The entry as the next link of the chain."""
    seq = head.seq + 1
    return Link(seq, entry, head.hash, _hash(seq, entry, head.hash))


def faults(links: Iterable[Link], head: Head, known: Head | None = None) -> list[str]:
    """What is wrong with the chain, one sentence for each break; empty when it holds.

    `links` come in the order of their numbers. `known` is a head that was noted earlier, outside the
    database: whoever rewrites the whole chain cannot bring that back.
    """
    found: list[str] = []
    last = Head()
    for link in links:
        found += _breaks(last, link)
        if known and link.seq == known.seq and link.hash != known.hash:
            found.append(f"Entry {link.seq} is not the one that was noted.")
        last = Head(link.seq, link.hash)
    if last != head:
        found.append(f"The log ends with entry {last.seq}, but its head is at entry {head.seq}.")
    if known and known.seq > last.seq:
        found.append(f"The log ends with entry {last.seq}, but entry {known.seq} was noted.")
    return found


def _breaks(last: Head, link: Link) -> list[str]:
    if link.seq != last.seq + 1:
        return [f"Between entry {last.seq} and entry {link.seq} something is missing or out of order."]
    if link.previous != last.hash:
        return [f"Entry {link.seq} does not follow the entry before it."]
    if link.hash != _hash(link.seq, link.entry, link.previous):
        return [f"Entry {link.seq} was changed."]
    return []


def _hash(seq: int, entry: Entry, previous: str) -> str:
    told = [
        seq,
        entry.at,
        entry.actor_id,
        entry.actor,
        entry.action,
        entry.subject,
        entry.detail,
        entry.address,
        previous,
    ]
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
