"""What several kinds of test share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import shop_model as shop_models
from tests.support import stack as stacks

# Groups that take long are begun first, in this order, so that no worker is left alone with one at the end.
_LONG = ("stack", "loop", "training")


@pytest.hookimpl(tryfirst=True)  # before the workers read the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all that needs the whole Steward in one worker, so that it is started only once."""
    for item in items:
        needed = getattr(item, "fixturenames", ())
        if "stack" in needed:
            item.add_marker(pytest.mark.xdist_group("stack"))
        if "shop_model" in needed:
            # Making the model, or waiting for it, has a limit of its own.
            own = item.get_closest_marker("timeout")
            item.add_marker(pytest.mark.timeout(*(own.args if own else ()), func_only=True), append=False)
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    group = item.get_closest_marker("xdist_group")
    return _LONG.index(group.args[0]) if group and group.args[0] in _LONG else len(_LONG)


@pytest.fixture(scope="session")
def shop_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the model of the shop's own files, made once for all workers."""
    return shop_models.shop_model(shop_models.of_the_run(tmp_path_factory))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, shop_model: Path) -> Iterator[stacks.Stack]:
    """A whole Steward on free ports, with a database of its own and the model of the shop's files."""
    home = tmp_path_factory.mktemp("steward")
    shop_models.copied(shop_model, home)
    running = stacks.start(home)
    yield running
    running.stop()
