from __future__ import annotations

import socket
from pathlib import Path

import pytest

from steward.cli import main
from steward.run import doctor
from steward.run.doctor import Finding
from steward.settings import load_settings


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


def test_doctor_says_what_becomes_of_answers_without_a_mail_server_and_looks_for_one_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_weights", lambda settings: "not looked for here")
    without = {
        finding.name: finding for finding in doctor.examine(load_settings({"STEWARD_HOME": str(tmp_path)}))
    }
    assert without["E-mail"].fine and "STEWARD_SMTP_URL is not set" in without["E-mail"].text
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"smtp://help%40alder.example@127.0.0.1:{unused.getsockname()[1]}"
    named = load_settings({"STEWARD_HOME": str(tmp_path), "STEWARD_SMTP_URL": url})
    found = {finding.name: finding for finding in doctor.examine(named)}
    assert not found["E-mail"].fine and "where STEWARD_SMTP_URL points" in found["E-mail"].text
