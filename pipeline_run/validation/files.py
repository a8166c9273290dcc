"""Check files that are inputs, or that contain inputs, and directories of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from pipeline_run.output import counted
from pipeline_run.validation.budget import Budget, TooMuchWork
from pipeline_run.validation.calls import Call
from pipeline_run.validation.find_calls import (
    is_template,
    pipeline_calls,
    pipeline_in,
    template_calls,
)
from pipeline_run.validation.inputs import InputKind, check_input, names_itself
from pipeline_run.validation.nodes import LARGEST, Unreadable, compose
from pipeline_run.validation.problems import Findings, Severity
from pipeline_run.validation.terraform import NOT_SUPPORTED, as_template, shown_by_terraform

_IN = "standard input"
_EMPTY = 'empty. It must contain a template or an input such as {"pipelineName": "MyPipeline"}.'
_TOO_LARGE = "more than 10 MB, so it was not checked."
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
    terraforms = 0
    for file in _files_in(directory, findings):
        if file.name.endswith(_TERRAFORMS):
            terraforms += 1
        elif file.suffix in _SUFFIXES:
            _check_file(str(file), findings, options)
    if terraforms:
        were = "was" if terraforms == 1 else "were"
        message = f"{counted(terraforms, 'file')} {were} not checked. {NOT_SUPPORTED}"
        findings.add(str(directory), message, severity=Severity.WARNING)


def _files_in(directory: Path, findings: Findings) -> Iterator[Path]:
    """The regular files in a directory. Hidden directories are skipped."""

    def report(error: OSError) -> None:
        findings.add(str(error.filename), f"cannot be read: {error.strerror}.")

    for place, folders, files in os.walk(directory, onerror=report):
        folders[:] = sorted(
            each for each in folders if not each.startswith(".") and each not in _SKIPPED
        )
        yield from (path for name in sorted(files) if (path := Path(place, name)).is_file())


def _check_file(file: str, findings: Findings, options: _Options) -> None:
    shown = _IN if file == "-" else file
    if file.endswith(_TERRAFORMS):
        findings.add(shown, NOT_SUPPORTED)
        return
    try:
        content = _content(file)
        is_cut = len(content) > _MOST_BYTES
        text = content.decode("utf-8", "ignore" if is_cut else "strict")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or (
            "not valid UTF-8" if isinstance(error, UnicodeDecodeError) else "not a valid file name"
        )
        findings.add(shown, f"cannot be read: {reason}.")
        return
    if options.templates_only and not _has_markers(text):
        return
    if is_cut or not text.strip():
        findings.add(shown, _TOO_LARGE if is_cut else _EMPTY)
        return
    # Text mode would convert line ends too.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        _TextFile(shown, text, findings, options).check()
    except (TooMuchWork, RecursionError):
        message = "too many or too long inputs, so not all of them were checked. Split the file."
        findings.add(shown, message)


def _content(file: str) -> bytes:
    """The first bytes of a file, one more than the maximum if there are more."""
    if file == "-":
        return sys.stdin.buffer.read(_MOST_BYTES + 1)
    with Path(file).open("rb") as opened:
        return opened.read(_MOST_BYTES + 1)


def _has_markers(text: str) -> bool:
    return any(marker in text for marker in _MARKERS)


@dataclass(frozen=True)
class _TextFile:
    """A file that could be read."""

    name: str
    text: str
    findings: Findings
    options: _Options
    budget: Budget = field(default_factory=Budget)

    def check(self) -> None:
        plan = shown_by_terraform(self.text)
        try:
            root = compose(self.text if plan is None else as_template(plan))
        except Unreadable as error:
            is_an_input = not self.name.endswith(_YAML) and len(self.text) <= LARGEST
            if plan or self.options.templates_only or not is_an_input or _has_markers(self.text):
                self.findings.add(self.name, str(error), line=None if plan else error.line)
                return
            root = None
        pipeline = pipeline_in(root)
        if plan is not None:
            # The template is made here, so that its lines mean nothing to the user.
            self.check_calls(replace(each, line=None) for each in template_calls(root, self.budget))
        elif pipeline is not None:
            self.check_calls(pipeline_calls(pipeline, self.budget))
        elif is_template(root):
            self.check_calls(template_calls(root, self.budget))
        elif self.options.templates_only:
            return
        elif self.name.endswith(_YAML) and root and self.text[root.start_mark.index] != "{":
            message = (
                "neither a template, which has Resources, nor an input, which is a JSON object."
            )
            self.findings.add(self.name, message)
        else:
            self.findings.checked += 1
            for each in check_input(self.text, self.options.kind, budget=self.budget):
                self.findings.add(
                    self.name, each.message, line=each.line + 1, severity=each.severity
                )

    def check_calls(self, calls: Iterable[Call]) -> None:
        for call in calls:
            if call.is_ours(self.options.names):
                self.check_call(call)
            elif call.is_known_kind:
                self.findings.others.append(f"{call.where} ({call.callee or 'nothing named'})")

    def check_call(self, call: Call) -> None:
        add = partial(self.findings.add, self.name, line=call.line, place=call.where)
        self.findings.checked += 1
        for message in call.errors:
            add(message)
        for message in call.warnings:
            add(message, severity=Severity.WARNING)
        for given in call.inputs:
            if call.kind is InputKind.ACTION and names_itself(given.text, call.pipeline):
                add(f"pipelineName: {call.pipeline} names itself as its target.")
            for each in check_input(given.text, call.kind, given.unknowns, self.budget):
                has_lines = call.line is not None and given.line > 0
                line = given.line_of(each.line) if has_lines else call.line
                add(each.message, line=line, severity=each.severity)
