"""The OpenAPI 3.1 document, made from the declarations that authorise and validate at run time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from steward.desk import shapes
from steward.desk.api.operations import Operation, Who
from steward.desk.integrations.events import EVENTS, EventShape

JSON = "application/json"
_REFERENCE = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"\{(\w+)\}")
_LONGEST_PARAMETER = 200
_EMPTY = 204
_DESK = "/api/v1/desk/"
_GROUPS = {
    "Desk: accounts": (
        "agents",
        "audit",
        "invitations",
        "join",
        "password",
        "session",
        "sessions",
    ),
    "Desk: conversations": ("conversations", "mentions", "promises", "search", "snippets", "socket"),
    "Desk: other systems": ("bridges", "events", "keys", "webhooks"),
    "Desk: team and queue": ("board", "presence", "settings", "team"),
}
_DESCRIPTION = """\
Steward's HTTP interface. JSON in and out, times in ISO 8601 and UTC. Every error is \
`{"error": {"code", "message", "field"?}}`: `code` is for programs and stays, `message` is for people.

A customer's calls carry the conversation's own token as a bearer token. Calls to the desk carry either a \
session (a cookie, and the header `X-Steward: 1` on everything that changes something) or an API key as a \
bearer token. What a key may do follows from its scopes.

A conversation has one owner at a time, and its `epoch` grows with every change of owner. Decisions carry \
the epoch they were made under; one made on what is no longer so is refused with 409."""
_SECURITY_SCHEMES = {
    "customer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The conversation's own token, from its beginning. It opens this conversation alone.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "steward_session",
        "description": "From signing in. Changes also need the header `X-Steward: 1`.",
    },
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key (`stw_…`), made at the desk. It acts as an agent of its own.",
    },
}
_SOCKETS: Mapping[str, Mapping[str, Any]] = {
    "/api/v1/conversations/{conversation_id}/socket": {
        "name": "customer_socket",
        "summary": "A customer's conversation as a WebSocket.",
        "description": (
            'The first frame is `{type: "auth", token}`, within 5 seconds. Then it takes `message` '
            "(`key`, and `text` or `payload`), `typing`, `read` (`seq`) and `ping`, and sends `snapshot`, "
            "`message`, `ack`, `typing`, `state`, `queue`, `read`, `promise`, `error` and `pong`."
        ),
        "query": shapes.After,
        "who": Who.ANYONE,
    },
    "/api/v1/desk/socket": {
        "name": "desk_socket",
        "summary": "The desk as a WebSocket.",
        "description": (
            "It opens from the desk's own page, with a session. It sends `queue`, `conversation`, `message`, "
            "`typing`, `removed`, `presence`, `offer`, `offer_gone`, `viewers`, `note`, `mention` and "
            "`read`, and takes `presence` (`state`), `viewing` and `typing` (`conversation_id`) and `ping`."
        ),
        "query": None,
        "who": Who.AGENT,
    },
}


def document(operations: Iterable[Operation], version: str) -> dict[str, Any]:
    """The whole document."""
    chosen = list(operations)
    types = {shapes.Error, EventShape, shapes.After}
    for one in chosen:
        types |= {
            shape for shape in (one.body, one.query, one.gives, *one.also.values()) if _is_struct(shape)
        }
    asked = [*sorted(types, key=lambda shape: shape.__qualname__), *_plain_types(chosen)]
    schemas, components = msgspec.json.schema_components(asked, ref_template=_REFERENCE)
    known = dict(zip(map(_key, asked), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in chosen:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, known, components)
    for path, socket in _SOCKETS.items():
        paths.setdefault(path, {})["get"] = _socket(path, socket, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Steward", "version": version, "description": _DESCRIPTION},
        "paths": paths,
        "webhooks": _webhooks(),
        "components": {"schemas": components, "securitySchemes": _SECURITY_SCHEMES},
    }


def tag(path: str) -> str:
    """The group that a path belongs to."""
    if path.startswith(_DESK):
        noun = path.removeprefix(_DESK).split("/")[0]
        return next((group for group, nouns in _GROUPS.items() if noun in nouns), f"Desk: {noun}")
    if path.startswith(("/api/v1/conversations", "/api/v1/files")):
        return "Customers"
    if path.startswith("/api/v1/bridges"):
        return "Desk: other systems"
    return "Shop" if path.startswith(("/api/v1/shop", "/api/v1/widget")) else "Operations"


def _is_struct(shape: Any) -> bool:
    return isinstance(shape, type) and issubclass(shape, msgspec.Struct)


def _plain_types(operations: Iterable[Operation]) -> list[Any]:
    """Answers that are no Struct, like a list of them."""
    found = {_key(one.gives): one.gives for one in operations if one.gives and not _is_struct(one.gives)}
    return list(found.values())


def _key(shape: Any) -> str:
    return f"{shape.__module__}.{shape.__qualname__}" if _is_struct(shape) else repr(shape)


def _operation(one: Operation, known: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": _operation_id(one),
        "summary": one.summary,
        "tags": [tag(one.path)],
        "parameters": [*_path_parameters(one.path), *_query(one.query, components), *_headers(one)],
        "responses": _responses(one, known),
    }
    if one.description:
        made["description"] = one.description
    security = _security(one)
    if security:
        made["security"] = security
    if one.permission is not None:
        made["x-permission"] = one.permission.value
    if one.scope is not None:
        made["x-scope"] = one.scope
    if one.body is not None:
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": known[_key(one.body)]}}}
    elif one.consumes:
        content = {media: {"schema": {"type": "string", "format": "binary"}} for media in one.consumes}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _operation_id(one: Operation) -> str:
    """Unlike any other, and stable: made from method and path."""
    words = re.findall(r"\w+", one.path.removeprefix("/api/v1"))
    return "_".join([one.method.lower(), *words])


def _path_parameters(path: str) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1, "maxLength": _LONGEST_PARAMETER}
    return [
        {"name": name, "in": "path", "required": True, "schema": schema} for name in _PARAMETER.findall(path)
    ]


def _query(shape: Any, components: Mapping[str, Any]) -> list[dict[str, Any]]:
    if shape is None:
        return []
    schema = components[shape.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(one)}
        for name, one in schema["properties"].items()
    ]


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A query has no null: what may be null may be left out."""
    choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    default = {"default": schema["default"]} if schema.get("default") is not None else {}
    if len(choices) == 1:
        return rest | choices[0] | default
    return rest | ({"anyOf": choices} if choices else {}) | default


