"""`python -m galago.cli` is the same as `galago`."""

from __future__ import annotations

import sys

from galago.cli import main

sys.exit(main())
