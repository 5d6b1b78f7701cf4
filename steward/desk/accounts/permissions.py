"""What each role may do at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class Permission(str, Enum):
    """Something that not everybody may do."""

    ANSWER = "answer"
    LEAD = "lead"
    IMPROVE = "improve"
    ADMINISTER = "administer"


ROLES: Mapping[str, frozenset[Permission]] = {
    "agent": frozenset({Permission.ANSWER}),
    "lead": frozenset({Permission.ANSWER, Permission.LEAD}),
    "operator": frozenset({Permission.IMPROVE}),
    "admin": frozenset(Permission),
}
"""The roles, each with all that it allows."""


def may(role: str, permission: Permission | None) -> bool:
    """Whether the role allows it; None asks for no more than being signed in."""
    return permission is None or permission in ROLES.get(role, frozenset())
