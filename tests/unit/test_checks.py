from __future__ import annotations

import fcntl
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from steward import checks
from steward.errors import ConfigurationError
from steward.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Settings:
    """A copy of the project's own files, to be broken."""
    root = tmp_path / "project"
    root.mkdir()
    for name in ("domain.yml", "config.yml", "endpoints.yml", "credentials.yml"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "data", root / "data")
    return load_settings({"STEWARD_ROOT": str(root), "STEWARD_HOME": str(tmp_path / "home")})


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which this process listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_the_project_as_it_is_passes(project: Settings) -> None:
    checks.check_files(project)


def test_every_missing_file_is_named(project: Settings) -> None:
    (project.root / "endpoints.yml").unlink()
    (project.root / "domain.yml").unlink()

    with pytest.raises(ConfigurationError, match=r"domain\.yml and endpoints\.yml are missing in "):
        checks.check_files(project)


def test_broken_yaml_is_told_with_file_and_line_all_files_at_once(project: Settings) -> None:
    (project.root / "data" / "nlu" / "price.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: price\n  examples: [\n'
    )
    (project.root / "config.yml").write_text("recipe: default.v1\n\tpipeline: []\n")

    with pytest.raises(ConfigurationError) as raised:
        checks.check_files(project)

    assert "data/nlu/price.yml:5:1" in str(raised.value)
    assert "config.yml:2:1" in str(raised.value)


def test_a_file_that_is_not_text_is_told(project: Settings) -> None:
    (project.root / "credentials.yml").write_bytes(b"rest:\n\xff\xfe\n")

    with pytest.raises(ConfigurationError, match=r"credentials\.yml: "):
        checks.check_files(project)


def test_a_taken_port_is_told_with_who_has_it_and_what_to_type(taken: int, tmp_path: Path) -> None:
    settings = load_settings({"PORT": str(taken), "STEWARD_HOME": str(tmp_path)})

    with pytest.raises(ConfigurationError) as raised:
        checks.check_ports(settings)

    assert f"Port {taken}, wanted for the desk, is taken by " in str(raised.value)
    assert f"process {os.getpid()}" in str(raised.value)
    assert f"PORT={taken + 10} make run" in str(raised.value)


def test_the_ports_that_follow_are_checked_too(taken: int, tmp_path: Path) -> None:
    settings = load_settings({"PORT": str(taken - 2), "STEWARD_HOME": str(tmp_path)})

    with pytest.raises(ConfigurationError, match=f"Port {taken}, wanted for the action server, is taken"):
        checks.check_ports(settings)


def test_an_address_that_is_not_this_machine_s_is_told(tmp_path: Path) -> None:
    settings = load_settings({"PORT": "18390", "STEWARD_HOST": "203.0.113.7", "STEWARD_HOME": str(tmp_path)})

    with pytest.raises(ConfigurationError, match=r"203\.0\.113\.7.*cannot be used.*STEWARD_HOST"):
        checks.check_ports(settings)


def test_two_cannot_share_a_data_folder(tmp_path: Path) -> None:
    with (
        checks.alone_in(tmp_path),
        pytest.raises(ConfigurationError, match=f"already running.*process {os.getpid()}"),
        checks.alone_in(tmp_path),
    ):
        pass


def test_a_data_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    with checks.alone_in(tmp_path):
        pass
    with checks.alone_in(tmp_path):
        pass


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = load_settings({"STEWARD_HOME": str(tmp_path / "file" / "home")})

    with pytest.raises(ConfigurationError, match=r"cannot be written to: .*STEWARD_HOME"):
        checks.check_disk(settings)


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    settings = load_settings({"STEWARD_HOME": str(tmp_path)})

    with pytest.raises(ConfigurationError, match="MB are free"):
        checks.check_disk(settings, needed=10**18)


def test_whether_a_steward_runs_in_a_data_folder_is_known_without_being_in_its_way(tmp_path: Path) -> None:
    assert not checks.runs_in(tmp_path / "none")
    with checks.alone_in(tmp_path):
        assert checks.runs_in(tmp_path)
    assert not checks.runs_in(tmp_path)


def test_who_looks_at_the_moment_of_a_start_does_not_prevent_it(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    with (tmp_path / "lock").open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        threading.Timer(0.1, lambda: fcntl.flock(looking, fcntl.LOCK_UN)).start()
        with checks.alone_in(tmp_path):
            assert checks.runs_in(tmp_path)
