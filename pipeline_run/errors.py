"""Errors of the command line: one sentence and a next step, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, ClassVar

import click
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

from codepipeline_orchestrator.aws.client_errors import answer_text, is_denied
from pipeline_run.exits import Exit
from pipeline_run.output import clean

_WHO = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
}


class CommandError(click.ClickException):
    """A command failed because AWS did not answer. The message says what to do next."""

    exit_code: ClassVar[int] = Exit.NO_ANSWER

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(f"{message} {next_step}".strip())

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it where errors go."""
        click.echo(f"pipeline-run: {clean(self.message)}", file=file, err=True)


class WrongUse(CommandError):
    """The command line or the input is wrong. The command did nothing."""

    exit_code: ClassVar[int] = Exit.WRONG_USE


@contextmanager
def aws_refusals(what: str) -> Iterator[None]:
    """Translate what AWS answers; `what` follows "could not", such as "list the runs"."""
    try:
        yield
    except ClientError as error:
        raise CommandError(
            f"AWS did not {what}: {answer_text(error)}.", _next_step(error)
        ) from error
    except NoCredentialsError as error:
        raise CommandError(
            "There are no AWS credentials.",
            "Log in (aws sso login), or name a profile with --profile; for the sandbox set "
            "AWS_ACCESS_KEY_ID as `make sandbox` prints it.",
        ) from error
    except ProfileNotFound as error:
        raise CommandError(f"{error}.", "`aws configure list-profiles` lists yours.") from error
    except NoRegionError as error:
        raise CommandError("No AWS Region is set.", "Give --region, or set AWS_REGION.") from error
    except EndpointConnectionError as error:
        raise CommandError(
            f"{str(error).rstrip('.')}.", "Check --endpoint-url, --region and the network."
        ) from error
    except (BotoCoreError, ValueError) as error:
        # boto3 says ValueError to an endpoint that is no URL, and to a Region that is no name.
        raise CommandError(
            f"AWS could not be asked to {what}: {str(error).rstrip('.')}.",
            "Check --endpoint-url, --region and --profile.",
        ) from error


def _next_step(error: ClientError) -> str:
    if is_denied(error):
        return "Ask for this permission, or use another --profile."
    if error.response["Error"]["Code"] in _WHO:
        return "Log in again, or use another --profile; see `aws sts get-caller-identity`."
    return "Try again in a moment; if it stays, check --region and --profile."
