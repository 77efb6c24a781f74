"""Entry point of `python -m study`."""

import gc
import sys

# Importing torch and transformers makes so many objects that looking for garbage among them takes a second.
gc.set_threshold(100_000)

from study.cli import main  # noqa: E402  what it imports counts too

sys.exit(main())
