"""The record of a run, without anything that identifies an account or a person."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import boto3

from tests.contract.aws import Aws
from tests.contract.calls import Answer
from tests.contract.verification import ROOT, Outcome

FOLDER = ROOT / "docs" / "evidence"
ACCOUNT = "111122223333"  # replaces the account's id; OTHER replaces all other ids
OTHER = "222233334444"
REMOVED = "removed"
LONGEST = 2_000  # the number of characters after which a text is truncated
# The lowercase names of members that are credentials, or that identify a person or a request.
SECRET = {
    "accesskeyid",
    "clientid",
    "displayname",
    "hostid",
    "id2",
    "nexttoken",
    "nonce",
    "requestid",
    "secretaccesskey",
    "sessiontoken",
    "tasktoken",
    "token",
    "userid",
}
_KEY = re.compile(r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ANVA|APKA)[A-Z0-9]{8,}")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]+")
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_REQUEST = re.compile(r"(Request ?I[Dd]:? ?)[\w-]+")
_IDENTITY = re.compile(r"(:(?:assumed-role|federated-user|user))/[\w+=,.@/-]+")
_OPAQUE = re.compile(r"[A-Za-z0-9+/=_-]{100,}")  # such as a task's token
_SIGNATURE = re.compile(r"(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s\"']+")


def scrub(value: Any, account: str) -> Any:
    """Remove account ids, identities, request ids and credentials from an answer."""
    if isinstance(value, Mapping):
        return {
            name: REMOVED if _is_secret(str(name), inner) else scrub(inner, account)
            for name, inner in value.items()
            if name != "ResponseMetadata"
        }
    if isinstance(value, list | tuple):
        return [scrub(each, account) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return REMOVED
    return _scrubbed(value, account) if isinstance(value, str) else value


def _is_secret(name: str, value: Any) -> bool:
    owner_of_bucket = name == "Owner" and isinstance(value, Mapping)
    return name.lower() in SECRET or owner_of_bucket


def _scrubbed(text: str, account: str) -> str:
    if text[:1] in {"{", "["}:
        try:  # a document within a document, such as the input of an execution
            return json.dumps(scrub(json.loads(text), account))
        except ValueError:
            pass
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}... ({len(text)} characters)"
    text = _KEY.sub(REMOVED, text)
    text = _OPAQUE.sub(REMOVED, text)
    text = _EMAIL.sub(REMOVED, text)
    text = _REQUEST.sub(rf"\g<1>{REMOVED}", text)
    text = _SIGNATURE.sub(rf"\g<1>{REMOVED}", text)
    text = _IDENTITY.sub(r"\1/caller", text)
    return _ACCOUNT.sub(lambda found: ACCOUNT if found[0] == account else OTHER, text)


def document(aws: Aws, outcomes: list[Outcome], endpoint: str | None) -> dict[str, Any]:
    return {
        "date": datetime.fromtimestamp(aws.now(), UTC).date().isoformat(),
        "region": aws.region,
        "endpoint": endpoint,  # null if the tests ran on AWS
        "run": aws.run_id,
        "boto3": boto3.__version__,
        "tests": [_outcome(each, aws.account) for each in outcomes],
    }


def _outcome(outcome: Outcome, account: str) -> dict[str, Any]:
    return {
        "test": outcome.test,
        "rules": outcome.rules,
        "result": outcome.result,
        "message": _scrubbed(outcome.message, account),
        "settings": outcome.settings,
        "measured": outcome.measured,  # in seconds; `settings` may have the expected value instead
        "answers": [_answer(each, account) for each in _last(outcome.answers)],
    }


def _last(answers: list[Answer]) -> list[Answer]:
    """Keep only the last answer to each repeated request. Most repeated requests are polls."""
    newest = {(each.operation, repr(each.request)): each for each in answers}
    return list(newest.values())


def _answer(answer: Answer, account: str) -> dict[str, Any]:
    shown = {"operation": answer.operation, "request": scrub(answer.request, account)}
    if answer.error is None:
        return {**shown, "answer": scrub(answer.document, account)}
    return {**shown, "error": scrub(answer.error.response["Error"], account)}


def write(record: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{record['date']}-{record['region']}-{record['run']}.json"
    tests = ",\n".join(json.dumps(each, ensure_ascii=False) for each in record["tests"])
    head = json.dumps({name: record[name] for name in record if name != "tests"}, indent=1)
    path.write_text(f'{head[:-2]},\n "tests": [\n{tests}\n]}}\n', encoding="utf-8")
    return path
