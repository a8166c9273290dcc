"""The command and its subcommands, each of them loaded when it is asked for."""

from __future__ import annotations

import difflib
import os
from importlib import import_module, metadata
from typing import Any

import click

from pipeline_run.exits import Exit
from pipeline_run.output import remark

COMMANDS = {
    "validate": "Check UserParameters and inputs, in files and templates.",
    "start": "Start a run and follow it to its end.",
    "watch": "Follow a run; the newest without a name.",
    "stop": "Stop a run.",
    "list": "List the newest runs.",
    "show": "Show one run in full; the newest without a name.",
    "timeline": "Show what happened when in a run; as a page with --html.",
    "doctor": "Check a deployment and a target before first use.",
    "role": "Print the CloudFormation of a target role.",
}


class _Commands(click.Group):
    """Loads a command when it is asked for: completion and --help take no second."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"pipeline_run.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            close = difflib.get_close_matches(args[0], COMMANDS, n=1)
            known = f"Did you mean {close[0]}?" if close else f"Known are {', '.join(COMMANDS)}."
            raise click.UsageError(f"There is no command {args[0]!r}. {known}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whatever happens, what people read is a sentence."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            remark("\nInterrupted.")
            raise click.exceptions.Exit(Exit.INTERRUPTED) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click tells them
        except Exception as error:
            from pipeline_run.errors import CommandError  # noqa: PLC0415 - botocore takes a while to import

            if os.environ.get("PIPELINE_RUN_DEBUG"):
                raise
            raise CommandError(
                f"This is a defect of pipeline-run: {type(error).__name__}: {error}.",
                "With PIPELINE_RUN_DEBUG=1 it shows where; please report that.",
            ) from error


def _version() -> str:
    try:
        return metadata.version("codepipeline-orchestrator")
    except metadata.PackageNotFoundError:
        return "not installed, run from its files"


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(_version(), prog_name="pipeline-run")
def program() -> None:
    """Start AWS CodePipelines and wait for exactly that execution: for people.

    \b
    pipeline-run validate template.yaml
    pipeline-run doctor deploy-shop --role-arn arn:aws:iam::222233334444:role/target
    pipeline-run start deploy-shop --role-arn arn:aws:iam::222233334444:role/target
    pipeline-run watch

    All of it: docs/cli.md.
    """  # noqa: D301 - click's mark for a paragraph that keeps its lines
