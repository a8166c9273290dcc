"""The AWS account that the contract tests run on: the sandbox or a real account."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from botocore.exceptions import ClientError

from tests.contract.calls import Calls, Client

T = TypeVar("T")

PREFIX = "sandbox-contract-"  # every resource's name begins with it
PATH = f"/{PREFIX[:-1]}/"  # of every role
TAG = "sandbox-contract"  # every resource has this tag, with the id of the run as its value


class NotObserved(AssertionError):
    """Something that the sandbox's rules predict did not happen in time."""


class OtherValue(AssertionError):
    """On AWS, a setting has a value other than the sandbox's default."""


class Place(Protocol):
    """Where the tests run."""

    blur: float  # how exactly times can be measured, in seconds

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:
        """A boto3 client, by default with the caller's own credentials."""
        ...

    def now(self) -> float:
        """The time in the account, in epoch seconds."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass in the account."""
        ...


@dataclass
class Aws:
    """What a contract test uses. It calls AWS through `client` and waits with `until`."""

    place: Place
    account: str
    region: str
    run_id: str
    expected: Mapping[str, Any]  # the values of the sandbox's settings
    calls: Calls = field(default_factory=Calls)
    # Resources that several tests share, by kind.
    shared: dict[str, Any] = field(default_factory=dict)
    observed: dict[str, Any] = field(default_factory=dict)  # the settings of the current test
    measured: dict[str, float] = field(default_factory=dict)  # its durations, in seconds
    _names: int = 0
    _clients: dict[str, Client] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """A client that records its calls."""
        if service not in self._clients:
            self._clients[service] = Client(service, self.place.client(service), self.calls)
        return self._clients[service]

    def client_of(self, service: str, credentials: Mapping[str, str]) -> Any:
        """A client with a session's credentials."""
        return Client(service, self.place.client(service, credentials), self.calls)

    def name(self, what: str) -> str:
        """A name for a new resource."""
        self._names += 1
        return f"{PREFIX}{self.run_id}-{what}{self._names}"

    @property
    def tag(self) -> dict[str, str]:
        """The tag of every resource."""
        return {TAG: self.run_id}

    def tags(self, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
        """The tag in the form of a list, which most services require."""
        return [{key: TAG, value: self.run_id}]

    def now(self) -> float:
        """The time in the account."""
        return self.place.now()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
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
        """Repeat a look until it returns a value that counts as true. Raises NotObserved."""
        every = max(1.0, within / 90) if every is None else every
        latest = self.now() + within
        while not (found := look()):
            if self.now() > latest:
                raise NotObserved(f"not within {within:g} seconds: {what}")
            self.wait(every)
        return found

    def accepted(self, call: Callable[[], T], *, within: float = 60) -> T:
        """Make a call again while AWS does not yet accept a new role. IAM takes some seconds."""
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
        """Record how AWS behaves where the documentation is silent."""
        assert name in self.expected, f"the sandbox has no setting {name}"
        self.observed[name] = value

    def duration(self, name: str, seconds: float) -> None:
        """Record a duration. A difference that is too small to measure does not count."""
        self.measured[name] = round(seconds, 3)
        expected = self.expected[name]
        near = math.isclose(seconds, expected, abs_tol=self.place.blur)
        self.setting(name, expected if near else round(seconds, 1))

    def at_most(self, name: str, seconds: float, most: float) -> None:
        """Record a duration. One of at most `most` seconds counts as the expected one."""
        self.measured[name] = round(seconds, 3)
        self.setting(name, self.expected[name] if seconds <= most else round(seconds, 1))

    def compare(self) -> None:
        """Raise OtherValue if the current test has observed another value of a setting."""
        other = {
            name: value for name, value in self.observed.items() if value != self.expected[name]
        }
        if other:
            raise OtherValue(
                "; ".join(
                    f"{name} is {value!r}, the sandbox assumes {self.expected[name]!r}"
                    for name, value in other.items()
                )
            )


def refusal(call: Callable[[], Any]) -> str | None:
    """The code of the error with which AWS refuses a call, or None if AWS accepts it."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return None
