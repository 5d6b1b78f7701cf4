"""What the documents promise is there, and what is there is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from steward.desk.accounts.keys import SCOPES
from steward.desk.api.operations import OPERATIONS
from steward.desk.api.table import written
from steward.desk.app import create_app
from steward.desk.integrations.events import EVENTS
from steward.settings import load_settings
from steward.words import load_words

ROOT = Path(__file__).resolve().parents[2]
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def _routes(home: Path) -> set[tuple[str, str]]:
    """Method and path of everything below /api, and of what operations asks; parameters without a name."""
    settings = load_settings({"STEWARD_HOME": str(home)})
    app = create_app(settings, load_words(settings.domain))
    routes = {
        (method, re.sub(r"<[^>]+>", "{}", "/" + route.path))
        for route in app.router.routes
        for method in route.methods
    }
    return {one for one in routes if one[1].startswith(("/api/", "/health", "/metrics"))}


def _declared() -> set[tuple[str, str]]:
    return {(one.method, re.sub(r"{[^}]+}", "{}", one.path)) for one in OPERATIONS}


def test_every_endpoint_but_the_sockets_is_declared(tmp_path: Path) -> None:
    sockets = {("GET", "/api/v1/conversations/{}/socket"), ("GET", "/api/v1/desk/socket")}
    assert _routes(tmp_path) - sockets == _declared()


def test_every_endpoint_is_documented_and_no_other() -> None:
    assert written(API, OPERATIONS) == API, "run `python -m steward.desk.api.table`"


def test_every_event_and_scope_is_documented() -> None:
    for name in [*EVENTS, *SCOPES]:
        assert f"| `{name}` |" in API, name


def test_every_operation_says_what_it_does() -> None:
    assert [one.path for one in OPERATIONS if not one.summary.endswith(".")] == []


@pytest.mark.parametrize(
    "page", [*sorted(ROOT.glob("docs/**/*.md")), ROOT / "README.md"], ids=lambda page: page.name
)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_make_target_in_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(
        re.findall(r"`(?:[A-Z_]+=\S+ )*make (\w+)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    ):
        assert re.search(rf"^{target}:", makefile, re.M), target
