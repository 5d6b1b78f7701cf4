"""The interface's own description: as an OpenAPI document, and as a page to read."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from steward.desk.api.openapi import document
from steward.desk.api.operations import OPERATIONS, Who, operation
from steward.desk.api.pages import serve_file

docs_api = Blueprint("docs", url_prefix="/api")


@operation(docs_api, "GET", "/v1/openapi.json", who=Who.ANYONE, gives=dict[str, Any])
async def openapi(request: Request) -> dict[str, Any]:
    """This interface as an OpenAPI 3.1 document."""
    known: dict[str, Any] | None = getattr(request.app.ctx, "openapi", None)
    if known is None:
        known = request.app.ctx.openapi = document(OPERATIONS, version("steward"))
    return known


@operation(docs_api, "GET", "/docs", who=Who.ANYONE, media="text/html; charset=utf-8")
async def page(request: Request) -> HTTPResponse:
    """This interface as a page to read."""
    return serve_file(request, "api/index.html")
