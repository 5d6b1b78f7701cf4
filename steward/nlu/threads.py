"""How many processors are at work: one on a message, all on a training."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager

# The controller finds the libraries that are loaded: NumPy and SciPy bring one each.
import scipy.linalg  # noqa: F401
from threadpoolctl import ThreadpoolController

_BLAS = ThreadpoolController().select(user_api="blas")


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def one_core() -> AbstractContextManager[object]:
    """Matrices on one core: as small as those of one message they take longer shared among several."""
    limit: AbstractContextManager[object] = _BLAS.limit(limits=1)
    return limit


def all_cores() -> AbstractContextManager[object]:
    """Matrices on all cores, whatever the environment says: in training they are large."""
    limit: AbstractContextManager[object] = _BLAS.limit(limits=cores())
    return limit
