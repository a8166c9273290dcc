"""Keeps ids the same whether a deployment uses the API or calls moto directly.

Direct calls take half as long as calls through the API.
"""

from __future__ import annotations

from moto.utilities.aws_headers import gen_amzn_requestid_long


def requested() -> None:
    """Generate and discard the request id that an API call would generate."""
    gen_amzn_requestid_long()
