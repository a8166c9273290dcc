"""Builds the end of a run from a flat list of fields."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from codepipeline_orchestrator.model.documents import from_document, json_name
from codepipeline_orchestrator.model.report import EndDetails, RunEnd
from codepipeline_orchestrator.model.state import Memory

_DETAILS = {json_name(each.name) for each in fields(EndDetails)}
_MEMORY = {json_name(each.name) for each in fields(Memory)} - {"status", "progress"}


def run_end(run, target, execution, outcome, /, **known: Any) -> RunEnd:
    """The end of a run. Each field goes into the report, the details or the memory."""
    details = {name: value for name, value in known.items() if name in _DETAILS}
    memory = {name: value for name, value in known.items() if name in _MEMORY}
    others = {name: value for name, value in known.items() if name not in _DETAILS | _MEMORY}
    report = {"outcome": outcome, "details": details, **others}
    end = from_document(RunEnd, {"run": run, "report": report, "memory": memory})
    return replace(end, target=target, execution=execution)
