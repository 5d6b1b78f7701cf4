"""What a file is, by its content: what it was called or claimed to be decides nothing. Pure."""

from __future__ import annotations

import codecs
import io
import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from steward.errors import ConversationError

NAME_LENGTH = 120
_HEAD = 4096
_CHUNK = 256 * 1024
_MOST_PIXELS = 100_000_000
_MOST_ENTRIES = 5000
_MOST_UNPACKED = 256 * 1024 * 1024
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\s*<[a-z!?/]", re.IGNORECASE)
_ODT = b"application/vnd.oasis.opendocument.text"
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


@dataclass(frozen=True)
class FileType:
    """One kind of file that is taken: how it is served, and how its names may end."""

    media: str
    endings: tuple[str, ...]


PNG = FileType("image/png", (".png",))
JPEG = FileType("image/jpeg", (".jpg", ".jpeg", ".jfif"))
GIF = FileType("image/gif", (".gif",))
WEBP = FileType("image/webp", (".webp",))
PDF = FileType("application/pdf", (".pdf",))
TEXT = FileType("text/plain; charset=utf-8", (".txt", ".log", ".md"))
CSV = FileType("text/csv; charset=utf-8", (".csv",))
OLD_TEXT = FileType("text/plain; charset=windows-1252", (".txt", ".log", ".md"))
OLD_CSV = FileType("text/csv; charset=windows-1252", (".csv",))
DOCX = FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",))
XLSX = FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",))
ODT = FileType(_ODT.decode(), (".odt",))


def recognise(file: BinaryIO, name: str) -> FileType:
    """What the file's content is; the name only tells a table from other text.

    Nothing is unpacked or run. Raises ConversationError `file_type` for what is not taken.
    """
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return _document(file, head)
    image = _image(file, head)
    return image or _text(file, head, name)


def fitting_name(name: str, kind: FileType) -> str:
    """A name to show and to save under: no path, nothing unseen, ending as its content does."""
    name = _UNSEEN.sub("", name.replace("\\", "/")).rsplit("/", 1)[-1].strip(" .")
    stem, ending = PurePosixPath(name).stem, PurePosixPath(name).suffix
    if ending.lower() not in kind.endings:
        stem, ending = name, kind.endings[0]
    return f"{stem[: NAME_LENGTH - len(ending)].strip() or 'file'}{ending}"


def refused(why: str) -> ConversationError:
    """The answer for a file that is not taken."""
    taken = "Pictures (PNG, JPEG, GIF, WebP), PDF, text, CSV, DOCX, XLSX and ODT are taken."
    return ConversationError("file_type", f"{why} {taken}", status=415, field="file")


# Pictures


def _image(file: BinaryIO, head: bytes) -> FileType | None:
    try:
        match head:
            case _ if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
                kind, size = PNG, struct.unpack(">II", head[16:24])
            case _ if head.startswith(b"\xff\xd8\xff"):
                kind, size = JPEG, _jpeg_size(file)
            case _ if head.startswith((b"GIF87a", b"GIF89a")):
                kind, size = GIF, struct.unpack("<HH", head[6:10])
            case _ if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
                kind, size = WEBP, _webp_size(head)
            case _:
                return None
    except struct.error:
        raise refused("The picture is cut short.") from None
    if not 0 < size[0] * size[1] <= _MOST_PIXELS:
        raise refused(f"A picture of {size[0]} by {size[1]} points cannot be shown.")
    return kind


def _jpeg_size(file: BinaryIO) -> tuple[int, int]:
    """Width and height, from the frame header; the segments before it are skipped."""
    file.seek(2)
    while True:
        marker, length = struct.unpack(">HH", file.read(4))
        if marker >> 8 != 0xFF or length < 2:
            raise refused("The picture is damaged.")
        if marker & 0xFF in _JPEG_SIZES:
            height, width = struct.unpack(">xHH", file.read(5))
            return width, height
        if marker & 0xFF in _JPEG_ALONE or marker & 0xFF == 0xDA:
            raise refused("The picture is damaged.")
        file.seek(length - 2, io.SEEK_CUR)


def _webp_size(head: bytes) -> tuple[int, int]:
    match head[12:16]:
        case b"VP8X":
            width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
        case b"VP8 ":
            width, height = (size & 0x3FFF for size in struct.unpack("<HH", head[26:30]))
        case b"VP8L":
            (bits,) = struct.unpack("<I", head[21:25])
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case _:
            raise refused("The picture is damaged.")
    return width, height


# Documents


def _document(file: BinaryIO, head: bytes) -> FileType:
    """Which kind of document a ZIP archive is, by its table of contents."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError):
        raise refused("The archive is damaged.") from None
    names = {entry.filename for entry in entries}
    if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
        raise refused("The document would unpack to too much.")
    if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
        raise refused("A document with macros is not taken.")
    if head[30:38] == b"mimetype" and head[38:].startswith(_ODT + b"PK") and "content.xml" in names:
        return ODT
    if "[Content_Types].xml" in names:
        if "word/document.xml" in names:
            return DOCX
        if "xl/workbook.xml" in names:
            return XLSX
    raise refused("An archive is not taken.")


# Text


def _text(file: BinaryIO, head: bytes, name: str) -> FileType:
    is_table = name.lower().endswith(".csv")
    readable = head.decode("utf-8", "replace").removeprefix("\ufeff")
    if not head.strip() or _CONTROLS.search(head):
        raise refused("This kind of file is not taken." if head else "The file is empty.")
    if _MARKUP.match(readable):
        raise refused("Web pages and drawings in SVG are not taken.")
    if _is_utf8(file):
        return CSV if is_table else TEXT
    return OLD_CSV if is_table else OLD_TEXT


def _is_utf8(file: BinaryIO) -> bool:
    """Whether all of it is UTF-8; raises ConversationError when some of it is no text."""
    decoder, valid = codecs.getincrementaldecoder("utf-8")(), True
    for chunk in _chunks(file):
        if _CONTROLS.search(chunk):
            raise refused("This kind of file is not taken.")
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            valid = False
            decoder.reset()
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        valid = False
    return valid


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk
