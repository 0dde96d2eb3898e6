"""``python -m medvos`` is the command ``medvos``."""

import sys

from medvos.errors import Cancelled


def main() -> int:
    """Run the command; Ctrl-C during its imports, which take a second, cancels it like any later one.

    >>> main()  # doctest: +SKIP
    0
    """
    try:
        from medvos.cli.main import main as run
    except KeyboardInterrupt:
        sys.stderr.write("medvos: Cancelled; nothing was written.\n")
        return Cancelled.exit_code
    return run()


if __name__ == "__main__":
    sys.exit(main())
