"""What several kinds of test share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import stack as stacks


@pytest.hookimpl(tryfirst=True)  # before the workers read the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all that needs the whole Steward in one worker, so that it is started only once."""
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("stack"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stacks.Stack]:
    """A whole Steward on free ports, with a database and a model of its own."""
    running = stacks.start(tmp_path_factory.mktemp("steward"))
    yield running
    running.stop()
