"""The guard in front of moto, which checks the permissions of every request.

All of moto's responses pass through `BaseResponse.setup_class` first, in-process and over HTTP, so
the guard runs right after that method. Administrators may do everything in their own account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import moto.sts.urls
from moto.core.responses import BaseResponse

from codepipeline_sandbox.iam import refusals, resource_policies, simulation
from codepipeline_sandbox.iam.access import Access
from codepipeline_sandbox.iam.requests import asked_for
from codepipeline_sandbox.iam.sts import StsResponse
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.protocols import AccessDenied

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches

_setup_class = BaseResponse.setup_class

# StsResponse checks AssumeRole itself, because the decision includes the role's trust policy.
# GetCallerIdentity requires no permission.
_NOT_GUARDED = frozenset({"sts:AssumeRole", "sts:GetCallerIdentity"})

# Services with resource policies. Another account's resource policy can deny an administrator.
_RESOURCE_POLICIES = frozenset({"awslambda", "events"})


def install(patches: Patches) -> None:
    """Install the guard and the sandbox's STS."""
    patches.attribute(BaseResponse, "setup_class", _guarded_setup)
    paths = moto.sts.urls.url_paths
    patches.item("moto.sts.urls.url_paths", paths, "{0}/$", StsResponse.dispatch)
    resource_policies.install(patches)
    simulation.install(patches)


def _guarded_setup(response: Any, request: Any, *args: Any, **kwargs: Any) -> None:
    _setup_class(response, request, *args, **kwargs)
    access = getattr(here.current_or_none(), "access", None)
    if isinstance(access, Access):
        _check_credentials(access, response, request)
        _authorize(access, response, request)


def problem(
    access: Access, access_key_id: str, token: str | None
) -> Literal["unknown", "expired"] | None:
    """Return why temporary credentials are invalid, or None if they are valid."""
    session = access.sessions.find(access_key_id)
    if session is None or session.credentials.session_token != token:
        return "unknown"
    return "expired" if session.expired(here.current().world.datetime()) else None


def _check_credentials(access: Access, response: Any, request: Any) -> None:
    if not response.access_key.startswith("ASIA"):
        return
    wrong = problem(access, response.access_key, request.headers.get("X-Amz-Security-Token"))
    if wrong == "unknown":
        raise refusals.invalid(response)
    if wrong == "expired":
        raise refusals.expired(response)


def _authorize(access: Access, response: Any, request: Any) -> None:
    caller = access.caller(response.access_key)
    administrator = caller.endswith(":root")
    if administrator and response.service_name not in _RESOURCE_POLICIES:
        return
    account = caller.split(":")[4]
    context = {"aws:RequestedRegion": response.region}
    for action, resource in asked_for(response, request, account):
        if action in _NOT_GUARDED or (administrator and f":{account}:" in resource):
            continue
        try:
            access.require(caller, action, resource, context)
        except AccessDenied as denied:
            raise refusals.access_denied(response, str(denied)) from denied
