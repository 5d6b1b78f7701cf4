"""A form's file is read the same however its bytes arrive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.desk.api.multipart import FilePart, boundary_of
from steward.errors import ConversationError


def form(content: bytes, boundary: str = "xyz", name: str = "a.png", before: bytes = b"") -> bytes:
    """A form with a text field and then a file."""
    return (
        before
        + f'--{boundary}\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'.encode()
        + f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode()
        + b"Content-Type: image/png\r\n\r\n"
        + content
        + f"\r\n--{boundary}--\r\n".encode()
    )


def read(data: bytes, sizes: list[int], boundary: str = "xyz") -> tuple[bytes, str | None]:
    part, content, place = FilePart(boundary), b"", 0
    for size in [*sizes, len(data)]:
        content += part.feed(data[place : place + size])
        place += size
    part.end()
    return content, part.name


@given(st.binary(max_size=300), st.lists(st.integers(1, 20), max_size=60))
def test_the_pieces_it_comes_in_make_no_difference(content: bytes, sizes: list[int]) -> None:
    if b"\r\n--xyz" not in content:
        assert read(form(content), sizes) == (content, "a.png")


@given(st.lists(st.sampled_from([b"\r", b"\n", b"-", b"\r\n--xy", b"xyz", b"--"]), max_size=40))
def test_what_only_looks_like_a_boundary_is_content(pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    if b"\r\n--xyz" not in content:
        assert read(form(content), [1] * 400)[0] == content


def test_what_stands_before_the_first_boundary_is_no_content() -> None:
    assert read(form(b"data", before=b"preamble\r\n"), [3] * 10)[0] == b"data"


def test_a_name_beyond_ascii_is_understood() -> None:
    assert read(form(b"x", name="Größe.png"), [])[1] == "Größe.png"
    head = b"Content-Disposition: form-data; name=f; filename*=UTF-8''Gr%C3%B6%C3%9Fe.png"
    assert read(b"--b\r\n" + head + b"\r\n\r\nx\r\n--b--", [], "b")[1] == "Größe.png"


def test_a_second_file_is_left_alone() -> None:
    second = b'\r\n--xyz\r\nContent-Disposition: form-data; filename="b.png"\r\n\r\nsecond\r\n--xyz--\r\n'
    data = form(b"first").replace(b"\r\n--xyz--\r\n", second)
    assert read(data, [])[0] == b"first"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (form(b"x")[:-12], "breaks off"),
        (b"--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\nhello\r\n--xyz--\r\n", "no file"),
        (b"", "no file"),
        (b"--xyz\r\n" + b"X: " + b"a" * 20_000, "too long"),
        (b"--xyzzz\r\n\r\n", "damaged"),
    ],
    ids=["cut short", "no file", "nothing", "endless header", "damaged"],
)
def test_a_form_that_is_none_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ConversationError, match=why):
        read(data, [7] * 50)


def test_only_a_form_has_a_boundary() -> None:
    assert boundary_of('multipart/form-data; boundary="a b"') == "a b"
    assert boundary_of("multipart/form-data; boundary=----WebKit7") == "----WebKit7"
    assert boundary_of("image/png") is None
    assert boundary_of("") is None
    for odd in ("multipart/form-data", f"multipart/form-data; boundary={'x' * 90}"):
        with pytest.raises(ConversationError):
            boundary_of(odd)
