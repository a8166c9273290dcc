"""Clients that record every call and can change AWS's answers."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

# Changes the answer to a call so that AWS seems to differ from the sandbox.
Plant = Callable[["Answer"], None]


@dataclass
class Answer:
    operation: str  # such as `codepipeline:StopPipelineExecution`
    request: dict[str, Any]
    document: dict[str, Any] = field(default_factory=dict)
    error: ClientError | None = None

    @property
    def code(self) -> str | None:
        """The error's code, or None if AWS accepted the call."""
        return None if self.error is None else str(self.error.response["Error"]["Code"])


class Client:
    def __init__(self, service: str, client: Any, calls: Calls) -> None:
        self._service = service
        self._client = client
        self._calls = calls
        self._operations = client.meta.method_to_api_mapping

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        call = getattr(self._client, method)
        operation = f"{self._service}:{self._operations[method]}"

        def answer(**request: Any) -> dict[str, Any]:
            made = Answer(operation, request)
            try:
                made.document = call(**request)
            except ClientError as error:
                made.error = error
            self._calls.add(made)
            if made.error is not None:
                raise made.error
            return made.document

        return answer


@dataclass
class Calls:
    plants: tuple[Plant, ...] = ()  # change AWS's answers to test the contract tests
    keeps_documents: bool = False  # whether `made` includes the content of the answers
    made: list[Answer] = field(default_factory=list)
    # Called after each call and before each wait, for example to end a run that is out of time.
    watch: Callable[[], None] = lambda: None

    def add(self, answer: Answer) -> None:
        for plant in self.plants:
            plant(answer)
        kept = {}
        if self.keeps_documents:  # except streams, which can be read only once
            names = set(answer.document) - {"Body", "Payload"}
            kept = {name: deepcopy(answer.document[name]) for name in sorted(names)}
        self.made.append(Answer(answer.operation, answer.request, kept, answer.error))
        self.watch()
