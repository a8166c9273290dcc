"""Checks a new fault and suggests corrections for misspelled words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from http import HTTPStatus

import botocore.session

from codepipeline_sandbox.faults import names

_ERRORS = 400  # the first HTTP status that is an error
_ACCOUNT = re.compile(r"\*|\d{12}")


class InvalidFault(ValueError):
    """The fault would never strike, or would not strike as intended.

    The message says how to fix it.
    """


def require(condition: bool, message: str) -> None:  # noqa: FBT001 - reads like an assertion
    """Raise InvalidFault unless the condition holds."""
    if not condition:
        raise InvalidFault(message)


def require_one_of(what: str, given: str, words: Sequence[str]) -> None:
    """Raise InvalidFault unless the word is one of these."""
    if given not in words:
        raise InvalidFault(f"there is no {what} {given!r}{_nearest(given, words)}")


def require_operation(given: str) -> None:
    """Raise InvalidFault unless the text is `*` or `service:Operation`.

    The service must have boto3's name. The operation can have wildcards, but must match at least
    one operation.
    """
    if given == "*":
        return
    service, colon, operation = given.partition(":")
    require(bool(colon), f"an operation must have the form service:Operation, not {given!r}")
    if service == "*":
        return
    known = names.services()
    if service not in known:
        guess = names.by_signing_name(service)
        suggestion = f"; did you mean {guess!r}?" if guess in known else _nearest(service, known)
        raise InvalidFault(f"there is no service {service!r}{suggestion}")
    operations = names.operations(service)
    if not names.matching(operation, operations):
        raise InvalidFault(
            f"{service} has no operation {operation!r}{_nearest(operation, operations)}"
        )


def require_numbers(fields: Mapping[str, object]) -> None:
    """Raise InvalidFault unless the numeric fields are numbers."""
    for name in ("chance", "times", "start", "end", "seconds", "spread", "behind", "status"):
        value = fields.get(name)
        if value is None or (isinstance(value, datetime) and name in {"start", "end"}):
            continue
        kinds = int if name in {"times", "behind", "status"} else (int, float)
        number = isinstance(value, kinds) and not isinstance(value, bool)
        require(number, f"{name} must be a number, not {value!r}")


def require_error(kind: str, code: str | None, status: int | None) -> None:
    """Raise InvalidFault if the fault may not have this error code or HTTP status."""
    if kind != "refused":
        require(code is None and status is None, f"{kind!r} takes neither a code nor a status")
        return
    require(bool(code), "'refused' needs a 'code', such as 'RequestExpired'")
    known = status is None or (status >= _ERRORS and status in set(HTTPStatus))
    require(known, f"a status must be an HTTP error from 400 to 599, not {status!r}")


def require_place(account: str, region: str) -> None:
    """Raise InvalidFault unless these are an account id and a Region, or `*`."""
    require(
        _ACCOUNT.fullmatch(account) is not None,
        f"an account must be 12 digits or '*', not {account!r}",
    )
    if region != "*":
        require_one_of("Region", region, _regions())


def require_chance(chance: float, times: int | None) -> None:
    """Raise InvalidFault unless `chance` is a probability above 0 and `times` is at least 1."""
    require(0 < chance <= 1, f"a chance must be above 0 and at most 1, not {chance!r}")
    require(times is None or times >= 1, f"times must be at least 1, not {times!r}")


def require_window(start: float | datetime, end: float | datetime | None) -> None:
    """Raise InvalidFault unless the end comes after the start."""
    if isinstance(start, datetime) is isinstance(end, datetime) and end is not None:
        require(start < end, f"the end {end} is not after the start {start}")  # type: ignore[operator] # both are of one type
    if not isinstance(start, datetime):
        require(start >= 0, f"the start is before the world began: {start!r}")
    if end is not None and not isinstance(end, datetime):
        require(end > 0, f"the end is before the world began: {end!r}")


def _nearest(given: str, words: Iterable[str]) -> str:
    by_case = {word.lower(): word for word in words}
    found = get_close_matches(given.lower(), by_case, n=1)
    if found:
        return f"; did you mean {by_case[found[0]]!r}?"
    shown = sorted(by_case.values())
    return f". Use one of {', '.join(shown)}" if len(shown) <= 12 else ""  # noqa: PLR2004 - fits in one line


@cache
def _regions() -> list[str]:
    session = botocore.session.get_session()
    return [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("sts", partition, allow_non_regional=False)
    ]
