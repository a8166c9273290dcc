"""A customer managed key with the key policy from docs/security.md."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from playground.company import REGION, ROOT, TOOLS

if TYPE_CHECKING:
    from codepipeline_sandbox.cloud import Cloud

STACK = "orchestrator"  # the name of the stack that the Company class deploys


def documented_policy() -> str:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- the key policy -->\n+```yaml\n(.*?)```", page, re.DOTALL)
    assert found
    return json.dumps(yaml.safe_load(found[1].replace("/codepipeline-orchestrator/", f"/{STACK}/")))


def documented_reading(key: str, state_machine_arn: str) -> str:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- the policy of readers -->\n+```yaml\n(.*?)```", page, re.DOTALL)
    assert found
    policy = yaml.safe_load(found[1].replace("<output StateMachineArn>", state_machine_arn))
    (statement,) = policy["Statement"]
    return json.dumps({**policy, "Statement": [{**statement, "Resource": key}]})


def create_key(cloud: Cloud) -> str:
    kms: Any = cloud.session(TOOLS, REGION).client("kms")
    arn: str = kms.create_key(Policy=documented_policy())["KeyMetadata"]["Arn"]
    return arn
