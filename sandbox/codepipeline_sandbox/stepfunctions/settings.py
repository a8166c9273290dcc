"""Settings of Step Functions that tests vary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.here import Cloud


@dataclass(frozen=True)
class Settings:
    """How the sandbox's Step Functions behaves. Times are in seconds."""

    # How far ListExecutions lags behind. AWS documents it as "eventually consistent".
    lists_lag: float = 0.0


_settings: WeakKeyDictionary[Cloud, Settings] = WeakKeyDictionary()


def use(settings: Settings) -> None:
    """Apply the settings to Step Functions in the running cloud."""
    _settings[here.current()] = settings


def current() -> Settings:
    """Return the running cloud's settings, or the defaults if none were set."""
    return _settings.get(here.current(), _DEFAULT)


_DEFAULT = Settings()
