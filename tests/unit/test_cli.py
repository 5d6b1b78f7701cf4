from __future__ import annotations

import pytest

from steward.cli import main
from steward.run import doctor
from steward.run.doctor import Finding


def test_help_names_every_command_and_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])

    assert left.value.code == 0
    text = capsys.readouterr().out
    for word in ("run", "train", "doctor", "PORT", "STEWARD_HOME", "DATABASE_URL"):
        assert word in text


def test_a_mistyped_command_ends_with_code_2_and_tells_the_right_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["rnu"])

    assert left.value.code == 2
    assert "'run'" in capsys.readouterr().err


def test_an_odd_setting_ends_with_code_1_and_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "eighty")

    assert main(["run"]) == 1

    assert capsys.readouterr().err == "steward: PORT must be a number; it is 'eighty'.\n"


def test_doctor_ends_with_code_1_when_something_must_be_put_right(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    findings = [Finding("Versions", "as locked"), Finding("Ports", "8080 is taken", fine=False)]
    monkeypatch.setattr(doctor, "examine", lambda settings: findings)

    assert main(["doctor"]) == 1

    good, bad = capsys.readouterr().out.splitlines()
    assert good.startswith("ok") and "as locked" in good
    assert bad.startswith("FIX") and "8080 is taken" in bad
