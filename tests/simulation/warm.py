"""Preparations that a process makes once for all of its worlds."""

from __future__ import annotations

import gc

from codepipeline_sandbox.kernel.patches import Patches
from codepipeline_sandbox.patches import caches


def up() -> None:
    """Turn on the library caches, and exempt imported objects from garbage collection."""
    caches.install(Patches())
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
