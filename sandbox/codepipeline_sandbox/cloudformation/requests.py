"""Keeps ids the same whether a deployment uses the API or calls moto directly.

Direct calls are used because calls through the API take twice as long.
"""

from __future__ import annotations

from moto.utilities.aws_headers import gen_amzn_requestid_long


def requested() -> None:
    """Draw and discard the request id that an API call would draw."""
    gen_amzn_requestid_long()
