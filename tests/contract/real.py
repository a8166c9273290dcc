"""A real account, or another endpoint such as a served sandbox."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
from botocore.config import Config

# Throttled calls are repeated, so that a run does not fail because of its own calls.
CONFIG = Config(retries={"mode": "adaptive", "max_attempts": 10})


class Real:
    """The place behind the caller's credentials.

    The clock is AWS's: this machine's clock may be wrong, and a served sandbox has a clock of its
    own, which can be faster.
    """

    def __init__(self, region: str, speed: float = 1.0) -> None:
        self._session = boto3.Session(region_name=region)
        self._session.events.register("after-call", self._read_clock)
        self._speed = speed
        self._clock: tuple[float, float] | None = None  # AWS's and this machine's, together
        self._identity = self._session.client("sts", config=CONFIG)
        # The clock of a response has no fraction of a second, and a look takes some time.
        self.blur = 4.0 if speed == 1 else 1.0 + speed / 20

    def identity(self) -> Mapping[str, Any]:
        """GetCallerIdentity."""
        answer: Mapping[str, Any] = self._identity.get_caller_identity()
        return answer

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:
        """A client with the caller's credentials, or with a session's."""
        if credentials is None:
            return self._session.client(service, config=CONFIG)  # type: ignore[call-overload]
        return self._session.client(
            service,  # type: ignore[call-overload] # any service
            config=CONFIG,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    def now(self) -> float:
        """The time in AWS's latest answer, and what has passed since then."""
        if self._clock is None:
            self.identity()
        assert self._clock is not None
        answered, here = self._clock
        return answered + (time.monotonic() - here) * self._speed

    def _read_clock(self, http_response: Any, **_: object) -> None:
        answered = parsedate_to_datetime(http_response.headers["date"]).timestamp()
        self._clock = answered, time.monotonic()

    def wait(self, seconds: float) -> None:
        """Wait in real time."""
        time.sleep(seconds / self._speed)
