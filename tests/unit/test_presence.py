"""Who is there: what agents say, their connections, and how long a broken one is forgiven."""

from __future__ import annotations

import pytest

from steward.desk.queue.presence import BEAT_SECONDS, Presence
from steward.desk.queue.routing import Presence as State
from steward.desk.queue.routing import Rules
from steward.desk.store import Seen

SECOND, MINUTE = 1000, 60_000
RULES = Rules(grace_seconds=30, lost_minutes=5)


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100 * MINUTE

    def __call__(self) -> int:
        return self.now

    def passes(self, milliseconds: int) -> None:
        self.now += milliseconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def presence(clock: Clock) -> Presence:
    return Presence(lambda: RULES, clock)


def test_nobody_is_there_who_never_came(presence: Presence):
    assert presence.state("alex") is State.OFFLINE
    assert presence.state(None) is State.OFFLINE
    assert presence.count() == 0


def test_an_open_socket_is_online_however_long_it_is_open(presence: Presence, clock: Clock):
    presence.arrive("socket", "alex")
    clock.passes(60 * MINUTE)
    assert presence.online("alex")
    assert (presence.count(), presence.lost()) == (1, set())


def test_what_the_agent_says_holds_for_all_of_their_sockets(presence: Presence):
    presence.arrive("one", "alex")
    presence.say("alex", State.AWAY)
    presence.arrive("two", "alex")
    assert presence.state("alex") is State.AWAY
    presence.leave("one")
    assert presence.state("alex") is State.AWAY


def test_a_broken_connection_is_forgiven_then_away_then_gone(presence: Presence, clock: Clock):
    presence.arrive("socket", "alex")
    presence.leave("socket")
    clock.passes(30 * SECOND)
    assert presence.state("alex") is State.ONLINE
    clock.passes(1)
    assert (presence.state("alex"), presence.lost()) == (State.AWAY, set())
    clock.passes(5 * MINUTE)
    assert (presence.state("alex"), presence.lost()) == (State.OFFLINE, {"alex"})


def test_who_comes_back_in_time_never_was_away(presence: Presence, clock: Clock):
    presence.arrive("socket", "alex")
    presence.leave("socket")
    clock.passes(10 * SECOND)
    presence.arrive("again", "alex")
    clock.passes(10 * MINUTE)
    assert presence.online("alex")


def test_who_is_away_by_choice_and_then_loses_the_connection_stays_away(presence: Presence, clock: Clock):
    presence.arrive("socket", "alex")
    presence.say("alex", State.AWAY)
    presence.leave("socket")
    assert presence.state("alex") is State.AWAY


def test_the_next_change_is_named_to_the_millisecond(presence: Presence, clock: Clock):
    presence.arrive("socket", "alex")
    assert presence.next_change() is None
    presence.leave("socket")
    for expected in (State.AWAY, State.OFFLINE):
        moment = presence.next_change()
        assert moment is not None
        clock.now = moment - 1
        assert presence.state("alex") is not expected
        clock.now = moment
        assert presence.state("alex") is expected
    assert presence.next_change() is None


def test_another_system_s_word_needs_no_connection(presence: Presence, clock: Clock):
    presence.say("chatwoot", State.ONLINE, lasting=True)
    clock.passes(24 * 60 * MINUTE)
    assert presence.online("chatwoot")
    assert presence.lost() == set()
    presence.say("chatwoot", State.OFFLINE, lasting=True)
    assert not presence.online("chatwoot")


def test_what_another_desk_sees_counts_here_too(presence: Presence, clock: Clock):
    seen = Seen("online", since=clock.now, seen_at=clock.now)
    presence.learn({"kim": seen})
    clock.passes(BEAT_SECONDS * SECOND)
    assert presence.online("kim")
    presence.arrive("socket", "kim")
    presence.leave("socket")
    clock.passes(31 * SECOND)
    assert presence.state("kim") is State.AWAY
    presence.learn({"kim": Seen("online", since=seen.since, seen_at=clock.now)})
    assert presence.online("kim")


def test_after_a_start_everybody_has_the_grace_to_connect_again(presence: Presence, clock: Clock):
    presence.learn({"kim": Seen("online", since=1, seen_at=clock.now - 60 * MINUTE)})
    assert (presence.state("kim"), presence.lost()) == (State.OFFLINE, set())
    clock.passes(30 * SECOND + 1)
    assert presence.lost() == {"kim"}


def test_who_only_ever_took_work_without_a_connection_is_not_lost(presence: Presence, clock: Clock):
    presence.learn({"kim": Seen("offline", since=0, seen_at=0, worked_at=clock.now)})
    clock.passes(60 * MINUTE)
    assert presence.lost() == set()


def test_each_change_is_stored_once_and_who_is_connected_with_every_beat(presence: Presence, clock: Clock):
    presence.arrive("socket", "alex")
    presence.arrive("other", "kim")
    presence.leave("other")
    assert set(presence.beat(everybody=False)) == {"alex", "kim"}
    assert presence.beat(everybody=False) == {}
    clock.passes(10 * SECOND)
    assert presence.beat(everybody=True) == {"alex": Seen("online", clock.now - 10 * SECOND, clock.now)}
