"""`python -m pledgegraph` is the command `pledgegraph`."""

import sys

from pledgegraph.cli import main

sys.exit(main())
