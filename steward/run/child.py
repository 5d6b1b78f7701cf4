"""Runs a module as `python -m` would, as a child that never outlives the process that started it.

Usage: `python -m steward.run.child PARENT_PID MODULE [ARGUMENT ...]`

An argument `@NAME` stands for the environment variable NAME: what everybody may read in the list of processes
has no secret in it.
"""

from __future__ import annotations

import ctypes
import gc
import os
import runpy
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent is gone, however the parent ended.

    Only Linux offers this; elsewhere a child outlives a parent that was killed outright.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit("The process that started this one has ended.")


def main(arguments: list[str]) -> None:
    """Tie this process to its parent, then become the module."""
    parent, module, *rest = arguments
    die_with(int(parent))
    # Rasa and TensorFlow make millions of objects that live for good. Scanning them over and over costs
    # a tenth of the start-up and shows as pauses later.
    gc.set_threshold(100_000, 50, 50)
    # `python -m` puts the working folder first on the path; the module must find `actions` there too.
    sys.argv = [module, *(os.environ[word[1:]] if word.startswith("@") else word for word in rest)]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
