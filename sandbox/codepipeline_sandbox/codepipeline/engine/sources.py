"""The revisions and output variables of source actions, in each provider's format.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-S3.html, and the pages
about CodeCommit, CodestarConnectionSource, ECR and GitHub.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline.engine.artifacts import ALPHABET
from codepipeline_sandbox.codepipeline.times import timestamp
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from random import Random

    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun

# The requested revisions, by source action and revisionType.
SourceRevisions = Mapping[str, Mapping[str, str]]

# The sandbox's own revisionType for the change that PutActionRevision reports.
CHANGE = "CHANGE"
COMMITS = {"CodeCommit", "CodeStarSourceConnection", "GitHub"}
# The variables of each provider that repeat a value from the configuration.
CONFIGURED = {
    "CodeCommit": {"RepositoryName": "RepositoryName", "BranchName": "BranchName"},
    "CodeStarSourceConnection": {
        "ConnectionArn": "ConnectionArn",
        "FullRepositoryName": "FullRepositoryId",
        "BranchName": "BranchName",
    },
    "GitHub": {"RepositoryName": "Repo", "BranchName": "Branch"},
    "S3": {"BucketName": "S3Bucket", "ObjectKey": "S3ObjectKey"},
    "ECR": {"RepositoryName": "RepositoryName"},
}


@dataclass(frozen=True)
class Found:
    """A source action's revision and output variables."""

    revision_id: str
    variables: dict[str, str]
    change_identifier: str | None = None


def find(run: ActionRun, revision_id: str | None, message: str | None) -> Found:
    """Return the requested revision, the script's revision, or a random one."""
    random = here.current().world.random
    asked = run.execution.source_revisions.get(run.name, {})
    overrides = [value for kind, value in asked.items() if kind not in {"S3_OBJECT_KEY", CHANGE}]
    type_id = run.declaration["actionTypeId"]
    provider = "" if type_id["owner"] == "Custom" else type_id["provider"]
    found = next(iter(overrides), None) or revision_id or _new(provider, random)
    names = CONFIGURED.get(provider, {}).items()
    configured = run.resolved_configuration
    variables = {name: configured[key] for name, key in names if key in configured}
    if provider in COMMITS:
        variables |= _commit(run, provider, found, message)
    elif provider == "S3":
        key = {"ObjectKey": asked["S3_OBJECT_KEY"]} if "S3_OBJECT_KEY" in asked else {}
        variables |= {"VersionId": found, "ETag": _hexadecimal(random, 32), **key}
    elif provider == "ECR":
        variables |= _image(run, found, tagged=not overrides)
    return Found(found, variables, asked.get(CHANGE))


def _new(provider: str, random: Random) -> str:
    match provider:
        case "S3":
            return "".join(random.choices(ALPHABET + "._", k=32))
        case "ECR":
            return f"sha256:{_hexadecimal(random, 64)}"
        case _:
            return _hexadecimal(random, 40)


def _commit(run: ActionRun, provider: str, found: str, message: str | None) -> dict[str, str]:
    now = timestamp(here.current().world.now)
    date = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    variables = {"CommitId": found, "CommitMessage": message or "", "AuthorDate": date}
    if provider != "CodeStarSourceConnection":
        variables["CommitterDate"] = date
    owner, repository = (run.resolved_configuration.get(key) for key in ("Owner", "Repo"))
    if provider == "GitHub" and owner and repository:
        variables["CommitUrl"] = f"https://github.com/{owner}/{repository}/commit/{found}"
    return variables


def _image(run: ActionRun, digest: str, *, tagged: bool) -> dict[str, str]:
    account = run.execution.pipeline.account_id
    repository = run.resolved_configuration.get("RepositoryName", "")
    registry = f"{account}.dkr.ecr.{run.region}.amazonaws.com"
    variables = {
        "RegistryId": account,
        "ImageDigest": digest,
        "ImageURI": f"{registry}/{repository}@{digest}",
    }
    if tagged:
        variables["ImageTag"] = run.resolved_configuration.get("ImageTag", "latest")
    return variables


def _hexadecimal(random: Random, count: int) -> str:
    return f"{random.getrandbits(4 * count):0{count}x}"
