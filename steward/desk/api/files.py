"""Files both ways: uploads are read as they arrive, downloads open to those whose they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, raw

from steward.desk import shapes
from steward.desk.accounts import keys
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import admit, agent_of
from steward.desk.api.http import bearer, desk_of
from steward.desk.api.multipart import FilePart, boundary_of
from steward.desk.api.operations import Who, operation
from steward.desk.store import StoredFile
from steward.desk.store.files import CUSTOMER
from steward.desk.workspace import filetypes
from steward.desk.workspace.files import LARGEST, attachment, is_customers, no_file, too_large
from steward.errors import ConversationError

_UPLOAD_SECONDS = 300.0
_DRAIN_SECONDS = 20.0
_REFUSED_BYTES = 4 * LARGEST
_FORM_BYTES = 64 * 1024
_READ = 256 * 1024
_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_KINDS = (
    *("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain", "text/csv"),
    *(kind.media for kind in (filetypes.DOCX, filetypes.XLSX, filetypes.ODT)),
    *("application/octet-stream", "multipart/form-data"),
)
_HEADERS = {
    "X-Filename": "The file's name, percent-encoded; a form carries its own.",
    "Idempotency-Key": "Of one file; sent again with the same key, it is kept once.",
}

files_api = Blueprint("files", url_prefix="/api/v1")


class OneFile(msgspec.Struct):
    """A file; its `url` opens it."""

    file: shapes.Attachment


class Signature(msgspec.Struct):
    """What opens a file without showing who one is."""

    until: shapes.Whole = 0
    signature: shapes.Line | None = None


@operation(
    files_api,
    "POST",
    "/conversations/{conversation_id}/files",
    who=Who.CUSTOMER,
    gives=OneFile,
    status=201,
    headers=_HEADERS,
    consumes=_KINDS,
)
async def customer_upload(request: Request, conversation_id: str) -> dict[str, Any]:
    """Upload a file, to be sent with a message."""
    file = await _receive(request, conversation_id, CUSTOMER)
    return {"file": _for_customer(request, file)}


@operation(
    files_api,
    "GET",
    "/conversations/{conversation_id}/files/{file_id}",
    who=Who.CUSTOMER,
    gives=OneFile,
)
async def customer_file(request: Request, conversation_id: str, file_id: str) -> dict[str, Any]:
    """A file of the conversation, with an address that is good for at least an hour."""
    file = await desk_of(request).files.of_conversation(conversation_id, file_id)
    if not is_customers(file):
        raise no_file()
    return {"file": _for_customer(request, file)}


@operation(
    files_api, "DELETE", "/conversations/{conversation_id}/files/{file_id}", who=Who.CUSTOMER, status=204
)
async def customer_take_back(request: Request, conversation_id: str, file_id: str) -> None:
    """Take back a file that was not sent yet."""
    await _take_back(request, conversation_id, file_id, CUSTOMER)


@operation(
    files_api,
    "POST",
    "/desk/conversations/{conversation_id}/files",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:write",
    gives=OneFile,
    status=201,
    headers=_HEADERS,
    consumes=_KINDS,
)
async def agent_upload(request: Request, conversation_id: str) -> dict[str, Any]:
    """Upload a file, to be sent with an answer."""
    file = await _receive(request, conversation_id, agent_of(request).id)
    return {"file": _for_agent(file)}


@operation(
    files_api,
    "GET",
    "/desk/conversations/{conversation_id}/files/{file_id}",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:read",
    gives=OneFile,
)
async def agent_file(request: Request, conversation_id: str, file_id: str) -> dict[str, Any]:
    """A file of the conversation."""
    return {"file": _for_agent(await desk_of(request).files.of_conversation(conversation_id, file_id))}


@operation(
    files_api,
    "DELETE",
    "/desk/conversations/{conversation_id}/files/{file_id}",
    who=Who.AGENT,
    permission=Permission.ANSWER,
    scope="conversations:write",
    status=204,
)
async def agent_take_back(request: Request, conversation_id: str, file_id: str) -> None:
    """Take back a file of mine that was not sent yet."""
    await _take_back(request, conversation_id, file_id, agent_of(request).id)


@operation(
    files_api,
    "GET",
    "/files/{file_id}",
    who=Who.ANYONE,
    query=Signature,
    media="application/octet-stream",
)
async def download(request: Request, file_id: str, query: Signature) -> HTTPResponse:
    """A file's content, for a signed address, the conversation's token, a session or an API key."""
    file = await _opened(request, file_id, query)
    tag = f'"{file.id}"'
    headers = {
        "Cache-Control": "private, max-age=3600, immutable",
        "Content-Disposition": _disposition(file),
        "Content-Security-Policy": _POLICY,
        "ETag": tag,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == tag:
        return raw(b"", status=304, headers=headers, content_type=file.type)
    content = desk_of(request).files.content(file)
    try:
        headers["Content-Length"] = str(file.size)
        response = await request.respond(headers=headers, content_type=file.type)
        while piece := await asyncio.to_thread(content.read, _READ):
            await response.send(piece)
    finally:
        content.close()
    await response.eof()
    return response


# In


async def _receive(request: Request, conversation_id: str, uploader: str) -> StoredFile:
    desk = desk_of(request)
    try:
        key = shapes.idempotency_key(request.headers.get("idempotency-key"))
        desk.customers.allow_upload(conversation_id)
        if int(request.headers.get("content-length") or 0) > LARGEST + _FORM_BYTES:
            raise too_large()
        chunks, name = _content(request)
        upload = desk.files.receive(conversation_id, uploader, chunks, name, key)
        return await asyncio.wait_for(upload, _UPLOAD_SECONDS)
    except asyncio.TimeoutError:
        raise ConversationError("timeout", "The upload took too long.", status=408) from None
    except ConversationError:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(_drain(request), _DRAIN_SECONDS)
        raise


def _content(request: Request) -> tuple[AsyncIterator[bytes], Callable[[], str]]:
    """The file's bytes as they arrive, and its name, which a form tells only on the way."""
    boundary = boundary_of(request.headers.get("content-type") or "")
    if boundary is None:
        name = unquote(request.headers.get("x-filename") or "", errors="replace")
        return _body(request), lambda: name
    part = FilePart(boundary)
    return _part(request, part), lambda: part.name or ""