def _headers(one: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in one.headers.items()
    ]


def _responses(one: Operation, known: Mapping[str, Any]) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Done." if one.status == _EMPTY else "What it gives."}
    if one.gives is not None:
        success["content"] = {one.media: {"schema": known[_key(one.gives)]}}
    elif one.media != JSON:
        success["content"] = {one.media: {}}
    others = {
        str(status): {"description": "Not now.", "content": {JSON: {"schema": known[_key(shape)]}}}
        for status, shape in one.also.items()
    }
    refusal = {"description": "Refused; the body says why.", "content": {JSON: {"schema": _ref("Error")}}}
    return {str(one.status): success, **others, "default": refusal}


def _security(one: Operation) -> list[dict[str, list[str]]]:
    match one.who:
        case Who.CUSTOMER:
            return [{"customer": []}]
        case Who.AGENT:
            schemes = ["session", "key"] if one.scope else ["session"]
            return [{scheme: []} for scheme in schemes]
        case _:
            return []


def _socket(path: str, socket: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "operationId": socket["name"],
        "summary": socket["summary"],
        "description": socket["description"],
        "tags": [tag(path)],
        "parameters": [*_path_parameters(path), *_query(socket["query"], components)],
        "responses": {
            "101": {"description": "The WebSocket is open."},
            "default": {
                "description": "Refused; the body says why.",
                "content": {JSON: {"schema": _ref("Error")}},
            },
        },
        "x-websocket": True,
    }


def _webhooks() -> dict[str, Any]:
    return {name: {"post": _webhook(name, text)} for name, text in EVENTS.items()}


def _webhook(name: str, text: str) -> dict[str, Any]:
    signed = {
        "webhook-id": "The event's id, the same at every try: what was seen before can be left out.",
        "webhook-timestamp": "When it was sent, in seconds since 1970; refuse what is older than 5 minutes.",
        "webhook-signature": "`v1,` and the Base64 of an HMAC-SHA256 over `id.timestamp.body`.",
    }
    headers = [
        {"name": header, "in": "header", "required": True, "description": told, "schema": {"type": "string"}}
        for header, told in signed.items()
    ]
    return {
        "summary": text,
        "operationId": "event_" + name.replace(".", "_"),
        "tags": ["Events"],
        "parameters": headers,
        "requestBody": {"required": True, "content": {JSON: {"schema": _ref("EventShape")}}},
        "responses": {"2XX": {"description": "It arrived. Anything else is tried again."}},
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(name=name)}
