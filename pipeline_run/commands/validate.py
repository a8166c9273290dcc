"""The command `pipeline-run validate`."""

from __future__ import annotations

from dataclasses import asdict

import click

from codepipeline_orchestrator.text import cut
from pipeline_run.choice import ChoiceWithHint
from pipeline_run.connection import json_option
from pipeline_run.exits import Exit
from pipeline_run.output import counted, remark, say, say_json
from pipeline_run.validation.files import check_files
from pipeline_run.validation.inputs import InputKind
from pipeline_run.validation.problems import Findings

_MOST_OTHERS = 10  # maximum number of other callees in a message
_LONGEST_OTHER = 150  # characters


@click.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--for",
    "kind",
    type=ChoiceWithHint([each.value for each in InputKind]),
    default=InputKind.ACTION.value,
    show_default=True,
    help="What files other than templates contain: a Lambda action's UserParameters, the Input of "
    "a Step Functions action, or a run's input.",
)
@click.option(
    "--function",
    "names",
    multiple=True,
    metavar="NAME",
    help="Also check what invokes the function or state machine NAME. Repeatable.",
)
@click.option(
    "--templates", "templates_only", is_flag=True, help="Skip files that are not templates."
)
@json_option
def command(
    *,
    files: tuple[str, ...],
    kind: str,
    names: tuple[str, ...],
    templates_only: bool,
    as_json: bool,
) -> None:
    """Check UserParameters and run inputs in files and templates.

    FILE can be a directory. Use - for standard input. In CloudFormation and SAM templates, and in
    the output of `aws codepipeline get-pipeline` and `terraform show -json`, checks what starts
    codepipeline-orchestrator. Exits with 1 if a run would refuse an input.

    \b
    Examples:
      pipeline-run validate user-parameters.json
      pipeline-run validate --for run input.json
      pipeline-run validate template.yaml cdk.out
      terraform show -json tfplan | pipeline-run validate -
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    findings = check_files(files, kind=InputKind(kind), names=names, templates_only=templates_only)
    if as_json:
        problems = [asdict(problem) for problem in findings.problems]
        say_json({"checked": findings.checked, "problems": problems, "others": findings.others})
    else:
        for problem in findings.problems:
            say(str(problem))
        remark(_summary(findings))
        if findings.others:
            remark(_skipped(findings))
    raise click.exceptions.Exit(Exit.BAD if findings.errors else Exit.GOOD)


def _summary(findings: Findings) -> str:
    found = counted(len(findings.errors), "problem") if findings.errors else "no problems"
    if findings.warnings:
        found += f" and {counted(len(findings.warnings), 'warning')}"
    return f"Checked {counted(findings.checked, 'input')}: {found} found."


def _skipped(findings: Findings) -> str:
    others = findings.others
    shown = ", ".join(cut(each, _LONGEST_OTHER) for each in others[:_MOST_OTHERS])
    more = f" and {len(others) - _MOST_OTHERS} more" if len(others) > _MOST_OTHERS else ""
    return (
        f"Not checked because they start something else ({len(others)}): {shown}{more}. Use "
        "--function NAME to check them."
    )
