"""Who is at a conversation: it changes when somebody comes, types, goes, or is silent for long."""

from __future__ import annotations

from steward.desk.workspace.viewers import TYPING_FOR, VIEWING_FOR, Viewer, Viewers

ROBIN, SAM = object(), object()


def test_who_looks_is_seen_until_they_look_elsewhere() -> None:
    viewers = Viewers()
    assert viewers.view(ROBIN, "robin", "a", 0) == {"a"}
    assert viewers.of("a", 1) == (Viewer("robin", False),)
    assert viewers.view(ROBIN, "robin", "b", 2) == {"a", "b"}
    assert viewers.of("a", 3) == ()
    assert viewers.view(ROBIN, "robin", None, 4) == {"b"}


def test_looking_again_is_no_news() -> None:
    viewers = Viewers()
    viewers.view(ROBIN, "robin", "a", 0)
    assert viewers.view(ROBIN, "robin", "a", 1) == frozenset()


def test_two_windows_of_one_agent_are_one_viewer() -> None:
    viewers = Viewers()
    viewers.view(ROBIN, "robin", "a", 0)
    assert viewers.view(SAM, "robin", "a", 0) == frozenset()
    assert viewers.of("a", 0) == (Viewer("robin", False),)
    assert viewers.leave(SAM, 1) == frozenset()
    assert viewers.leave(ROBIN, 1) == {"a"}


def test_typing_fades() -> None:
    viewers = Viewers()
    viewers.view(ROBIN, "robin", "a", 0)
    assert viewers.type(SAM, "sam", "a", 0) == {"a"}
    assert viewers.of("a", TYPING_FOR - 1) == (Viewer("robin", False), Viewer("sam", True))
    assert viewers.expire(TYPING_FOR - 1) == frozenset()
    assert viewers.expire(TYPING_FOR) == {"a"}
    assert viewers.of("a", TYPING_FOR) == (Viewer("robin", False), Viewer("sam", False))


def test_typing_in_one_window_shows_although_another_is_open() -> None:
    viewers = Viewers()
    viewers.type(ROBIN, "robin", "a", 0)
    viewers.view(SAM, "robin", "a", 1)
    assert viewers.of("a", 2) == (Viewer("robin", True),)


def test_a_silent_socket_is_forgotten_and_one_that_pings_is_not() -> None:
    viewers = Viewers()
    viewers.view(ROBIN, "robin", "a", 0)
    viewers.view(SAM, "sam", "a", 0)
    viewers.touch(SAM, VIEWING_FOR - 1)
    assert viewers.expire(VIEWING_FOR) == {"a"}
    assert viewers.of("a", VIEWING_FOR) == (Viewer("sam", False),)
    assert viewers.busy
    viewers.leave(SAM, VIEWING_FOR)
    assert not viewers.busy


def test_leaving_twice_or_without_having_come_is_no_matter() -> None:
    viewers = Viewers()
    assert viewers.leave(ROBIN, 0) == frozenset()
    viewers.touch(ROBIN, 0)
    assert viewers.expire(10**9) == frozenset()


def test_typing_again_at_once_is_told_once() -> None:
    viewers = Viewers()
    assert not viewers.typed_within(ROBIN, "a", 1000, 0)
    viewers.type(ROBIN, "robin", "a", 0)
    assert viewers.typed_within(ROBIN, "a", 1000, 999)
    assert not viewers.typed_within(ROBIN, "a", 1000, 1000)
    assert not viewers.typed_within(ROBIN, "b", 1000, 1)
