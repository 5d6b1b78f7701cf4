"""The static pages: the demo shop, the agent desk, the widget, and the files that they are made of."""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from sanic import Blueprint, Request
from sanic.exceptions import NotFound
from sanic.response import HTTPResponse, empty, raw

pages = Blueprint("pages")

_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".svg", ".ico", ".woff2"}


@dataclass(frozen=True)
class _File:
    content: bytes
    etag: str
    kind: str
    cache: str


class Files:
    """The files below one folder, kept in memory until they change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._known: dict[Path, tuple[tuple[int, int], _File]] = {}

    def get(self, name: str) -> _File:
        """A file; raises NotFound for what is not there, is hidden, or lies outside."""
        if "\x00" in name:
            raise NotFound("Not found")
        path = (self._folder / name).resolve()
        inside = path.is_relative_to(self._folder)
        if not inside or any(part.startswith(".") for part in path.relative_to(self._folder).parts):
            raise NotFound("Not found")
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            known = self._known.get(path)
            if known is None or known[0] != stamp:
                known = self._known[path] = (stamp, _load(path))
        except (OSError, ValueError):
            raise NotFound("Not found") from None
        return known[1]


@pages.get("/")
async def shop(request: Request) -> HTTPResponse:
    """The demo shop."""
    return serve_file(request, "shop/index.html")


@pages.get("/desk")
async def desk(request: Request) -> HTTPResponse:
    """The agent desk."""
    return serve_file(request, "desk/index.html")


@pages.get("/chat.js")
async def chat(request: Request) -> HTTPResponse:
    """The one script that a shop's page needs."""
    return serve_file(request, "chat/steward-chat.js")


@pages.get("/web/<name:path>")
async def file(request: Request, name: str) -> HTTPResponse:
    """Any other file of the pages."""
    return serve_file(request, name)


def serve_file(request: Request, name: str) -> HTTPResponse:
    """A file of the pages, or that the client has it already."""
    files: Files = request.app.ctx.files
    found = files.get(name)
    headers = {"ETag": found.etag, "Cache-Control": found.cache}
    if request.headers.get("if-none-match") == found.etag:
        return empty(status=304, headers=headers)
    return raw(found.content, headers=headers, content_type=found.kind)


def _load(path: Path) -> _File:
    content = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    # Code is asked for anew each time (and mostly answered "not modified"), pictures once a day.
    cache = "public, max-age=86400" if path.suffix in _PICTURES else "no-cache"
    return _File(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"', kind, cache)
