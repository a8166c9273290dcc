"""The account that the contract tests run on: a real AWS account or one in the sandbox."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from botocore.exceptions import ClientError

from tests.contract.calls import Calls, Client

T = TypeVar("T")

PREFIX = "sandbox-contract-"  # the beginning of every resource's name
PATH = f"/{PREFIX[:-1]}/"  # the path of every role
TAG = "sandbox-contract"  # the tag key of every resource; the tag's value is the ID of the run


class NotObserved(AssertionError):
    """The expected behavior was not observed in time."""


class OtherValue(AssertionError):
    """On AWS, a setting has a value other than the sandbox's default."""


class Place(Protocol):
    blur: float  # the precision of measured times, in seconds

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:
        """A boto3 client, by default with the caller's own credentials."""
        ...

    def now(self) -> float:
        """The time in the account, in epoch seconds."""
        ...

    def wait(self, seconds: float) -> None: ...


@dataclass
class Aws:
    """Gives contract tests access to AWS. They call AWS through `client` and wait with `until`."""

    place: Place
    account: str
    region: str
    run_id: str
    expected: Mapping[str, Any]  # the values of the sandbox's settings
    calls: Calls = field(default_factory=Calls)
    # Resources that several tests share, by kind.
    shared: dict[str, Any] = field(default_factory=dict)
    observed: dict[str, Any] = field(default_factory=dict)  # observed by the current test
    # The durations that the current test has measured, in seconds.
    measured: dict[str, float] = field(default_factory=dict)
    _names: int = 0
    _clients: dict[str, Client] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = Client(service, self.place.client(service), self.calls)
        return self._clients[service]

    def client_of(self, service: str, credentials: Mapping[str, str]) -> Any:
        return Client(service, self.place.client(service, credentials), self.calls)

    def name(self, what: str) -> str:
        self._names += 1
        return f"{PREFIX}{self.run_id}-{what}{self._names}"

    @property
    def tag(self) -> dict[str, str]:
        return {TAG: self.run_id}

    def tags(self, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
        """The tag as a list, which most services require."""
        return [{key: TAG, value: self.run_id}]

    def now(self) -> float:
        return self.place.now()

    def wait(self, seconds: float) -> None:
        self.calls.watch()
        self.place.wait(seconds)

    def until(
        self,
        look: Callable[[], T | None],
        *,
        within: float = 120,
        every: float | None = None,
        what: str = "",
    ) -> T:
        """Call `look` until it returns a true value, and raise NotObserved if it never does."""
        every = max(1.0, within / 90) if every is None else every
        latest = self.now() + within
        while not (found := look()):
            if self.now() > latest:
                raise NotObserved(f"not within {within:g} seconds: {what}")
            self.wait(every)
        return found

    def accepted(self, call: Callable[[], T], *, within: float = 60) -> T:
        """Repeat a call until AWS accepts a new role, which takes a few seconds."""
        latest = self.now() + within
        while True:
            try:
                return call()
            except ClientError as error:
                text = str(error).lower()
                if not ("assume" in text or "role" in text) or self.now() > latest:
                    raise
            self.wait(3)

    def setting(self, name: str, value: Any) -> None:
        """Record AWS's behavior in a case that the documentation does not cover."""
        assert name in self.expected, f"the sandbox has no setting {name}"
        self.observed[name] = value

    def duration(self, name: str, seconds: float) -> None:
        """Record a duration, or the expected one if the difference is too small to measure."""
        self.measured[name] = round(seconds, 3)
        expected = self.expected[name]
        near = math.isclose(seconds, expected, abs_tol=self.place.blur)
        self.setting(name, expected if near else round(seconds, 1))

    def at_most(self, name: str, seconds: float, most: float) -> None:
        """Record a duration, or the expected one if the duration is at most `most` seconds."""
        self.measured[name] = round(seconds, 3)
        self.setting(name, self.expected[name] if seconds <= most else round(seconds, 1))

    def compare(self) -> None:
        other = {
            name: value for name, value in self.observed.items() if value != self.expected[name]
        }
        if other:
            raise OtherValue(
                "; ".join(
                    f"{name} is {value!r}, but the sandbox assumes {self.expected[name]!r}"
                    for name, value in other.items()
                )
            )


def refusal(call: Callable[[], Any]) -> str | None:
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None
