"""Check files that are inputs, or templates that contain inputs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from pipeline_run.validation import templates
from pipeline_run.validation.inputs import InputKind, check_input
from pipeline_run.validation.nodes import compose
from pipeline_run.validation.problem import Problem
from pipeline_run.validation.templates import Call

_IN = "standard input"


@dataclass
class Findings:
    """The results of checking files."""

    checked: int = 0  # number of inputs
    problems: list[Problem] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # template actions that invoke something else


def check_files(
    files: Sequence[str],
    *,
    kind: InputKind,
    names: Sequence[str] = (),
    templates_only: bool = False,
) -> Findings:
    """Check all files. `-` means standard input."""
    findings = Findings()
    for file in files:
        shown = _IN if file == "-" else file
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not valid UTF-8"
            findings.problems.append(Problem(shown, None, "", f"cannot be read: {reason}."))
            continue
        _check_text(text, shown, findings, kind=kind, names=names, templates_only=templates_only)
    return findings


def _check_text(
    text: str,
    file: str,
    findings: Findings,
    *,
    kind: InputKind,
    names: Sequence[str],
    templates_only: bool,
) -> None:
    root, mistake = _compose(text)
    if templates.is_template(root):
        for call in templates.calls(root):
            _check_call(call, file, findings, names)
    elif file.endswith((".yaml", ".yml")) and mistake and not templates_only:
        findings.problems.append(Problem(file, mistake[0], "", mistake[1]))
    elif not templates_only:
        findings.checked += 1
        findings.problems += [
            Problem(file, line + 1, "", message) for line, message in check_input(text, kind)
        ]


def _check_call(call: Call, file: str, findings: Findings, names: Sequence[str]) -> None:
    if not call.is_ours(names):
        findings.others.append(f"{call.where} ({call.callee or 'nothing named'})")
        return
    findings.checked += 1
    if call.input is None:
        (_, message), *_ = check_input("", call.kind)
        findings.problems.append(Problem(file, call.line, call.where, message))
        return
    for line, message in check_input(call.input.text, call.kind):
        findings.problems.append(Problem(file, call.input.line_of(line), call.where, message))


def _compose(text: str) -> tuple[yaml.Node | None, tuple[int, str] | None]:
    """The nodes of YAML or JSON text, or the line and the description of a syntax error."""
    try:
        return compose(text), None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return None, (mark.line + 1 if mark else 1, f"not YAML: {error.problem}.")
    except yaml.YAMLError as error:
        return None, (1, f"not YAML: {error}.")
