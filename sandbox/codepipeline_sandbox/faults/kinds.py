"""The kinds of faults, as plain data that `Faults` applies."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime

from codepipeline_sandbox.faults import checks, names

# With these faults, the call has no effect.
REFUSALS = ("throttled", "unavailable", "denied", "refused", "unreachable", "killed-before")
# With these faults, the call takes effect but its caller fails.
ENDINGS = ("lost", "killed-during", "killed-after")
CALL_KINDS = (*REFUSALS, *ENDINGS, "slow")
DELIVERY_KINDS = ("doubled", "dropped", "delayed", "reordered")
DELIVERIES = ("event", "target", "invocation", "schedule")
INVOCATION_KINDS = ("throttled", "unavailable", "killed")
CALLERS = ("clients", "everybody")

# The default for `seconds`. A `lost` or `unreachable` call has none, so its connection is closed or
# refused immediately.
_SECONDS = {"slow": 10.0, "doubled": 1.0, "delayed": 30.0, "reordered": 60.0, "killed": 1.0}
_WITH_SECONDS = {*_SECONDS, "lost", "unreachable"}
_STATUS = 400  # the default HTTP status of a `refused` call


@dataclass(frozen=True)
class Fault:
    """Where, when and how many times a fault strikes. The default is everywhere and always.

    `function` is a name with wildcards. `start` and `end` (exclusive) are seconds since the world
    began, or datetimes, which are in UTC if they have no time zone. `chance` is the probability of
    each strike, and `times` is the maximum number of strikes.
    """

    kind: str
    _: KW_ONLY
    account: str = "*"
    region: str = "*"
    function: str = "*"
    start: float | datetime = 0.0
    end: float | datetime | None = None
    chance: float = 1.0
    times: int | None = None

    def __post_init__(self) -> None:
        checks.require_numbers(vars(self))
        checks.require_place(self.account, self.region)
        checks.require_window(self.start, self.end)
        checks.require_chance(self.chance, self.times)

    def is_at(self, account: str, region: str, function: str) -> bool:
        """Whether the fault applies to this place and function."""
        return (
            self.account in {"*", account}
            and self.region in {"*", region}
            and names.matches(self.function, function)
        )

    def is_due(self, now: float, began: float) -> bool:
        """Whether the fault is active at this time (epoch seconds)."""
        if now < _epoch(self.start, began):
            return False
        return self.end is None or now < _epoch(self.end, began)


@dataclass(frozen=True)
class CallFault(Fault):
    """A fault that can strike each attempt of an AWS call, including those that the SDK repeats.

    `account` is the account whose credentials sign the call, and `function` is the caller. The
    name of a state machine is preceded by `stateMachine:`. If `callers` is `everybody`, the fault
    also strikes calls from outside tasks, such as those of a test.

    `seconds`, plus a random number from 0 to `spread`, is the delay of a `slow` response. For a
    `lost` or `unreachable` call, `seconds` is how long the caller waits before the SDK gives up.

    `code` and `status` (default: 400) are the error code and the HTTP status of a `refused` call.
    The code does not have to exist in an API model.
    """

    operation: str = "*"  # in the form service:Operation
    _: KW_ONLY
    callers: str = "clients"
    seconds: float | None = None
    spread: float = 0.0
    code: str | None = None
    status: int | None = None

    def __post_init__(self) -> None:
        checks.require_one_of("kind of call fault", self.kind, CALL_KINDS)
        super().__post_init__()
        checks.require_operation(self.operation)
        checks.require_one_of("kind of callers", self.callers, CALLERS)
        _check_seconds(self.kind, self.seconds, self.spread)
        checks.require_error(self.kind, self.code, self.status)

    @property
    def error(self) -> tuple[str, int] | None:
        """The code and HTTP status of a `refused` call, or None for other kinds."""
        return (self.code, self.status or _STATUS) if self.code else None


@dataclass(frozen=True)
class DeliveryFault(Fault):
    """A fault in the delivery of an event or an invocation.

    `of` is one of `event` (from a service to the bus), `target` (from the bus to a target of a
    rule, which can be another bus), `invocation` (from Lambda's queue to a function) and
    `schedule` (from a schedule to its target).

    `behind` is the number of later matching deliveries that overtake a `reordered` one, which
    arrives after `seconds` at the latest.
    """

    of: str = "*"
    _: KW_ONLY
    source: str = "*"
    detail_type: str = "*"
    seconds: float | None = None
    spread: float = 0.0
    behind: int = 1

    def __post_init__(self) -> None:
        checks.require_one_of("kind of delivery fault", self.kind, DELIVERY_KINDS)
        super().__post_init__()
        checks.require_one_of("delivery", self.of, ("*", *DELIVERIES))
        _check_seconds(self.kind, self.seconds, self.spread)
        checks.require(self.behind >= 1, f"behind must be at least 1, not {self.behind!r}")
        overtaken = self.behind == 1 or self.kind == "reordered"
        checks.require(overtaken, f"{self.kind!r} takes no 'behind'")
        named = (self.source, self.detail_type) != ("*", "*")
        checks.require(
            not named or self.of in {"*", "event", "target"},
            "only the deliveries 'event' and 'target' have a source and a detail type",
        )


@dataclass(frozen=True)
class InvocationFault(Fault):
    """A fault in Lambda: a function cannot run, or is `killed` after `seconds`."""

    function: str = "*"
    _: KW_ONLY
    seconds: float | None = None
    spread: float = 0.0

    def __post_init__(self) -> None:
        checks.require_one_of("kind of invocation fault", self.kind, INVOCATION_KINDS)
        super().__post_init__()
        _check_seconds(self.kind, self.seconds, self.spread)


def seconds_of(fault: CallFault | DeliveryFault | InvocationFault) -> float:
    """Return the fault's `seconds`, or the default for its kind."""
    return _SECONDS.get(fault.kind, 0.0) if fault.seconds is None else fault.seconds


def _check_seconds(kind: str, seconds: float | None, spread: float) -> None:
    given = seconds is not None or spread != 0
    checks.require(not given or kind in _WITH_SECONDS, f"{kind!r} takes no seconds")
    checks.require(
        seconds is None or seconds >= 0, f"the seconds must not be negative: {seconds!r}"
    )
    checks.require(spread >= 0, f"the spread must not be negative: {spread!r}")


def _epoch(moment: float | datetime, began: float) -> float:
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return began + moment
