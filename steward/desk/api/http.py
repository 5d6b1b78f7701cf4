"""What all endpoints share: errors in one shape, headers, reading a request."""

from __future__ import annotations

import logging
import math
from typing import Any

from sanic import Request
from sanic.exceptions import NotFound, SanicException
from sanic.response import HTTPResponse, empty, raw

from steward.desk import shapes
from steward.desk.accounts.agents import TooMany
from steward.desk.service import Desk
from steward.desk.store import StoreUnavailable
from steward.errors import ConversationError

_LOG = logging.getLogger("steward.desk")
_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 408: "timeout"}
_MESSAGES = {
    400: "The request cannot be read.",
    404: "There is nothing at this address.",
    405: "This address does not do that.",
    413: "The request is too large; 64 KiB are allowed.",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_SECURITY = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_SHARED = (
    "/api/v1/conversations",
    "/api/v1/files",
    "/api/v1/widget",
    "/chat.js",
    "/web/chat/",
    "/web/shared/",
    "/web/shop/img/",
)
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, X-Filename",
    "Access-Control-Max-Age": "86400",
}


def desk_of(request: Request) -> Desk:
    """The service behind the request."""
    desk: Desk = request.app.ctx.desk
    return desk


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> HTTPResponse:
    """A JSON answer that nobody keeps."""
    headers = {"Cache-Control": "no-store"} | (headers or {})
    return raw(shapes.encode(value).encode(), status=status, headers=headers, content_type="application/json")


def query(request: Request, name: str) -> str | None:
    """A value from the query, or None."""
    value: str | None = request.args.get(name)
    return value


def bearer(request: Request) -> str | None:
    """The bearer token, or None."""
    kind, _, token = (request.headers.get("authorization") or "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def address_of(request: Request) -> str:
    """The client's address; a proxy's word is taken only where SANIC_PROXIES_COUNT says there is one."""
    return str(request.remote_addr or request.ip or "")


def expect_socket(request: Request) -> None:
    """Refuse a plain request to the address of a WebSocket."""
    if (request.headers.get("upgrade") or "").lower() != "websocket":
        raise ConversationError("upgrade_required", "This address is a WebSocket.", status=426)


def refuse(_request: Request, error: Exception) -> HTTPResponse:
    """Every error as JSON in one shape; an unexpected one is logged and says nothing about the inside."""
    if isinstance(error, TooMany):
        headers = {"Retry-After": str(max(1, math.ceil(error.wait)))}
        return answer(shapes.error_shape(error.code, str(error)), error.status, headers)
    if isinstance(error, ConversationError):
        return answer(shapes.error_shape(error.code, str(error), error.field), error.status)
    if isinstance(error, StoreUnavailable):
        _LOG.error("%s", error, exc_info=error)
        shape = shapes.error_shape("unavailable", "The service cannot reach its database; try again soon.")
        return answer(shape, 503, {"Retry-After": "2"})
    if isinstance(error, SanicException):
        return _http_error(_request, error)
    _LOG.error("An unexpected error.", exc_info=error)
    return answer(shapes.error_shape("internal", "Something went wrong on our side; it was recorded."), 500)


def harden(request: Request, response: HTTPResponse) -> None:
    """The headers that every response carries, and those that let a shop's page use the widget."""
    for name, value in _SECURITY.items():
        response.headers.setdefault(name, value)
    if request is not None and request.path.startswith(_SHARED):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "Retry-After"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    else:
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")


def _http_error(request: Request, error: SanicException) -> HTTPResponse:
    status = getattr(error, "status_code", 500) or 500
    if isinstance(error, NotFound) and request.route is None and _has_other_methods(request):
        status = 405
    if status == 405 and request.method == "OPTIONS" and request.path.startswith(_SHARED):
        return empty(headers=_PREFLIGHT)
    headers: dict[str, Any] = {
        name: value
        for name, value in (getattr(error, "headers", None) or {}).items()
        if name.lower() in ("allow", "retry-after")
    }
    code = _CODES.get(status, "internal" if status >= 500 else "bad_request")
    return answer(shapes.error_shape(code, _MESSAGES.get(status, str(error))), status, headers)


def _has_other_methods(request: Request) -> bool:
    """Sanic's router says "not found" where a path with a parameter only lacks the method."""
    for method in ("GET", "POST", "DELETE"):
        try:
            request.app.router.get(request.path, method, request.headers.get("host"))
        except SanicException:
            continue
        return True
    return False
