"""What all tests share."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """Spare the collector the hundred thousands of objects that the imports have made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
