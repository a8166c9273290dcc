"""Uploads a template's local files so that CloudFormation can read them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import yaml
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition
from samtranslator.yaml_helper import yaml_parse

from codepipeline_sandbox.cloudformation.errors import DeploymentFailed
from codepipeline_sandbox.cloudformation.requests import requested

if TYPE_CHECKING:
    from pathlib import Path

# For each type of state machine, the property that locates its definition file.
_LOCATIONS = {
    "AWS::Serverless::StateMachine": "DefinitionUri",
    "AWS::StepFunctions::StateMachine": "DefinitionS3Location",
}
_EXCLUDED = "__pycache__"  # the files in __pycache__ differ from run to run


def load(path: Path) -> dict[str, Any]:
    """Read a template file. Raises DeploymentFailed if it does not contain an object."""
    try:
        template = json.loads(_as_json(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, TypeError) as error:
        raise DeploymentFailed(f"{path} is not a template: {error}") from error
    if not isinstance(template, dict):
        raise DeploymentFailed(f"{path} is not a template, because it is not a JSON or YAML object")
    return template


@cache  # parsing the YAML takes longer than deploying the template
def _as_json(text: str) -> str:
    return json.dumps(yaml_parse(text))


class Packager:
    """Uploads local code to a bucket, as `sam deploy --resolve-s3` does."""

    def __init__(self, account_id: str, region: str, directory: Path) -> None:
        self._s3 = s3_backends[account_id][get_partition(region)]
        self._region = region
        self._bucket = f"aws-sam-cli-managed-default-{account_id}-{region}"
        self._directory = directory
        self._uploaded: dict[Path, str] = {}  # S3 keys by path, because functions can share code

    def package(self, template: dict[str, Any]) -> None:
        """Upload local code and definitions, and put their S3 locations into the template."""
        self._create_bucket()
        default = template.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
        for resource in template.get("Resources", {}).values():
            properties = resource.setdefault("Properties", {})
            if resource["Type"] == "AWS::Serverless::Function" and "InlineCode" not in properties:
                self._upload_code(properties, default)
            if location := _LOCATIONS.get(resource["Type"]):
                self._upload_definition(properties, location)

    def upload(self, body: bytes, suffix: str) -> str:
        """Upload the content under a name derived from its hash, and return the key."""
        key = f"{hashlib.sha256(body).hexdigest()}{suffix}"
        requested()
        self._s3.put_object(self._bucket, key, body)
        return key

    def upload_template(self, template: dict[str, Any]) -> str:
        """Upload the packaged template, and return its text."""
        text = json.dumps(template)
        self.upload(text.encode(), ".template")
        return text

    def _upload_code(self, properties: dict[str, Any], default: Any) -> None:
        uri = properties.get("CodeUri", default) or "."
        if isinstance(uri, str) and not uri.startswith("s3://"):
            path = self._directory / uri
            if path not in self._uploaded:
                self._uploaded[path] = self.upload(zipped(path), "")
            properties["CodeUri"] = {"Bucket": self._bucket, "Key": self._uploaded[path]}
        else:
            properties["CodeUri"] = uri

    def _upload_definition(self, properties: dict[str, Any], location: str) -> None:
        uri = properties.get(location)
        if isinstance(uri, str) and not uri.startswith("s3://"):
            key = self.upload((self._directory / uri).read_bytes(), "")
            properties[location] = {"Bucket": self._bucket, "Key": key}

    def _create_bucket(self) -> None:
        requested()
        if self._bucket not in self._s3.buckets:
            self._s3.create_bucket(self._bucket, self._region)


def zipped(path: Path) -> bytes:
    """Zip a directory or a single file. The same content always produces the same bytes."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    root = path if path.is_dir() else path.parent
    return _zip(
        tuple(
            (str(file.relative_to(root)), file.read_bytes())
            for file in files
            if file.is_file() and _EXCLUDED not in file.parts
        )
    )


@lru_cache(maxsize=64)  # many tests deploy the same code
def _zip(files: tuple[tuple[str, bytes], ...]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
