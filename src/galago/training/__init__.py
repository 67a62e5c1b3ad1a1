"""The training loop, its events, and the data it takes."""

from __future__ import annotations
