"""Webhooks, what is on its way to them, and the events that they carry."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

import msgspec
from sanic import Blueprint, Request

from steward.clock import now
from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import acted, agent_of
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.integrations import hooks
from steward.desk.integrations.events import EVENTS, EventShape, event_shape
from steward.desk.integrations.outside import check_url
from steward.desk.service import Desk
from steward.desk.store import Delivery, Hook, NewEvent, Store
from steward.desk.store.hooks import PING, WAITING, Standing
from steward.errors import ConversationError

_SCOPE = "webhooks:manage"
_MOST_HOOKS = 50
_HIGHEST_SEQ = 2**53

hooks_api = Blueprint("hooks", url_prefix="/api/v1/desk")

Events = Annotated[list[shapes.Line], msgspec.Meta(max_length=50, description="None means all of them.")]
Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Place = Annotated[int, msgspec.Meta(ge=0, le=_HIGHEST_SEQ, description="The seq of an event.")]
Some = Annotated[int, msgspec.Meta(ge=1, le=500)]


class NewHook(msgspec.Struct):
    """Where events go, and which."""

    url: Url
    name: shapes.Line = "Webhook"
    events: Events = []


class HookChange(msgspec.Struct):
    """What to change of a webhook; what is not named stays. A new secret is made for `new_secret`."""

    url: Url | None = None
    name: shapes.Line | None = None
    events: Events | None = None
    active: bool | None = None
    new_secret: bool = False


class HookShape(msgspec.Struct):
    """A webhook, and how it stands. Its secret is shown only when it is made."""

    id: str
    kind: str
    url: str
    name: str
    events: list[str]
    active: bool
    state: Literal["working", "failing", "off", "new"]
    waiting: shapes.Whole
    dead: shapes.Whole
    created_at: shapes.Moment
    delivered_at: shapes.Moment | None
    failing_since: shapes.Moment | None
    error: str | None


class EventType(msgspec.Struct):
    """A type of event."""

    type: str
    title: str


class HookList(msgspec.Struct):
    """All webhooks, and the events that there are."""

    webhooks: list[HookShape]
    events: list[EventType]


class OneHook(msgspec.Struct):
    """A webhook; with its secret if that is new."""

    webhook: HookShape
    secret: str | msgspec.UnsetType = msgspec.UNSET


class DeliveryShape(msgspec.Struct):
    """One event on its way to one webhook."""

    id: int
    event: EventShape
    state: Literal["waiting", "delivered", "dead"]
    attempts: shapes.Whole
    next_at: shapes.Moment | None
    status: int | None
    error: str | None
    milliseconds: int | None
    done_at: shapes.Moment | None


class DeliveryList(msgspec.Struct):
    """Deliveries, the newest first."""

    deliveries: list[DeliveryShape]


class OneDelivery(msgspec.Struct):
    """A delivery."""

    delivery: DeliveryShape


class WhichDeliveries(msgspec.Struct):
    """Those in one state, or all; those older than one, or the newest."""

    state: Literal["waiting", "delivered", "dead"] | None = None
    before: Place | None = None
    limit: Some = 50


class From(msgspec.Struct):
    """The seq of the last event that is known."""

    after: Place


class Replayed(msgspec.Struct):
    """How many events are on their way once more."""

    events: shapes.Whole


class WhichEvents(msgspec.Struct):
    """The events after a seq, of one type or of all."""

    after: Place = 0
    limit: Some = 100
    type: shapes.Line | None = None


class EventList(msgspec.Struct):
    """Events in order. `last` is the highest seq there is: read on until it is reached."""

    events: list[EventShape]
    last: int


@operation(
    hooks_api,
    "GET",
    "/webhooks",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    scope=_SCOPE,
    gives=HookList,
)
async def listed(request: Request) -> dict[str, Any]:
    """Every webhook with how it stands, and the events that there are."""
    store = desk_of(request).store
    standings = await store.hooks.standings()
    shown = [hook_shape(hook, standings.get(hook.id)) for hook in await store.hooks.all()]
    return {"webhooks": shown, "events": [{"type": name, "title": title} for name, title in EVENTS.items()]}


@operation(
    hooks_api,
    "POST",
    "/webhooks",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    scope=_SCOPE,
    body=NewHook,
    gives=OneHook,
    status=201,
)
async def add(request: Request, body: NewHook) -> dict[str, Any]:
    """Add a webhook. Its secret is in the answer and nowhere else."""
    desk = desk_of(request)
    if len(await desk.store.hooks.all()) >= _MOST_HOOKS:
        raise ConversationError("too_many", f"There are {_MOST_HOOKS} webhooks already; remove one first.")
    hook = Hook(
        id="hook_" + secrets.token_urlsafe(9),
        kind=hooks.HTTP,
        url=check_url(body.url, "url", desk.settings.webhooks_allow_private),
        name=shapes.words(body.name, "name", 200),
        events=_known_events(body.events),
        secret=hooks.new_secret(),
        settings={},
        active=True,
        created_at=now(),
        created_by=agent_of(request).id,
    )
    detail = {"url": hook.url, "events": list(hook.events)}
    await _spread(desk.store)
    await desk.store.hooks.add(hook, acted(request, "webhook.added", hook.id, detail))
    desk.courier.changed()
    return {"webhook": hook_shape(hook, None), "secret": hook.secret}


@operation(
    hooks_api,
    "PATCH",
    "/webhooks/{hook_id}",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    scope=_SCOPE,
    body=HookChange,
    gives=OneHook,
)
async def change(request: Request, hook_id: str, body: HookChange) -> dict[str, Any]:
    """Change a webhook, switch it off and on, or give it a new secret.

    With a new secret the old one signs too for a day, so that nothing is refused meanwhile.
    """
    desk = desk_of(request)
    hook = await _own_hook(desk, hook_id)
    changes = _changes(desk, hook, body)
    await _spread(desk.store)
    told = {name: _plain(value) for name, value in changes.items() if "secret" not in name}
    detail = told | ({"secret": "new"} if body.new_secret else {})
    changed = await desk.store.hooks.change(
        hook_id, changes, acted(request, "webhook.changed", hook_id, detail)
    )
    if changed is None:
        raise _no_hook()
    desk.courier.changed()
    await desk.chatwoot.appear()
    shown = hook_shape(changed, (await desk.store.hooks.standings()).get(hook_id))
    return {"webhook": shown} | ({"secret": changed.secret} if body.new_secret else {})


@operation(
    hooks_api,
    "DELETE",
    "/webhooks/{hook_id}",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    scope=_SCOPE,
    status=204,
)
async def remove(request: Request, hook_id: str) -> None:
    """Remove a webhook; what is on its way to it is dropped."""
    desk = desk_of(request)
    if (await _own_hook(desk, hook_id)).kind != hooks.HTTP:
        raise ConversationError("bridge", "This is a neighbouring desk; it is removed where it was set up.")
    if not await desk.store.hooks.drop(hook_id, acted(request, "webhook.removed", hook_id)):
        raise _no_hook()
    desk.courier.changed()


@operation(
    hooks_api,
    "POST",
    "/webhooks/{hook_id}/ping",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    scope=_SCOPE,
    status=202,
    gives=shapes.Nothing,
)
async def ping(request: Request, hook_id: str) -> dict[str, Any]:
    """Send a `ping` event to see whether the webhook works."""
    desk = desk_of(request)
    await _own_hook(desk, hook_id)
    await desk.store.outbox.add([NewEvent(PING, now(), None, {"webhook": hook_id})])
    desk.courier.changed()
    return {}


@operation(
    hooks_api,
    "GET",
    "/webhooks/{hook_id}/deliveries",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    scope=_SCOPE,
    query=WhichDeliveries,
    gives=DeliveryList,
)
async def deliveries(request: Request, hook_id: str, query: WhichDeliveries) -> dict[str, Any]:
    """What was sent to a webhook, what waits, and what was given up, the newest first."""
    desk = desk_of(request)
    await _own_hook(desk, hook_id)
    found = await desk.store.hooks.sent(hook_id, query.state, query.before, query.limit)
    return {"deliveries": [_delivery_shape(delivery) for delivery in found]}


@operation(
    hooks_api,
    "POST",
    "/webhooks/{hook_id}/deliveries/{delivery_id}/redeliver",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    scope=_SCOPE,
    status=202,
    gives=OneDelivery,
)
async def redeliver(request: Request, hook_id: str, delivery_id: str) -> dict[str, Any]:
    """Send one delivery again, whether it arrived or was given up."""
    desk = desk_of(request)
    number = int(delivery_id) if delivery_id.isascii() and delivery_id.isdigit() else _HIGHEST_SEQ + 1
    found = await desk.store.hooks.again(hook_id, number, now()) if number <= _HIGHEST_SEQ else None
    if found is None:
        raise ConversationError("not_found", "There is no such delivery.", status=404)
    desk.courier.changed()
    return {"delivery": _delivery_shape(found)}


@operation(
    hooks_api,
    "POST",
    "/webhooks/{hook_id}/replay",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    scope=_SCOPE,
    body=From,
    gives=Replayed,
    status=202,
)
async def replay(request: Request, hook_id: str, body: From) -> dict[str, Any]:
    """Send a webhook every event after a seq once more, 5,000 at most."""
    desk = desk_of(request)
    await _spread(desk.store)
    count = await desk.store.hooks.replay(hook_id, body.after, now())
    if count is None:
        raise _no_hook()
    desk.courier.changed()
    return {"events": count}


@operation(
    hooks_api,
    "GET",
    "/events",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    scope="conversations:read",
    query=WhichEvents,
    gives=EventList,
)
async def events(request: Request, query: WhichEvents) -> dict[str, Any]:
    """The events after a seq: for who was away, or cannot be called. They are kept for two weeks."""
    store = desk_of(request).store
    await _spread(store)
    types = [query.type] if query.type else []
    found = await store.outbox.after(query.after, query.limit, types)
    return {"events": [event_shape(event) for event in found], "last": await store.outbox.last()}


async def _spread(store: Store) -> None:
    """Put on its way what has happened, so that what comes next applies to later events only."""
    while await store.hooks.spread(now()):
        pass


async def _own_hook(desk: Desk, hook_id: str) -> Hook:
    hook = await desk.store.hooks.get(hook_id)
    if hook is None:
        raise _no_hook()
    return hook


def _changes(desk: Desk, hook: Hook, body: HookChange) -> dict[str, Any]:
    """The columns to change; `active` is always among them, so that there is one."""
    changes: dict[str, Any] = {"active": hook.active if body.active is None else body.active}
    if body.url is not None:
        if hook.kind != hooks.HTTP:
            message = "This is a neighbouring desk; its address is changed where it was set up."
            raise ConversationError("invalid", message, status=400, field="url")
        changes["url"] = check_url(body.url, "url", desk.settings.webhooks_allow_private)
    if body.name is not None:
        changes["name"] = shapes.words(body.name, "name", 200)
    if body.events is not None:
        changes["events"] = list(_known_events(body.events))
    if body.new_secret:
        until = now() + hooks.OLD_SECRET_MILLISECONDS
        changes |= {"secret": hooks.new_secret(), "old_secret": hook.secret, "old_secret_until": until}
    return changes


def _known_events(names: list[str]) -> tuple[str, ...]:
    unknown = next((name for name in names if name not in EVENTS), None)
    if unknown is not None:
        raise ConversationError("invalid", f"There is no event {unknown}.", status=400, field="events")
    return tuple(dict.fromkeys(names))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value


def _no_hook() -> ConversationError:
    return ConversationError("not_found", "There is no such webhook.", status=404)


def hook_shape(hook: Hook, standing: Standing | None) -> dict[str, Any]:
    """A webhook and how it stands."""
    state = "off" if not hook.active else "failing" if hook.failing_since is not None else "working"
    return {
        "id": hook.id,
        "kind": hook.kind,
        "url": hook.url,
        "name": hook.name,
        "events": list(hook.events),
        "active": hook.active,
        "state": "new" if state == "working" and hook.delivered_at is None else state,
        "waiting": standing.waiting if standing else 0,
        "dead": standing.dead if standing else 0,
        "created_at": shapes.time_text(hook.created_at),
        "delivered_at": shapes.time_text(hook.delivered_at),
        "failing_since": shapes.time_text(hook.failing_since),
        "error": hook.error,
    }


def _delivery_shape(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "event": event_shape(delivery.event),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_at": shapes.time_text(delivery.next_at) if delivery.state == WAITING else None,
        "status": delivery.status,
        "error": delivery.error,
        "milliseconds": delivery.took,
        "done_at": shapes.time_text(delivery.done_at),
    }
