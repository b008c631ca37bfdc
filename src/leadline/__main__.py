"""The command `leadline`, and `python -m leadline`."""

from __future__ import annotations

import sys

from leadline.system import process


def main() -> None:
    """Run the command line and exit with its status."""
    process.prepare()
    try:
        from leadline.cli import main as run
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(process.stopping.status)
    run()


if __name__ == "__main__":
    main()
