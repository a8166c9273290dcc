"""Wait: pauses for a number of seconds, or until a given time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.assign import assignments
from codepipeline_sandbox.stepfunctions.language.fields import ABSENT
from codepipeline_sandbox.stepfunctions.states.state import next_or_end, next_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.stepfunctions.language.fields import Fields
    from codepipeline_sandbox.stepfunctions.visits.visit import Left, Visit

LONGEST = 31_536_000  # seconds: one year, the maximum duration of an execution


@dataclass(frozen=True)
class Wait:
    """A Wait state.

    https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
    """

    next: str | None
    seconds: Any
    timestamp: Any
    output: Any
    assign: dict[str, Any]
    type = "Wait"

    @classmethod
    def read(cls, fields: Fields) -> Wait:
        """Read the state from its fields, which must include Seconds or Timestamp, but not both."""
        seconds, timestamp = fields.one_of("Seconds", int), fields.one_of("Timestamp", str)
        if (seconds is ABSENT) == (timestamp is ABSENT):
            raise fields.problem("Expected either Seconds or Timestamp")
        if isinstance(seconds, int) and not 0 <= seconds <= LONGEST:
            raise fields.problem(f"Expected a number from 0 to {LONGEST}", "Seconds")
        if isinstance(timestamp, str) and _moment(timestamp) is None:
            raise fields.problem("String does not match RFC3339 timestamp", "Timestamp")
        output, assign = fields.template("Output"), assignments(fields)
        return cls(next_or_end(fields), seconds, timestamp, output, assign)

    @property
    def targets(self) -> Mapping[str, str]:
        """The next state, if any."""
        return next_target(self.next)

    def run(self, visit: Visit) -> Left:
        """Wait, then evaluate Output and Assign."""
        visit.world.sleep(max(0, self._duration(visit)))
        return visit.leave(self.next, self.output, self.assign)

    def _duration(self, visit: Visit) -> float:
        if self.timestamp is ABSENT:
            return visit.whole_number(self.seconds, "Seconds", lowest=0, highest=LONGEST)
        text = visit.typed(self.timestamp, "Timestamp", str)
        moment = _moment(text)
        if moment is None:
            cause = (
                "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time "
                f"format string: {text}"
            )
            raise visit.evaluation_failed(cause, "Timestamp")
        return int(moment.timestamp()) - visit.world.now  # AWS truncates fractions of a second


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if "T" in text and moment.tzinfo else None
