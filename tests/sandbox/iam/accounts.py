from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.iam import Credentials

if TYPE_CHECKING:
    from codepipeline_sandbox.iam import Access

TOOLS = "111122223333"
TARGET = "222233334444"
LAMBDA = "lambda.amazonaws.com"


class Account:
    def __init__(self, the_access: Access, account_id: str) -> None:
        self.id = account_id
        self._access = the_access

    def client(self, service: str) -> Any:
        return client(service, self._access.administrator(self.id))

    def role(
        self,
        name: str,
        trust: dict[str, Any] | list[dict[str, Any]],
        *allowed: dict[str, Any],
        **options: Any,
    ) -> str:
        iam = self.client("iam")
        document = {"Version": "2012-10-17", "Statement": trust}
        arn: str = iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps(document), **options
        )["Role"]["Arn"]
        if allowed:
            self.allow(name, *allowed)
        return arn

    def allow(self, role: str, *statements: dict[str, Any]) -> None:
        self.client("iam").put_role_policy(
            RoleName=role, PolicyName="Permissions", PolicyDocument=policy(*statements)
        )

    def managed_policy(self, name: str, *statements: dict[str, Any]) -> str:
        created = self.client("iam").create_policy(
            PolicyName=name, PolicyDocument=policy(*statements)
        )
        arn: str = created["Policy"]["Arn"]
        return arn

    def allow_user(self, user: str, *statements: dict[str, Any]) -> None:
        self.client("iam").put_user_policy(
            UserName=user, PolicyName="Permissions", PolicyDocument=policy(*statements)
        )

    def user(self, name: str, *statements: dict[str, Any]) -> dict[str, Any]:
        iam = self.client("iam")
        iam.create_user(UserName=name)
        self.allow_user(name, *statements)
        key: dict[str, Any] = iam.create_access_key(UserName=name)["AccessKey"]
        return key

    def client_of_user(self, service: str, key: dict[str, Any]) -> Any:
        return client(service, Credentials(key["AccessKeyId"], key["SecretAccessKey"]))


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def client(service: str, credentials: Credentials, region: str = "us-east-1") -> Any:
    return _session().client(
        service,  # type: ignore[call-overload]
        region_name=region,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token,
    )


@cache
def _session() -> boto3.Session:
    """Return the session shared by all tests, because loading the API models is slow."""
    return boto3.Session()


def trusts(kind: str, *names: str, **more: Any) -> dict[str, Any]:
    principal: dict[str, Any] = {kind: list(names)}
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}


def allows(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def credentials(answer: Any) -> Credentials:
    given = answer["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def denial(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"
