"""Check files that are inputs, or that contain inputs, and directories of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline_run.validation.budget import Budget, TooMuchWork
from pipeline_run.validation.calls import Call
from pipeline_run.validation.inputs import InputKind, check_input, names_itself
from pipeline_run.validation.nodes import LARGEST, Unreadable, compose
from pipeline_run.validation.problem import Problem, Severity
from pipeline_run.validation.templates import (
    is_template,
    pipeline_calls,
    pipeline_in,
    template_calls,
)
from pipeline_run.validation.terraform import NOT_SUPPORTED, as_template, shown_by_terraform

_IN = "standard input"
_EMPTY = 'empty. It must contain a template or an input such as {"pipelineName": "MyPipeline"}.'
_MOST_BYTES = 10_000_000
_SUFFIXES = {".json", ".yaml", ".yml", ".template"}
_YAML = (".yaml", ".yml")
_TERRAFORMS = (".tf", ".tf.json")
_SKIPPED = {"node_modules"}
# A template, pipeline or plan without any of these contains nothing to check.
_MARKERS = (
    "AWS::CodePipeline::Pipeline",
    "AWS::Scheduler::Schedule",
    "AWS::Events::Rule",
    "actionTypeId",
    "aws_codepipeline",
    "aws_scheduler_schedule",
    "aws_cloudwatch_event_target",
)


@dataclass
class Findings:
    """The results of checking files."""

    checked: int = 0  # number of inputs
    problems: list[Problem] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # actions that invoke something else

    @property
    def errors(self) -> list[Problem]:
        """The problems that would make a run refuse an input."""
        return [each for each in self.problems if each.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Problem]:
        """The other problems."""
        return [each for each in self.problems if each.severity is Severity.WARNING]

    def add(self, problem: Problem) -> None:
        """Add a problem, unless another branch of a condition has the same one."""
        if problem not in self.problems[-20:]:
            self.problems.append(problem)


@dataclass(frozen=True)
class _Options:
    kind: InputKind
    names: Sequence[str]
    templates_only: bool


def check_files(
    files: Sequence[str],
    *,
    kind: InputKind,
    names: Sequence[str] = (),
    templates_only: bool = False,
) -> Findings:
    """Check all files and directories. `-` means standard input."""
    findings = Findings()
    for file in files:
        if file != "-" and Path(file).is_dir():
            _check_directory(Path(file), findings, _Options(kind, names, templates_only=True))
        else:
            _check_file(file, findings, _Options(kind, names, templates_only))
    return findings


def _check_directory(directory: Path, findings: Findings, options: _Options) -> None:
    terraforms: list[str] = []
    for file in _files_in(directory, findings):
        if file.name.endswith(_TERRAFORMS):
            terraforms.append(str(file))
        elif file.suffix in _SUFFIXES:
            _check_file(str(file), findings, options)
    if terraforms:
        count = "1 file was" if len(terraforms) == 1 else f"{len(terraforms)} files were"
        message = f"{count} not checked. {NOT_SUPPORTED}"
        findings.add(Problem(str(directory), None, "", message, Severity.WARNING))


def _files_in(directory: Path, findings: Findings) -> Iterator[Path]:
    """The regular files in a directory. Hidden directories are skipped."""

    def report(error: OSError) -> None:
        findings.add(Problem(str(error.filename), None, "", f"cannot be read: {error.strerror}."))

    for place, folders, files in os.walk(directory, onerror=report):
        folders[:] = sorted(
            each for each in folders if not each.startswith(".") and each not in _SKIPPED
        )
        yield from (path for name in sorted(files) if (path := Path(place, name)).is_file())


def _check_file(file: str, findings: Findings, options: _Options) -> None:
    shown = _IN if file == "-" else file
    if file.endswith(_TERRAFORMS):
        findings.add(Problem(shown, None, "", NOT_SUPPORTED))
        return
    try:
        content = _content(file)
        is_cut = len(content) > _MOST_BYTES
        text = content.decode("utf-8", "ignore" if is_cut else "strict")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or (
            "not valid UTF-8" if isinstance(error, UnicodeDecodeError) else "not a valid file name"
        )
        findings.add(Problem(shown, None, "", f"cannot be read: {reason}."))
        return
    if options.templates_only and not _has_markers(text):
        return
    if is_cut or not text.strip():
        message = "more than 10 MB, so it was not checked." if is_cut else _EMPTY
        findings.add(Problem(shown, None, "", message))
        return
    # Text mode would convert line ends too.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        _check_text(text, shown, findings, options, Budget())
    except (TooMuchWork, RecursionError):
        message = "too many or too long inputs, so not all of them were checked. Split the file."
        findings.add(Problem(shown, None, "", message))


def _content(file: str) -> bytes:
    """The first bytes of a file, one more than the maximum if there are more."""
    if file == "-":
        return sys.stdin.buffer.read(_MOST_BYTES + 1)
    with Path(file).open("rb") as opened:
        return opened.read(_MOST_BYTES + 1)


def _has_markers(text: str) -> bool:
    return any(marker in text for marker in _MARKERS)


def _check_text(
    text: str, file: str, findings: Findings, options: _Options, budget: Budget
) -> None:
    plan = shown_by_terraform(text)
    if plan is not None:
        # The template is made here, so that its lines mean nothing to the user.
        calls = template_calls(compose(as_template(plan)), budget)
        _check_calls((replace(each, line=None) for each in calls), file, findings, options, budget)
        return
    try:
        root = compose(text)
    except Unreadable as error:
        is_an_input = not file.endswith(_YAML) and len(text) <= LARGEST
        if options.templates_only or not is_an_input or _has_markers(text):
            findings.add(Problem(file, error.line, "", str(error)))
            return
        root = None
    pipeline = pipeline_in(root)
    if pipeline is not None:
        _check_calls(pipeline_calls(pipeline, budget), file, findings, options, budget)
    elif is_template(root):
        _check_calls(template_calls(root, budget), file, findings, options, budget)
    elif options.templates_only:
        return
    elif file.endswith(_YAML) and root and text[root.start_mark.index] != "{":
        message = "neither a template, which has Resources, nor an input, which is a JSON object."
        findings.add(Problem(file, None, "", message))
    else:
        findings.checked += 1
        for each in check_input(text, options.kind, budget=budget):
            severity = Severity.WARNING if each.is_warning else Severity.ERROR
            findings.add(Problem(file, each.line + 1, "", each.message, severity))


def _check_calls(
    calls: Iterable[Call], file: str, findings: Findings, options: _Options, budget: Budget
) -> None:
    for call in calls:
        if call.is_ours(options.names):
            _check_call(call, file, findings, budget)
        elif call.is_action:
            findings.others.append(f"{call.where} ({call.callee or 'nothing named'})")


def _check_call(call: Call, file: str, findings: Findings, budget: Budget) -> None:
    findings.checked += 1
    for message in call.errors:
        findings.add(Problem(file, call.line, call.where, message))
    for message in call.warnings:
        findings.add(Problem(file, call.line, call.where, message, Severity.WARNING))
    for given in call.inputs:
        if call.kind is InputKind.ACTION and names_itself(given.text, call.pipeline):
            message = f"pipelineName: {call.pipeline} names itself as its target."
            findings.add(Problem(file, call.line, call.where, message))
        for each in check_input(given.text, call.kind, given.unknowns, budget):
            line = call.line
            if call.line is not None and given.line > 0:
                line = given.line_of(each.line)
            severity = Severity.WARNING if each.is_warning else Severity.ERROR
            findings.add(Problem(file, line, call.where, each.message, severity))
