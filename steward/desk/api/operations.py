"""Endpoints as declarations: who may call them, what they take, what they give.

The same declaration authorises and validates at run time and becomes the OpenAPI document, so the two
cannot differ. A handler is called with the request, the path's parameters, and `body` and `query` where
they are declared; what it returns is encoded as JSON unless it is a response already.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, empty

from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import admit
from steward.desk.api.http import answer, bearer, desk_of
from steward.errors import ConversationError

Handler = Callable[..., Awaitable[Any]]

_EMPTY = 204
_PARAMETER = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


class Who(str, Enum):
    """Who may call an endpoint."""

    ANYONE = "anyone"
    CUSTOMER = "customer"
    """The holder of the conversation's token; the path has `conversation_id`."""
    AGENT = "agent"
    """Somebody signed in at the desk, or another system with an API key."""


@dataclass(frozen=True)
class Operation:
    """One endpoint. `path` is complete, in OpenAPI's notation; `also` is neither success nor error."""

    method: str
    path: str
    name: str
    summary: str
    description: str
    who: Who
    permission: Permission | None
    scope: str | None
    body: type[Any] | None
    query: type[Any] | None
    gives: Any
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/json"
    consumes: tuple[str, ...] = ()
    also: Mapping[int, Any] = field(default_factory=dict)


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
    gives: Any = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media: str = "application/json",
    consumes: tuple[str, ...] = (),
    also: Mapping[int, Any] | None = None,
) -> Callable[[Handler], Handler]:
    """Declare the decorated handler as an endpoint of the blueprint.

    `path` is in OpenAPI's notation (`/conversations/{conversation_id}`). For agents `permission` is what the
    role must allow and `scope` what an API key must carry; without a scope no key may call it.
    `headers` names the optional request headers that the handler reads, each with what it is for. A handler
    that reads `request.stream` itself, of any length, names the content types in `consumes`; one that does
    not give JSON names its own in `media`.
    """

    def declare(handler: Handler) -> Handler:
        full = f"{blueprint.url_prefix or ''}{path}"
        summary, _, description = (inspect.getdoc(handler) or "").partition("\n\n")
        name = handler.__name__
        OPERATIONS.append(
            Operation(
                method=method,
                path=full,
                name=name,
                summary=summary.replace("\n", " "),
                description=description.replace("\n", " "),
                who=who,
                permission=permission,
                scope=scope,
                body=body,
                query=query,
                gives=gives,
                status=status,
                headers=headers or {},
                media=media,
                consumes=consumes,
                also=also or {},
            )
        )

        @functools.wraps(handler)
        async def respond(request: Request, **parameters: str) -> HTTPResponse:
            _expect_plain(parameters)
            await _authorise(request, who, permission, scope, parameters)
            given: dict[str, Any] = {}
            if body is not None:
                given["body"] = shapes.decode(request.body, body)
            if query is not None:
                given["query"] = shapes.decode_query(dict(request.query_args), query)
            result = await handler(request, **parameters, **given)
            if isinstance(result, HTTPResponse):
                return result
            return empty() if status == _EMPTY else answer(result, status)

        route = path.replace("{", "<").replace("}", ":str>")
        blueprint.add_route(respond, route, methods=[method], name=name, stream=bool(consumes))
        return handler

    return declare


def _expect_plain(parameters: Mapping[str, str]) -> None:
    """No id is longer or has control characters, which databases answer with an error of their own."""
    if not all(_PARAMETER.fullmatch(value) for value in parameters.values()):
        raise ConversationError("not_found", "There is nothing at this address.", status=404)


async def _authorise(
    request: Request,
    who: Who,
    permission: Permission | None,
    scope: str | None,
    parameters: dict[str, str],
) -> None:
    desk = desk_of(request)
    if who is Who.CUSTOMER:
        await desk.customers.authorise(parameters["conversation_id"], bearer(request))
    elif who is Who.AGENT:
        request.ctx.agent = await admit(request, permission, scope)
