"""What DynamoDB charges for a call on one item, in request units.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

import math

from benchmarks.waiting.prices import Billed

_WRITING = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
_WRITE_BYTES, _READ_BYTES = 1_024, 4_096  # of an item, for each unit


class NotPriced(Exception):
    """A call of DynamoDB whose price is not known here, so it would go uncharged."""


def billed(operation: str, *, before: int, after: int, consistent: bool) -> Billed:
    """The units of a call, whether its condition held or not.

    `before` and `after` are the item's bytes, 0 where there is none. A write is charged for the
    larger of both. Raises NotPriced for a call that is not on one item.
    """
    if operation in _WRITING:
        return Billed(writes=_units(max(before, after), _WRITE_BYTES))
    if operation == "GetItem":
        return Billed(reads=_units(before, _READ_BYTES) * (1 if consistent else 0.5))
    raise NotPriced(operation)


def _units(size: int, per_unit: int) -> int:
    return max(1, math.ceil(size / per_unit))
