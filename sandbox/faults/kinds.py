"""The faults that there are. They are plain data: `Faults` lets them happen."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime

from sandbox.faults import checks, names

# The call has no effect.
REFUSALS = ("throttled", "unavailable", "denied", "refused", "unreachable", "killed-before")
ENDINGS = ("lost", "killed-during", "killed-after")  # it has, and then something goes wrong
CALL_KINDS = (*REFUSALS, *ENDINGS, "slow")
DELIVERY_KINDS = ("doubled", "dropped", "delayed", "reordered")
DELIVERIES = ("event", "target", "invocation", "schedule")
INVOCATION_KINDS = ("throttled", "unavailable", "killed")
CALLERS = ("clients", "everybody")

# What `seconds` means where it is not given. For a lost answer nothing: the connection closes.
# For an unreachable service nothing either: the connection is refused at once.
_SECONDS = {"slow": 10.0, "doubled": 1.0, "delayed": 30.0, "reordered": 60.0, "killed": 1.0}
_WITH_SECONDS = {*_SECONDS, "lost", "unreachable"}
_STATUS = 400  # of what is refused with a code, unless the fault names another


@dataclass(frozen=True)
class Fault:
    """Where, when and how often a fault strikes; by default everywhere, always.

    `function` is a name with wildcards. `start` and `end` are seconds since the world began, or
    points in time (UTC where they name no zone); the end does not belong to the time. `chance` is
    drawn each time anew, `times` is how often it strikes at most.
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
        """Whether it strikes at such a place."""
        return (
            self.account in {"*", account}
            and self.region in {"*", region}
            and names.matches(self.function, function)
        )

    def is_due(self, now: float, began: float) -> bool:
        """Whether it is the time for it (epoch seconds)."""
        if now < _epoch(self.start, began):
            return False
        return self.end is None or now < _epoch(self.end, began)


@dataclass(frozen=True)
class CallFault(Fault):
    """A fault of AWS calls: of each attempt that the SDK makes.

    The account is the one whose credentials sign the call, the function the one that calls; a
    state machine's name follows `stateMachine:`.
    `callers` may be `everybody`: also who calls from outside tasks, as a test does itself.
    `seconds` (up to `spread` more, by chance) is what a `slow` answer takes longer, or how long
    the caller of a `lost` one, or of an `unreachable` service, waits before the SDK gives up.
    `code` and `status` (400) are the error code and HTTP status with which the service answers
    what is `refused`: any, also those that no API model has.
    """

    operation: str = "*"  # service:Operation
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
        """The code and the HTTP status with which the call is refused; None if its kind decides."""
        return (self.code, self.status or _STATUS) if self.code else None


@dataclass(frozen=True)
class DeliveryFault(Fault):
    """A fault of what AWS brings from one place to another.

    `of`: `event`, a service's event on its way to the bus; `target`, from the bus to a rule's
    target, which may be another bus; `invocation`, an event for a function out of Lambda's queue;
    `schedule`, from a schedule to its target. `behind` is how many others of those that the fault
    selects overtake a `reordered` one; after `seconds` it comes in any case.
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
        checks.require(self.behind >= 1, f"behind is at least 1, and not {self.behind!r}")
        overtaken = self.behind == 1 or self.kind == "reordered"
        checks.require(overtaken, f"{self.kind!r} takes no 'behind'")
        named = (self.source, self.detail_type) != ("*", "*")
        checks.require(
            not named or self.of in {"*", "event", "target"},
            "only the deliveries 'event' and 'target' have a source and a detail type",
        )


@dataclass(frozen=True)
class InvocationFault(Fault):
    """A fault of Lambda, whoever invokes: the function is not run, or `killed` after `seconds`."""

    function: str = "*"
    _: KW_ONLY
    seconds: float | None = None
    spread: float = 0.0

    def __post_init__(self) -> None:
        checks.require_one_of("kind of invocation fault", self.kind, INVOCATION_KINDS)
        super().__post_init__()
        _check_seconds(self.kind, self.seconds, self.spread)


def seconds_of(fault: CallFault | DeliveryFault | InvocationFault) -> float:
    """The seconds that the fault says, or those of its kind."""
    return _SECONDS.get(fault.kind, 0.0) if fault.seconds is None else fault.seconds


def _check_seconds(kind: str, seconds: float | None, spread: float) -> None:
    given = seconds is not None or spread != 0
    checks.require(not given or kind in _WITH_SECONDS, f"{kind!r} takes no seconds")
    checks.require(
        seconds is None or seconds >= 0, f"the seconds are not negative, as {seconds!r} is"
    )
    checks.require(spread >= 0, f"the spread is not negative, as {spread!r} is")


def _epoch(moment: float | datetime, began: float) -> float:
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return began + moment
