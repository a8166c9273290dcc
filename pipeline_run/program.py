"""The `pipeline-run` command. Each subcommand is imported when it is used."""

from __future__ import annotations

import difflib
import os
import sys
from contextlib import suppress
from importlib import import_module, metadata
from typing import Any, Never

import click

from pipeline_run.exits import Exit
from pipeline_run.output import accept_every_character, remark

COMMANDS = {
    "validate": "Check UserParameters and run inputs in files and templates.",
    "start": "Start a run and follow it to the end.",
    "watch": "Follow one or more runs to the end.",
    "rerun": "Start another run with the same input and follow it.",
    "stop": "Stop a run.",
    "list": "List the newest runs.",
    "show": "Show a run's input and its progress or result.",
    "timeline": "Show what happened in a run, step by step.",
    "logs": "Show the logs of the failed action and of the functions.",
    "open": "Open a run's or target's page in a browser.",
    "approve": "Approve what a run's target is waiting for.",
    "reject": "Reject what a run's target is waiting for.",
    "doctor": "Check a deployment and a target before first use.",
    "role": "Print a CloudFormation template for a target role.",
}


class _Commands(click.Group):
    """A group that imports a command only when it is used, so completion and --help stay fast."""

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
            hint = f"Did you mean {close[0]}?" if close else f"Commands: {', '.join(COMMANDS)}."
            raise click.UsageError(f"Unknown command {args[0]!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **more: Any) -> Never:
        """Run the command line and exit with its status. Every error is one line."""
        accept_every_character()
        more["standalone_mode"] = False  # click's standalone mode prints errors unescaped
        try:
            status = super().main(*args, **more)
        except click.ClickException as error:
            with suppress(BrokenPipeError):  # no one reads the error, but the exit status matters
                _print_error(error)
            status = error.exit_code
        except click.Abort:
            remark("Interrupted.")
            status = Exit.INTERRUPTED
        _discard_unread()
        sys.exit(status)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and turn any unexpected error into a readable message."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            remark()  # ends the line on which the terminal shows ^C
            raise click.Abort from None
        except BrokenPipeError:
            raise click.exceptions.Exit(Exit.NOBODY_READS) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("PIPELINE_RUN_DEBUG"):
                raise
            from pipeline_run.errors import unexpected  # noqa: PLC0415 - botocore is slow to import

            raise unexpected(error) from error


def _discard_unread() -> None:
    """Discard output that no one reads. Otherwise, Python tries to write it again when it exits."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _print_error(error: click.ClickException) -> None:
    """Print the usage after a wrong command line, and the error on one line."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show(sys.stderr)  # the help
        return
    if isinstance(error, click.UsageError) and error.ctx:
        click.echo(error.ctx.get_usage(), file=sys.stderr)
        remark(f"Try '{error.ctx.command_path} --help' for help.")
        remark()
    remark(f"pipeline-run: {error.format_message()}")


def _version() -> str:
    try:
        return metadata.version("codepipeline-orchestrator")
    except metadata.PackageNotFoundError:
        return "unknown (not installed)"


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(_version(), prog_name="pipeline-run")
def program() -> None:
    """Start an AWS CodePipeline execution and follow it to the end.

    Run `pipeline-run COMMAND --help` to see a command's options.

    \b
    Examples:
      pipeline-run validate template.yaml
      pipeline-run doctor deploy-shop --role-arn arn:aws:iam::222233334444:role/target
      pipeline-run start deploy-shop --role-arn arn:aws:iam::222233334444:role/target
      pipeline-run watch
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
