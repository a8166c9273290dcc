"""The clients that state machines use to call AWS. Runs with the same role share a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from codepipeline_sandbox.kernel.here import current

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.protocols import Credentials

_SERVICE = "states.amazonaws.com"
_SESSION = "StepFunctions"  # a fixed name, whereas AWS generates one
# Only one attempt, so that every fault reaches the task's Retry. Step Functions does not validate
# parameters, but the service does.
_CONFIG = Config(retries={"total_max_attempts": 1}, parameter_validation=False)


class RoleClients:
    """The clients of one account and Region."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._clients: dict[tuple[str, str], tuple[Credentials, Any]] = {}

    def client(self, service: str, role_arn: str) -> Any:
        """Return a client with the role's credentials. `service` is boto3's name.

        Raises AccessDenied if the role does not trust Step Functions.
        """
        cloud = current()
        if (service, role_arn) in self._clients:
            credentials, client = self._clients[service, role_arn]
            if credentials.expiration is None or cloud.world.datetime() < credentials.expiration:
                cloud.access.require_service_role(role_arn, _SERVICE)
                return client
        credentials = cloud.access.service_session(role_arn, _SERVICE, _SESSION)
        client = boto3.Session(
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
            region_name=self._region,
        ).client(service, config=_CONFIG)  # type: ignore[call-overload] # any service
        self._clients[service, role_arn] = credentials, client
        return client
