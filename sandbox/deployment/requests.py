"""Calls moto directly for deployments, because calls through the API take twice as long."""

from __future__ import annotations

from moto.utilities.aws_headers import gen_amzn_requestid_long


def requested() -> None:
    """Generate the id that a request would have, so that the same seed produces the same names."""
    gen_amzn_requestid_long()