async def _body(request: Request) -> AsyncIterator[bytes]:
    while (chunk := await request.stream.read()) is not None:
        yield chunk


async def _part(request: Request, part: FilePart) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in _body(request):
        size += len(chunk)
        if size > LARGEST + _FORM_BYTES:
            raise too_large()
        yield part.feed(chunk)
    part.end()


async def _drain(request: Request) -> None:
    """Read what is left of a refused upload, within reason, so that the client reads the refusal."""
    size = 0
    while size < _REFUSED_BYTES and request.stream.request_body:
        size += len(await request.stream.read() or b"")


# Out


async def _opened(request: Request, file_id: str, query: Signature) -> StoredFile:
    """The file, if the caller may see it."""
    files = desk_of(request).files
    if query.signature is not None:
        return await files.linked(file_id, query.until, query.signature)
    token = bearer(request)
    if token is not None and not token.startswith(keys.START):
        file = await files.any(file_id)
        await desk_of(request).customers.authorise(file.conversation_id, token)
        if not is_customers(file):
            raise no_file()
        return file
    await admit(request, Permission.ANSWER, "conversations:read")
    return await files.any(file_id)


async def _take_back(request: Request, conversation_id: str, file_id: str, uploader: str) -> None:
    files = desk_of(request).files
    file = await files.of_conversation(conversation_id, file_id)
    if file.uploader != uploader:
        raise no_file()
    await files.take_back(file)


def _for_customer(request: Request, file: StoredFile) -> dict[str, Any]:
    return attachment(file) | {"url": desk_of(request).files.link(file.id)}


def _for_agent(file: StoredFile) -> dict[str, Any]:
    return attachment(file) | {"url": shapes.file_link(file.id)}


def _disposition(file: StoredFile) -> str:
    """Pictures are shown in the page, everything else is saved."""
    kind = "inline" if file.type.startswith("image/") else "attachment"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in file.name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
