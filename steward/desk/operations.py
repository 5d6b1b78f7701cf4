"""Endpoints as declarations: who may call them, what they take, what they give.

The same declaration authorises and validates at run time and becomes the OpenAPI document, so the two
cannot differ. A handler is called with the request, the path's parameters, and `body` and `query` where
they are declared; what it returns is encoded as JSON unless it is a response already.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from steward.desk import shapes
from steward.desk.entry import admit
from steward.desk.http import answer, bearer, desk_of
from steward.desk.permissions import Permission

Handler = Callable[..., Awaitable[Any]]


class Who(str, Enum):
    """Who may call an endpoint."""

    ANYONE = "anyone"
    CUSTOMER = "customer"
    """The holder of the conversation's token; the path has `conversation_id`."""
    AGENT = "agent"
    """Somebody signed in at the desk, or another system with an API key."""


@dataclass(frozen=True)
class Operation:
    """One endpoint. `path` is complete, in OpenAPI's notation."""

    method: str
    path: str
    name: str
    summary: str
    who: Who
    permission: Permission | None
    scope: str | None
    body: type[Any] | None
    query: type[Any] | None
    gives: type[Any] | None
    status: int


OPERATIONS: list[Operation] = []
"""All that were declared, in the order of declaration."""


def operation(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    who: Who,
    permission: Permission | None = None,
    scope: str | None = None,
    body: type[Any] | None = None,
    query: type[Any] | None = None,
    gives: type[Any] | None = None,
    status: int = 200,
) -> Callable[[Handler], Handler]:
    """Declare the decorated handler as an endpoint of the blueprint.

    `path` is in OpenAPI's notation (`/conversations/{conversation_id}`). For agents `permission` is what the
    role must allow and `scope` what an API key must carry; without a scope no key may call it.
    """

    def declare(handler: Handler) -> Handler:
        full = f"{blueprint.url_prefix or ''}{path}"
        summary = (inspect.getdoc(handler) or "").split("\n\n")[0].replace("\n", " ")
        name = handler.__name__
        OPERATIONS.append(
            Operation(method, full, name, summary, who, permission, scope, body, query, gives, status)
        )

        @functools.wraps(handler)
        async def respond(request: Request, **parameters: str) -> HTTPResponse:
            await _authorise(request, who, permission, scope, parameters)
            given: dict[str, Any] = {}
            if body is not None:
                given["body"] = shapes.decode(request.body, body)
            if query is not None:
                given["query"] = shapes.decode_query(dict(request.query_args), query)
            result = await handler(request, **parameters, **given)
            return result if isinstance(result, HTTPResponse) else answer(result, status)

        route = path.replace("{", "<").replace("}", ":str>")
        blueprint.add_route(respond, route, methods=[method], name=name)
        return handler

    return declare


async def _authorise(
    request: Request,
    who: Who,
    permission: Permission | None,
    scope: str | None,
    parameters: dict[str, str],
) -> None:
    desk = desk_of(request)
    if who is Who.CUSTOMER:
        await desk.authorise(parameters["conversation_id"], bearer(request))
    elif who is Who.AGENT:
        request.ctx.agent = await admit(request, permission, scope)
