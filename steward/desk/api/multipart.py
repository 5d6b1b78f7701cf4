"""Reads the one file out of a multipart/form-data body as it arrives (RFC 7578). Pure."""

from __future__ import annotations

import re
from email.message import Message
from email.parser import HeaderParser
from email.utils import collapse_rfc2231_value

from steward.errors import ConversationError

_HEADERS = 16 * 1024
_BOUNDARY = re.compile(r"[\x20-\x7e]{1,70}")


class FilePart:
    """The first part with a file name; `feed` gives its content piece by piece, other parts are skipped."""

    def __init__(self, boundary: str) -> None:
        self.name: str | None = None
        """The file's name, as soon as its part has begun."""
        self._mark = b"\r\n--" + boundary.encode("latin-1")
        self._rest = b"\r\n"
        self._inside = False
        self._head = False
        self._done = False

    def feed(self, data: bytes) -> bytes:
        """What these bytes add to the file."""
        self._rest += data
        taken = b""
        while not self._done and (piece := self._step()) is not None:
            taken += piece
        return taken

    def end(self) -> None:
        """The body is over; raises ConversationError when the file was not, or there was none."""
        if self.name is None:
            raise _odd("The form has no file.")
        if not self._done:
            raise _odd("The form breaks off before its end.")

    def _step(self) -> bytes | None:
        """Take what can be decided now: None when more is needed."""
        return self._read_head() if self._head else self._read_content()

    def _read_content(self) -> bytes | None:
        place = self._rest.find(self._mark)
        if place < 0:
            return self._all_but_a_mark()
        after = place + len(self._mark)
        follows = self._rest[after : after + 2]
        if len(follows) < 2:
            return None
        if follows not in (b"\r\n", b"--"):
            raise _odd("The form's boundaries are damaged.")
        content = self._rest[:place] if self._inside else b""
        self._rest = self._rest[after + 2 :]
        self._done = self._inside or follows == b"--"
        self._head = not self._done
        self._inside = False
        return content

    def _all_but_a_mark(self) -> bytes | None:
        """The content that cannot be the beginning of a boundary."""
        safe = len(self._rest) - len(self._mark)
        if safe <= 0:
            return None
        content, self._rest = self._rest[:safe], self._rest[safe:]
        return content if self._inside else b""

    def _read_head(self) -> bytes | None:
        place = self._rest.find(b"\r\n\r\n")
        if place < 0:
            if len(self._rest) > _HEADERS:
                raise _odd("A part of the form has too long a header.")
            return None
        headers = HeaderParser().parsestr(self._rest[:place].decode("utf-8", "replace"))
        self._rest = self._rest[place + 4 :]
        self._head = False
        name = _file_name(headers)
        if name is not None:
            self.name = name
            self._inside = True
        return b""


def boundary_of(content_type: str) -> str | None:
    """The boundary of a multipart/form-data body; None for any other type."""
    message = Message()
    message["content-type"] = content_type
    if message.get_content_type() != "multipart/form-data":
        return None
    boundary = message.get_param("boundary")
    if not isinstance(boundary, str) or not _BOUNDARY.fullmatch(boundary):
        raise _odd("The form has no boundary.")
    return boundary


def _file_name(headers: Message) -> str | None:
    name = headers.get_param("filename", header="content-disposition")
    return None if name is None else collapse_rfc2231_value(name, errors="replace")


def _odd(message: str) -> ConversationError:
    return ConversationError("bad_request", message, status=400, field="file")
