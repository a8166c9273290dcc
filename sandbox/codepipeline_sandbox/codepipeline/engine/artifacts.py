"""Artifacts, source revisions, and the credentials in jobs.

The sandbox moves no files. It only records where each artifact would be stored.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Artifact:
    """A named artifact of an execution, with its location in S3."""

    name: str
    bucket: str
    key: str

    def in_store(self, store: Mapping[str, Any]) -> Artifact:
        """The artifact's copy in the given store."""
        return replace(self, bucket=store["location"])

    def detail(self) -> dict[str, Any]:
        """Format the artifact for ListActionExecutions and for events."""
        return {"name": self.name, "s3location": {"bucket": self.bucket, "key": self.key}}

    def in_job(self, revision: str | None = None) -> dict[str, Any]:
        """Format the artifact for a job."""
        place = {"bucketName": self.bucket, "objectKey": self.key}
        return {
            "name": self.name,
            "revision": revision,
            "location": {"type": "S3", "s3Location": place},
        }


@dataclass(frozen=True)
class Revision:
    """The source revision that a source action found."""

    action_name: str
    artifact_name: str | None
    revision_id: str
    summary: str | None
    created: float
    url: str | None = None
    # The change that led to the revision, if the source reports it.
    change_identifier: str | None = None


def make(name: str, pipeline: str, store: Mapping[str, Any], random: Random) -> Artifact:
    """Create an artifact in the store, with an object key in CodePipeline's format."""
    key = f"{pipeline[:20]}/{name[:10]}/{letters(random, 7)}"
    return Artifact(name, store["location"], key)


def credentials(random: Random) -> dict[str, str]:
    """Create credentials without permissions. Tests search logs for CANARY to detect leaks."""
    return {
        "accessKeyId": "ASIACANARY" + letters(random, 10).upper(),
        "secretAccessKey": "CANARY" + letters(random, 34),
        "sessionToken": "CANARY" + letters(random, 314),
    }


def letters(random: Random, count: int) -> str:
    """Return `count` random letters and digits."""
    return "".join(random.choices(ALPHABET, k=count))
