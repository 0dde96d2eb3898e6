"""``python -m medvos`` is the command ``medvos``."""

import sys

from medvos.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
