"""``python -m medvos`` is the command ``medvos``."""

import sys

from medvos.errors import Cancelled


def main() -> int:
    """Run the command; Ctrl-C while the command is imported cancels it like any later one.

    That of the package before it takes half a second too, and is out of reach here.

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
