"""Whatever all worlds of a process share is done once, before the first."""

from __future__ import annotations

import gc

from sandbox import remembering


def up() -> None:
    """Let the libraries remember, and spare the collector what the imports have made."""
    remembering.install()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
