"""A bad model, planted: really trained of spoiled data, really served, and refused."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest
import yaml

from steward.settings import load_settings
from steward.training import judge, pipeline
from steward.training.registry import JUDGED, REPORT, Registry
from tests.support.project import a_project, with_few_conversations, with_few_examples

EVERY = 12


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    """A copy of the shop with few examples, prices and delivery mixed up, and no ear for danger."""
    root = a_project(tmp_path)
    with_few_examples(root, EVERY)
    with_few_conversations(root)
    exchange(root / "data" / "nlu" / "price.yml", "price", "delivery")
    exchange(root / "data" / "nlu" / "delivery.yml", "delivery", "price")
    exchange(root / "data" / "nlu" / "safety.yml", "safety", "out_of_scope")
    config = yaml.safe_load((root / "config.yml").read_text())
    config["pipeline"] = [part for part in config["pipeline"] if not part["name"].endswith("SafetyRules")]
    (root / "config.yml").write_text(yaml.safe_dump(config, sort_keys=False))
    return root


def exchange(path: Path, topic: str, other: str) -> None:
    """Put a file's examples under another topic."""
    text = path.read_text(encoding="utf-8")
    changed = re.sub(rf"(?m)^- intent: {topic}$", f"- intent: {other}", text)
    assert changed != text
    path.write_text(changed, encoding="utf-8")


@pytest.mark.xdist_group("training")
@pytest.mark.timeout(900)  # half a minute where nothing else runs
def test_a_model_of_spoiled_data_is_refused_and_its_report_says_where_it_goes_wrong(
    spoiled: Path, tmp_path: Path
) -> None:
    settings = load_settings({"STEWARD_ROOT": str(spoiled), "STEWARD_HOME": str(tmp_path / "home")})

    record = pipeline.retrain(
        settings, {"name": "Mallory"}, stopping=lambda: False, told=lambda training: None
    )

    assert record.gate and not record.gate.passed
    against = {reason.code: reason for reason in record.gate.reasons}
    assert set(against) == {"hazard", "must"}
    assert "smoke" in against["hazard"].text and against["hazard"].overridable_by == "administer"
    assert "prices" in against["must"].text and "delivery" in against["must"].text
    page = Registry(settings.home).kept(record.id, REPORT)
    assert page is not None
    text = page.read_text(encoding="utf-8")
    assert "It must not serve as it is" in text
    judged = judge.load(Registry(settings.home).place(record.id, JUDGED))
    assert judged is not None
    wrong = [turn.wrong for verdict in judged.failed for turn in verdict.turns if turn.wrong]
    assert len(wrong) >= 3
    for difference in wrong:
        assert escape(difference[1:]) in text
    assert record.figures and record.figures.examples > 500
    assert Registry(settings.home).current() is None, "nobody has promoted it"
