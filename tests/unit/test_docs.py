"""What the documents promise is there, and what is there is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from steward.desk.app import create_app
from steward.settings import load_settings
from steward.words import load_words

ROOT = Path(__file__).resolve().parents[2]
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def _routes(home: Path) -> set[str]:
    settings = load_settings({"STEWARD_HOME": str(home)})
    app = create_app(settings, load_words(settings.domain))
    paths = {"/" + re.sub(r"<conversation_id:?\w*>", "{id}", route.path) for route in app.router.routes}
    return {path for path in paths if path.startswith(("/api/", "/health", "/metrics"))}


def test_every_endpoint_is_documented_and_no_other(tmp_path: Path) -> None:
    documented = set(re.findall(r"`(?:GET|POST|DELETE) (/[^ `?]+)", API))
    assert documented == _routes(tmp_path)


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
