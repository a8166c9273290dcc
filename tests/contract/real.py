"""Runs the contract tests on a real account or another endpoint, such as a served sandbox."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import boto3
from botocore.config import Config

# Retry throttled calls because a run makes many calls.
CONFIG = Config(retries={"mode": "adaptive", "max_attempts": 10})


class Real:
    """The account that the caller's credentials belong to.

    Times come from AWS because this machine's clock may be wrong and a served sandbox's clock may
    run faster.
    """

    def __init__(self, region: str, speed: float = 1.0) -> None:
        self._session = boto3.Session(region_name=region)
        self._session.events.register("after-call", self._read_clock)
        self._speed = speed
        # The time on AWS and on this machine when the latest answer arrived.
        self._clock: tuple[float, float] | None = None
        self._identity = self._session.client("sts", config=CONFIG)
        # Measurements are imprecise: times in responses are whole seconds, and polls take time.
        self.blur = 4.0 if speed == 1 else 1.0 + speed / 20

    def identity(self) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._identity.get_caller_identity()
        return answer

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:
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
        """The time in AWS's latest answer plus the time since then."""
        if self._clock is None:
            self.identity()
        assert self._clock is not None
        answered, here = self._clock
        return answered + (time.monotonic() - here) * self._speed

    def _read_clock(self, http_response: Any, **_: object) -> None:
        answered = parsedate_to_datetime(http_response.headers["date"]).timestamp()
        self._clock = answered, time.monotonic()

    def wait(self, seconds: float) -> None:
        time.sleep(seconds / self._speed)
