"""`python -m steward` is the `steward` command."""

from __future__ import annotations

import sys

from steward.cli import main

sys.exit(main())
