"""`python -m steward.desk`: run the desk with the settings of the environment."""

from __future__ import annotations

import sys

from steward.desk.app import serve
from steward.errors import StewardError
from steward.settings import load_settings


def main() -> int:
    """Run until stopped; a fault in the set-up is one sentence on standard error."""
    try:
        serve(load_settings())
    except StewardError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
