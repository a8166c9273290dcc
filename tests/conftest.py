"""What all tests share."""

from __future__ import annotations

import gc

from hypothesis import settings

# The same examples in every run, however slow the machine; a failure says how to repeat it.
settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("repeatable")


def pytest_collection_finish() -> None:
    """Let the libraries remember, and spare the collector what the imports have made."""
    from sandbox import remembering  # noqa: PLC0415 - only who runs tests needs moto

    remembering.install()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
