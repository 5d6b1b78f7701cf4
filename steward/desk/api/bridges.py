"""The bridge to Chatwoot: where it leads, and what Chatwoot calls."""

from __future__ import annotations

import hmac
from typing import Annotated, Any

import msgspec
from sanic import Blueprint, Request

from steward.clock import now
from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import acted
from steward.desk.api.hooks import HookShape, hook_shape
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.integrations import chatwoot
from steward.desk.integrations.outside import check_url
from steward.desk.service import Desk
from steward.desk.store import Hook
from steward.errors import ConversationError
from steward.settings import ChatwootInbox

_BASE = "/api/v1/bridges/chatwoot"

bridges_api = Blueprint("bridges", url_prefix="/api/v1")

Number = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Secret = Annotated[str, msgspec.Meta(max_length=200)]


class ChatwootSettings(msgspec.Struct):
    """Where Chatwoot is. Without a token or a secret those that are known stay."""

    base_url: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    account_id: Number
    inbox_id: Number
    token: Secret | None = None
    webhook_secret: Secret | None = None


class ChatwootShape(msgspec.Struct):
    """The bridge as administrators see it; `callback` is the path that Chatwoot calls, and a secret."""

    base_url: str
    account_id: int
    inbox_id: int
    signed: bool
    callback: str
    webhook: HookShape


class OneChatwoot(msgspec.Struct):
    """The bridge, or none; `fixed` says that the environment sets it up."""

    chatwoot: ChatwootShape | None
    fixed: bool


@operation(
    bridges_api,
    "GET",
    "/desk/bridges/chatwoot",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    gives=OneChatwoot,
)
async def shown(request: Request) -> dict[str, Any]:
    """Whether there is a bridge to Chatwoot, and how it stands."""
    desk = desk_of(request)
    return await _shown(desk, await desk.store.hooks.get(chatwoot.KIND))


@operation(
    bridges_api,
    "PUT",
    "/desk/bridges/chatwoot",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    body=ChatwootSettings,
    gives=OneChatwoot,
)
async def set_up(request: Request, body: ChatwootSettings) -> dict[str, Any]:
    """Set up the bridge to Chatwoot, or lead it somewhere else."""
    desk = desk_of(request)
    _refuse_fixed(desk)
    url = check_url(body.base_url, "base_url", desk.settings.webhooks_allow_private)
    known = await desk.store.hooks.get(chatwoot.KIND)
    token = body.token or (chatwoot.place_of(known).token if known else "")
    if not token:
        raise ConversationError("invalid", "The access token is missing.", status=400, field="token")
    secret = body.webhook_secret if body.webhook_secret is not None else known.secret if known else ""
    detail = {"url": url, "account": body.account_id, "inbox": body.inbox_id}
    entry = acted(request, "bridge.set_up", chatwoot.KIND, detail)
    place = ChatwootInbox(url, body.account_id, body.inbox_id, token, secret)
    hook = await desk.chatwoot.set_up(place, entry)
    await desk.accounts.load()
    desk.courier.changed()
    return await _shown(desk, hook)


@operation(
    bridges_api,
    "DELETE",
    "/desk/bridges/chatwoot",
    who=Who.AGENT,
    permission=Permission.ADMINISTER,
    status=204,
)
async def remove(request: Request) -> None:
    """Take the bridge down; what Chatwoot's agents had waits for somebody here."""
    desk = desk_of(request)
    _refuse_fixed(desk)
    if not await desk.chatwoot.remove(acted(request, "bridge.removed", chatwoot.KIND)):
        raise _no_bridge()
    desk.courier.changed()
    desk.dispatch.wake()


@operation(
    bridges_api,
    "POST",
    "/bridges/chatwoot/{callback}",
    who=Who.ANYONE,
    body=chatwoot.ChatwootCall,
    gives=shapes.Nothing,
)
async def called(request: Request, callback: str, body: chatwoot.ChatwootCall) -> dict[str, Any]:
    """What Chatwoot calls when something happens in its inbox. The path is known to Chatwoot alone."""
    desk = desk_of(request)
    hook = await desk.store.hooks.get(chatwoot.KIND)
    if hook is None or not hmac.compare_digest(chatwoot.place_of(hook).callback.encode(), callback.encode()):
        raise _no_bridge()
    if hook.secret and not chatwoot.is_signed(
        hook.secret,
        request.headers.get("x-chatwoot-timestamp") or "",
        request.headers.get("x-chatwoot-signature") or "",
        request.body,
        now(),
    ):
        raise ConversationError("unauthorised", "The signature is wrong or too old.", status=401)
    if hook.active:
        await desk.chatwoot.hear(hook, body)
    return {}


async def _shown(desk: Desk, hook: Hook | None) -> dict[str, Any]:
    fixed = desk.settings.chatwoot is not None
    if hook is None:
        return {"chatwoot": None, "fixed": fixed}
    place = chatwoot.place_of(hook)
    standing = (await desk.store.hooks.standings()).get(hook.id)
    shape = {
        "base_url": hook.url,
        "account_id": place.account_id,
        "inbox_id": place.inbox_id,
        "signed": bool(hook.secret),
        "callback": f"{_BASE}/{place.callback}",
        "webhook": hook_shape(hook, standing),
    }
    return {"chatwoot": shape, "fixed": fixed}


def _refuse_fixed(desk: Desk) -> None:
    if desk.settings.chatwoot is not None:
        message = "The environment sets up this bridge (STEWARD_CHATWOOT_URL); change it there."
        raise ConversationError("fixed", message)


def _no_bridge() -> ConversationError:
    return ConversationError("not_found", "There is no such bridge.", status=404)
