"""Converts API names to the spelling of the SDK for Java, which Step Functions uses.

The rules are those of `CodegenNamingUtils.splitOnWordBoundaries` in aws-sdk-java-v2.
"""

from __future__ import annotations

import re
from functools import cache

_STEPS = (
    (re.compile(r"[^A-Za-z0-9]+"), " "),
    (re.compile(r"(?<=[a-z])(?=[A-Z][a-zA-Z0-9])"), " "),  # AcmSuccess: Acm Success
    (re.compile(r"([A-Z]+)([A-Z][a-z])"), r"\1 \2"),  # ACMSuccess: ACM Success
    (re.compile(r"([0-9])([a-zA-Z])"), r"\1 \2"),  # s3ec2: s3 ec2
)


@cache
def pascal_case(name: str) -> str:
    """Capitalize the first letter of each word. All other letters become lowercase."""
    for pattern, replacement in _STEPS:
        name = pattern.sub(replacement, name)
    return "".join(word.capitalize() for word in name.split())
