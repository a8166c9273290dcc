"""Preparations that a process makes once for all of its worlds."""

from __future__ import annotations

import gc

from sandbox import remembering


def up() -> None:
    """Turn on the library caches, and exempt imported objects from garbage collection."""
    remembering.install()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
