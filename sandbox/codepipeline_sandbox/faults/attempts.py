"""An attempt of an AWS call, in-process or over HTTP, with the data that faults need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from codepipeline_sandbox.faults import names
from codepipeline_sandbox.kernel.protocols import MACHINE

if TYPE_CHECKING:
    from codepipeline_sandbox.faults.kinds import CallFault
    from codepipeline_sandbox.kernel.protocols import Access

_SCOPE = re.compile(r"Credential=(\w+)/\d+/([a-z0-9-]*)/([a-z0-9-]+)/aws4_request")


@dataclass(frozen=True)
class Signature:
    """The access key, the Region and the service from the signature of a request."""

    access_key_id: str
    region: str
    service: str  # boto3's name for the service


@dataclass(frozen=True)
class Attempt:
    """One attempt of an AWS call."""

    service: str
    operation: str
    account: str  # empty for an unsigned call, like the next two fields
    region: str
    caller: str  # the caller's ARN
    function: str = ""  # the calling function or state machine, as in `kernel.protocols.Call`
    by_task: bool = False
    by_client: bool = False  # whether the call came over HTTP

    @property
    def name(self) -> str:
        """The name in faults and in the journal, as service:Operation."""
        return f"{self.service}:{self.operation}"

    def is_selected_by(self, fault: CallFault) -> bool:
        """Whether the fault applies to this attempt."""
        if not (self.by_task or self.by_client or fault.callers == "everybody"):
            return False
        if fault.kind.startswith("killed") and not self._is_mortal:
            return False
        return fault.is_at(self.account, self.region, self.function) and self._is_meant(fault)

    @property
    def _is_mortal(self) -> bool:
        """Whether the world can kill the caller. A state machine cannot be killed."""
        return self.by_task and not self.function.startswith(MACHINE)

    def _is_meant(self, fault: CallFault) -> bool:
        service, _, operation = fault.operation.partition(":")
        if service not in {"*", self.service}:
            return False
        return names.matches(operation or "*", self.operation)


def signature_of(authorization: str | bytes | None, url: str) -> Signature | None:
    """Read the signature from the header or a presigned URL.

    Returns None for an unsigned request.
    """
    header = authorization or ""
    text = header.decode("latin-1") if isinstance(header, bytes) else header
    found = _SCOPE.search(text) or _SCOPE.search(unquote(url))
    if found is None:
        return None
    key, region, service = found.groups()
    return Signature(key, region, names.by_signing_name(service))


def attempt(
    access: Access,
    service: str,
    operation: str,
    signature: Signature | None,
    *,
    function: str = "",
    by_task: bool = False,
    by_client: bool = False,
) -> Attempt:
    """Create an attempt. `service` is the name that boto3 uses."""
    caller = access.caller(signature.access_key_id) if signature else ""
    return Attempt(
        service=service,
        operation=operation,
        account=caller.split(":")[4] if caller else "",
        region=signature.region if signature else "",
        caller=caller,
        function=function,
        by_task=by_task,
        by_client=by_client,
    )
