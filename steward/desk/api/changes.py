"""The operators' API: changes of the shop's files, gathered, looked at and applied."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from sanic import Blueprint, Request

from steward.desk import shapes
from steward.desk.accounts.permissions import Permission
from steward.desk.api.entry import agent_of, arrival_of
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.desk.improve.changes import change_shape, refused
from steward.errors import ProjectError
from steward.project.operations import Operation, from_json

changes_api = Blueprint("changes", url_prefix="/api/v1/desk")


class NewChange(msgspec.Struct):
    """A change to gather; its `operation` looks as in the answer."""

    operation: dict[str, Any]


class Change(msgspec.Struct):
    """A change that waits. A `problem` says why the files, as they are now, do not allow it."""

    id: str
    kind: str
    summary: str
    by: shapes.Person
    at: shapes.Moment
    operation: Operation
    problem: str | None


class OneChange(msgspec.Struct):
    """A change that waits."""

    change: Change


class Labelled(msgspec.Struct):
    """How many messages that operators labelled become examples, in all and of each topic."""

    examples: int
    topics: dict[str, int]


class FileDiff(msgspec.Struct):
    """What is different in a file, as a unified diff."""

    path: str
    text: str


class Caution(msgspec.Struct):
    """Something that is allowed and perhaps not wanted."""

    text: str
    path: str | None
    line: int | None


class GitState(msgspec.Struct):
    """The branch (null when HEAD is on none), and the files with changes that are not committed."""

    branch: str | None
    dirty: list[str]


class Review(msgspec.Struct):
    """All that waits, and what it comes to. `git` is null where the files are not in git."""

    changes: list[Change]
    labels: Labelled
    diff: list[FileDiff]
    warnings: list[Caution]
    git: GitState | None
    writable: bool


class Apply(msgspec.Struct):
    """What to say of the changes in the commit, above the list of them."""

    message: Annotated[str, msgspec.Meta(max_length=2000)] | None = None


class AppliedChanges(msgspec.Struct):
    """The files that were written, and the commit; null outside of git, or when nothing differed."""

    commit: str | None
    files: list[str]


@operation(changes_api, "GET", "/improve/changes", who=Who.AGENT, permission=Permission.IMPROVE, gives=Review)
async def review_changes(request: Request) -> dict[str, Any]:
    """All that waits to be applied, and what it comes to."""
    return await desk_of(request).changes.view()


@operation(
    changes_api,
    "POST",
    "/improve/changes",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    body=NewChange,
    gives=OneChange,
    status=201,
    also={422: shapes.Error},
)
async def add_change(request: Request, body: NewChange) -> dict[str, Any]:
    """Gather a change.

    It is refused with 422, naming the operation's field at fault, when the files and what waits already do
    not allow it.
    """
    try:
        wished = from_json(body.operation)
    except ProjectError as error:
        raise refused(error) from None
    change = await desk_of(request).changes.add(agent_of(request), wished)
    return {"change": change_shape(change)}


@operation(
    changes_api,
    "DELETE",
    "/improve/changes/{change_id}",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    status=204,
)
async def drop_change(request: Request, change_id: str) -> None:
    """Take a change back that waits."""
    await desk_of(request).changes.drop(change_id)


@operation(
    changes_api,
    "POST",
    "/improve/changes/apply",
    who=Who.AGENT,
    permission=Permission.IMPROVE,
    body=Apply,
    gives=AppliedChanges,
)
async def apply_changes(request: Request, body: Apply) -> dict[str, Any]:
    """Write all that waits into the files.

    Where they are in git, the edits are committed in my name, and nothing else is. All is written or nothing.
    """
    desk = desk_of(request)
    address = arrival_of(request).address
    commit, plan = await desk.changes.apply(agent_of(request), body.message or "", address)
    return {"commit": commit.id if commit else None, "files": [file.path for file in plan.files]}
