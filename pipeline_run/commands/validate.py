"""The command `pipeline-run validate`."""

from __future__ import annotations

from dataclasses import asdict

import click

from pipeline_run.choice import ChoiceWithHint
from pipeline_run.connection import json_option
from pipeline_run.exits import Exit
from pipeline_run.output import remark, say, say_json
from pipeline_run.validation.files import Findings, check_files
from pipeline_run.validation.inputs import InputKind

_MOST_OTHERS = 3  # maximum number of other callees in a message


@click.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--for",
    "kind",
    type=ChoiceWithHint([each.value for each in InputKind]),
    default=InputKind.ACTION.value,
    show_default=True,
    help="What non-template files contain: an action's UserParameters or a run's input.",
)
@click.option(
    "--function",
    "names",
    multiple=True,
    metavar="NAME",
    help="Also check actions that invoke NAME. Repeatable.",
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

    Use - for standard input. In CloudFormation and SAM templates, checks every action that invokes
    codepipeline-orchestrator. Exits with 1 if it finds a problem.

    \b
    Examples:
      pipeline-run validate user-parameters.json
      pipeline-run validate --for run input.json
      pipeline-run validate template.yaml cdk.out/Release.template.json
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    findings = check_files(files, kind=InputKind(kind), names=names, templates_only=templates_only)
    if as_json:
        problems = [asdict(problem) for problem in findings.problems]
        say_json({"checked": findings.checked, "problems": problems, "others": findings.others})
    else:
        for problem in findings.problems:
            say(str(problem))
        remark(_summary(findings))
    raise click.exceptions.Exit(Exit.BAD if findings.problems else Exit.GOOD)


def _summary(findings: Findings) -> str:
    inputs = "1 input" if findings.checked == 1 else f"{findings.checked} inputs"
    problems = "1 problem" if len(findings.problems) == 1 else f"{len(findings.problems)} problems"
    summary = f"Checked {inputs}: {problems if findings.problems else 'no problems'} found."
    if not findings.others or findings.checked:
        return summary
    shown = ", ".join(findings.others[:_MOST_OTHERS])
    return (
        f"{summary} Skipped actions that invoke something else: {shown}. "
        "Use --function NAME to check them."
    )
