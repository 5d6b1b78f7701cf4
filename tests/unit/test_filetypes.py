"""What a file is taken for: its content decides, whatever it is called."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.desk.workspace import filetypes
from steward.desk.workspace.filetypes import NAME_LENGTH, fitting_name, recognise
from steward.errors import ConversationError
from tests.support.files import DOCX, GIF, JPEG, ODT, PDF, PNG, WEBP, XLSX, archive_of, png

KINDS = {
    "picture.png": (PNG, filetypes.PNG),
    "picture.jpg": (JPEG, filetypes.JPEG),
    "picture.gif": (GIF, filetypes.GIF),
    "picture.webp": (WEBP, filetypes.WEBP),
    "manual.pdf": (PDF, filetypes.PDF),
    "letter.docx": (DOCX, filetypes.DOCX),
    "table.xlsx": (XLSX, filetypes.XLSX),
    "letter.odt": (ODT, filetypes.ODT),
    "list.csv": (b"sku;price\nRL-300;189\n", filetypes.CSV),
    "log.txt": ("Grüße\n".encode(), filetypes.TEXT),
    "old.txt": ("Grüße\n".encode("cp1252"), filetypes.OLD_TEXT),
    "old.csv": ("Größe;1\n".encode("cp1252"), filetypes.OLD_CSV),
}


def seen(data: bytes, name: str = "file") -> filetypes.FileType:
    return recognise(io.BytesIO(data), name)


def why_not(data: bytes, name: str = "file") -> str:
    with pytest.raises(ConversationError) as refusal:
        seen(data, name)
    assert (refusal.value.code, refusal.value.status) == ("file_type", 415)
    return str(refusal.value)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_taken_is_known_by_its_content(name: str) -> None:
    data, kind = KINDS[name]
    assert seen(data, name) == kind


@pytest.mark.parametrize("name", [name for name in KINDS if not name.endswith((".csv", ".txt"))])
def test_a_false_name_changes_nothing(name: str) -> None:
    data, kind = KINDS[name]
    assert seen(data, "evil.html") == kind


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"  \r\n<html><body onload=alert(1)>",
        b"\xef\xbb\xbf<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"<!-- a comment --><script>alert(1)</script>",
        b"<ScRiPt>alert(1)</sCrIpT>",
    ],
)
def test_markup_is_refused_whatever_it_is_called(data: bytes) -> None:
    assert "SVG" in why_not(data, "picture.png")
    assert "SVG" in why_not(data, "notes.txt")


def test_text_with_a_smaller_sign_is_text() -> None:
    assert seen(b"< 5 bar is too little, > 6 is too much") == filetypes.TEXT


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00\x03\x00\x00\x00",
        b"\x7fELF\x02\x01\x01\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"Rar!\x1a\x07\x01\x00",
        b"\x1f\x8b\x08\x00",
        b"plain text at first\n" * 1000 + b"\x00\x01\x02",
        b"BM\x00\x00\x00\x00",
        b"",
    ],
    ids=["windows", "linux", "old office", "rar", "gzip", "text then bytes", "bitmap", "nothing"],
)
def test_programs_and_archives_are_refused(data: bytes) -> None:
    why_not(data)


def test_an_archive_is_not_a_document() -> None:
    assert "archive" in why_not(archive_of({"a.txt": b"hello"}), "letter.docx")


def test_a_document_with_macros_is_refused() -> None:
    contents = {"[Content_Types].xml": b"", "word/document.xml": b"", "word/vbaProject.bin": b""}
    assert "macros" in why_not(archive_of(contents))


def test_a_document_that_would_unpack_to_gigabytes_is_refused_unread() -> None:
    honest = archive_of({"[Content_Types].xml": b"", "word/document.xml": b"x" * 1000})
    claim = struct.pack("<I", 1000)
    bomb = honest.replace(claim, struct.pack("<I", 2**31))
    assert bomb != honest
    assert "unpack" in why_not(bomb)


def test_a_document_of_very_many_parts_is_refused() -> None:
    parts = {f"word/{number}": b"" for number in range(6000)}
    assert "unpack" in why_not(archive_of({"[Content_Types].xml": b"", "word/document.xml": b"", **parts}))


def test_a_damaged_archive_is_refused() -> None:
    assert "damaged" in why_not(DOCX[: len(DOCX) // 2])


@pytest.mark.parametrize(
    "data", [PNG[:20], JPEG[:12], GIF[:8], WEBP[:22]], ids=["png", "jpeg", "gif", "webp"]
)
def test_a_picture_cut_short_is_refused(data: bytes) -> None:
    assert "short" in why_not(data) or "damaged" in why_not(data)


def test_a_picture_too_large_to_show_is_refused() -> None:
    assert "100000 by 100000" in why_not(png(100_000, 100_000))
    assert "0 by" in why_not(png(0, 5))


def test_a_picture_with_a_page_behind_it_is_served_as_a_picture() -> None:
    assert seen(GIF + b"<script>alert(1)</script>", "both.html") == filetypes.GIF
    assert seen(PNG + DOCX, "both.docx") == filetypes.PNG


def test_a_page_with_a_picture_behind_it_is_refused() -> None:
    why_not(b"<html>" + PNG)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail_otherwise_than_by_refusing(data: bytes) -> None:
    for start in (
        b"",
        b"PK\x03\x04",
        b"\xff\xd8\xff\xe0",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        PNG[:16],
        GIF[:6],
    ):
        try:
            kind = seen(start + data)
        except ConversationError as refusal:
            assert refusal.code == "file_type"
        else:
            assert kind.media


@pytest.mark.parametrize(
    ("given", "kind", "shown"),
    [
        ("photo.png", filetypes.PNG, "photo.png"),
        ("PHOTO.PNG", filetypes.PNG, "PHOTO.PNG"),
        ("photo.jpeg", filetypes.JPEG, "photo.jpeg"),
        ("evil.html", filetypes.PNG, "evil.html.png"),
        ("../../etc/passwd", filetypes.TEXT, "passwd.txt"),
        ("C:\\Users\\me\\bild.png", filetypes.PNG, "bild.png"),
        ("..", filetypes.PDF, "file.pdf"),
        ("", filetypes.PDF, "file.pdf"),
        ("/", filetypes.PDF, "file.pdf"),
        ("a\r\nSet-Cookie: x.txt", filetypes.TEXT, "aSet-Cookie: x.txt"),
        ("invoice\u202egnp.exe", filetypes.PNG, "invoicegnp.exe.png"),
        ("Rechnung Größe.pdf", filetypes.PDF, "Rechnung Größe.pdf"),
    ],
)
def test_a_name_has_no_path_and_ends_as_its_content_does(
    given: str, kind: filetypes.FileType, shown: str
) -> None:
    assert fitting_name(given, kind) == shown


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_can_be_shown_and_stored(name: str) -> None:
    for kind in (filetypes.PNG, filetypes.DOCX):
        shown = fitting_name(name, kind)
        assert 0 < len(shown) <= NAME_LENGTH
        assert shown.lower().endswith(kind.endings)
        assert not set(shown) & set("/\\\x00\r\n")
        shown.encode()
