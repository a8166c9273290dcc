"""The jobs table, which stores the newest job of each run and the end of its action.

The table has one item for each run that an action started. DynamoDB serializes the operations on an
item, which settles every race between the functions. Because the SDK may repeat any write, each
write recognizes its own earlier effect.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws.answers import PipelineContext, read_answer
from codepipeline_orchestrator.aws.client_errors import code_of
from codepipeline_orchestrator.errors import JobsUnavailable
from codepipeline_orchestrator.job.answer import End, end_from, end_text
from codepipeline_orchestrator.model.documents import json_value

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SECRET_BYTES = 16
_KEPT = 30 * 24 * 3600  # seconds that an item is kept; an action runs for at most a day
_REFUSED = "ConditionalCheckFailedException"
_UNKNOWN = "{}"  # stored in place of a context if the action is unknown


@dataclass(frozen=True)
class Item:
    """The table's item for a run."""

    run: str  # the run's name
    job: str  # the newest job's id
    n: int  # the newest job's number; the first job is number 1
    secret: str = field(repr=False)  # empty if the run never began
    context: PipelineContext  # the first job's context
    begun: bool  # whether the run may have started something
    answer: End | None

    @property
    def digest(self) -> str:
        """The digest that the run's input contains instead of the secret."""
        return digest_of(self.secret)

    def may_be_of(self, context: PipelineContext) -> bool:
        """Whether the item may belong to the action with this context.

        True if either context is unknown.
        """
        known = {_context_text(self.context), _context_text(context)}
        return len(known - {_UNKNOWN}) < 2  # noqa: PLR2004 - not two that differ

    @classmethod
    def of(cls, raw: Any) -> Self:
        """The item in DynamoDB's response. Raises JobsUnavailable if an attribute is missing."""
        try:
            has_answer = "answer" in raw
            return cls(
                run=_text(raw["run"]["S"]),
                job=_text(raw["job"]["S"]),
                n=int(_text(raw["n"]["N"])),
                secret="" if has_answer and "secret" not in raw else _text(raw["secret"]["S"]),
                context=_context(raw.get("context")),
                begun="begun" in raw,
                answer=end_from(raw["answer"]["S"]) if has_answer else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _unavailable(error) from error


class Refused(Exception):
    """A write's condition was not met. `item` is the stored item, or None if there is none."""

    def __init__(self, item: Item | None) -> None:
        super().__init__()
        self.item = item


def digest_of(secret: str) -> str:
    """SHA-256 of the secret, in hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class JobsTable:
    """The operations on the table.

    All of them raise JobsUnavailable if DynamoDB does not answer.
    """

    name: str
    dynamodb: DynamoDBClient

    def open(self, run: str, context: PipelineContext) -> Item:
        """Create the run's item, or return the stored one. The run's name is its first job's id."""
        item = {
            "job": {"S": run},
            "n": {"N": "1"},
            "secret": {"S": secrets.token_hex(_SECRET_BYTES)},
            "context": {"S": _context_text(context)},
            "expires": _expires(),
        }
        item["digest"] = {"S": digest_of(item["secret"]["S"])}
        sets = ", ".join(f"#{name} = if_not_exists(#{name}, :{name})" for name in item)
        return self._update(run, f"SET {sets}", item)

    def read(self, run: str) -> Item | None:
        """Read the run's item, or None if there is none."""
        try:
            answer = self.dynamodb.get_item(
                TableName=self.name, Key={"run": {"S": run}}, ConsistentRead=True
            )
        except (ClientError, BotoCoreError) as error:
            raise _unavailable(error) from error
        return Item.of(answer["Item"]) if answer.get("Item") else None

    def file(self, run: str, job: str, n: int, secret: str, context: PipelineContext) -> Item:
        """File the job as the run's newest one, which is the one that the run answers.

        Raises Refused if the secret or the action differs, if the table has a newer job, or if the
        action already has an answer. Filing the same job again has no effect.
        """
        told = _context_text(context)
        values = {
            "job": {"S": job},
            "n": {"N": str(n)},
            "secret": {"S": secret},
            "context": {"S": told},
            "unknown": {"S": _UNKNOWN},
        }
        condition = "#secret = :secret AND attribute_not_exists(#answer) AND #n <= :n"
        if told == _UNKNOWN:
            del values["context"], values["unknown"]
        else:
            condition += " AND #context IN (:context, :unknown)"
        return self._update(run, "SET #job = :job, #n = :n", values, condition)

    def begin(self, run: str, digest: str) -> Item:
        """Record that the run may start something from now on.

        Raises Refused if the action already has an answer, or if the item belongs to another run.
        """
        return self._update(
            run,
            "SET #begun = :begun",
            {"begun": {"BOOL": True}, "digest": {"S": digest}},
            "#digest = :digest AND attribute_not_exists(#answer)",
        )

    def end(self, run: str, digest: str, end: End) -> Item:
        """Record how the action ends, unless an answer is already stored.

        Raises Refused if the item belongs to another run.
        """
        return self._update(
            run,
            "SET #answer = if_not_exists(#answer, :answer)",
            {"answer": {"S": end_text(end)}, "digest": {"S": digest}},
            "#digest = :digest",
        )

    def end_unbegun(self, run: str, job: str, end: End) -> Item:
        """Record how an action ends if its run has not begun. Creates the run's item if necessary.

        Raises Refused if the run has begun.
        """
        values = {
            "answer": {"S": end_text(end)},
            "job": {"S": job},
            "n": {"N": "1"},
            "expires": _expires(),
        }
        sets = ", ".join(f"#{name} = if_not_exists(#{name}, :{name})" for name in values)
        return self._update(run, f"SET {sets}", values, "attribute_not_exists(#begun)")

    def _update(
        self, run: str, expression: str, values: Mapping[str, Any], condition: str | None = None
    ) -> Item:
        used = f"{expression} {condition or ''}"
        names = ("job", "n", "secret", "digest", "context", "begun", "answer", "expires")
        more: dict[str, Any] = {}
        if condition is not None:
            more["ConditionExpression"] = condition
            more["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        try:
            answer = self.dynamodb.update_item(
                TableName=self.name,
                Key={"run": {"S": run}},
                UpdateExpression=expression,
                ExpressionAttributeNames={f"#{name}": name for name in names if f"#{name}" in used},
                ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
                ReturnValues="ALL_NEW",
                **more,
            )
        except ClientError as error:
            if code_of(error) != _REFUSED:
                raise _unavailable(error) from error
            stored: Any = error.response.get("Item")
            raise Refused(Item.of(stored) if stored else None) from error
        except BotoCoreError as error:
            raise _unavailable(error) from error
        written = answer.get("Attributes", {})
        item = Item.of(written)
        if any(f"#{name} =" in expression and name not in written for name in names):
            raise _unavailable(f"the response to {expression!r} lacks a written attribute")
        return item


def _unavailable(reason: Exception | str) -> JobsUnavailable:
    return JobsUnavailable(f"The jobs table could not be used: {reason}")


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise TypeError(f"{raw!r} is not a string")
    return raw


def _context(raw: Any) -> PipelineContext:
    text = raw.get("S") if isinstance(raw, Mapping) else None
    return read_answer(PipelineContext, json_value(text if isinstance(text, str) else None))


def _expires() -> dict[str, str]:
    return {"N": str(int(clock.now().timestamp()) + _KEPT)}


def _context_text(context: PipelineContext) -> str:
    name, execution = context.pipeline_name, context.pipeline_execution_id
    action = context.action.action_execution_id
    if None in {name, execution, action}:
        return _UNKNOWN
    document = {
        "pipelineName": name,
        "pipelineExecutionId": execution,
        "action": {"actionExecutionId": action},
    }
    return json.dumps(document, separators=(",", ":"))
