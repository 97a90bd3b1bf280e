"""``python -m tests.bench``: what ``make bench`` calls."""

import sys

from tests.bench.run import main

sys.exit(main(sys.argv[1:]))
