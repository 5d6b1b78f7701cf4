"""The audit log's chain shows whatever was done to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from steward.desk.accounts.audit import Entry, Head, Link, faults, follow


def chain(length: int) -> tuple[list[Link], Head]:
    head, links = Head(), []
    for number in range(length):
        entry = Entry(number, "a", "Alex", "agent.changed", "robin@example.org", {"role": ["agent", "lead"]})
        links.append(follow(head, entry))
        head = Head(links[-1].seq, links[-1].hash)
    return links, head


@given(st.integers(0, 12))
def test_a_chain_that_nobody_touched_holds(length: int) -> None:
    links, head = chain(length)
    assert faults(links, head) == []
    assert faults(links, head, known=head) == []


@given(st.integers(1, 8), st.data())
def test_any_change_of_any_entry_is_found(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    place = data.draw(st.integers(0, length - 1))
    name, value = data.draw(
        st.sampled_from(
            [
                ("at", -1),
                ("actor_id", "b"),
                ("actor", "Sam"),
                ("action", "agent.made"),
                ("subject", "x"),
                ("detail", {"role": ["agent", "admin"]}),
                ("address", "203.0.113.1"),
            ]
        )
    )
    changed: dict[str, Any] = {name: value}
    links[place] = replace(links[place], entry=replace(links[place].entry, **changed))
    assert faults(links, head) == [f"Entry {place + 1} was changed."]


@given(st.integers(1, 8), st.data())
def test_any_deletion_is_found(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    del links[data.draw(st.integers(0, length - 1))]
    assert faults(links, head)


@given(st.integers(2, 8), st.data())
def test_any_reordering_is_found(length: int, data: st.DataObject) -> None:
    links, head = chain(length)
    order = data.draw(st.permutations(range(length)).filter(lambda one: list(one) != list(range(length))))
    assert faults([links[place] for place in order], head)
    renumbered = [replace(links[place], seq=seq) for seq, place in enumerate(order, start=1)]
    assert faults(renumbered, head)


@given(st.integers(2, 8), st.data())
def test_a_change_made_to_look_right_breaks_the_link_to_the_next_entry(
    length: int, data: st.DataObject
) -> None:
    links, head = chain(length)
    place = data.draw(st.integers(0, length - 2))
    before = Head(place, links[place].previous)
    links[place] = follow(before, replace(links[place].entry, actor="Sam"))
    assert faults(links, head) == [f"Entry {place + 2} does not follow the entry before it."]


def test_a_chain_written_anew_is_told_by_a_head_that_was_noted() -> None:
    links, noted = chain(3)
    head, forged = Head(), []
    for link in links:
        forged.append(follow(head, replace(link.entry, actor="Sam")))
        head = Head(forged[-1].seq, forged[-1].hash)
    assert faults(forged, head) == []
    assert faults(forged, head, known=noted) == ["Entry 3 is not the one that was noted."]
    assert faults(forged[:2], Head(2, forged[1].hash), known=noted) == [
        "The log ends with entry 2, but entry 3 was noted."
    ]
