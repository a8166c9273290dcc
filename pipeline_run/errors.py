"""Command-line errors: a sentence and a next step, never a traceback."""

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
    """A call to AWS failed, or a deployment or run does not exist. Suggests a next step."""

    exit_code: ClassVar[int] = Exit.NO_ANSWER

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(f"{message} {next_step}".strip())

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message to standard error."""
        click.echo(f"pipeline-run: {clean(self.message)}", file=file, err=True)


class WrongUse(CommandError):
    """The command line or the input is invalid. The command did nothing."""

    exit_code: ClassVar[int] = Exit.WRONG_USE


@contextmanager
def aws_refusals(what: str) -> Iterator[None]:
    """Turn AWS errors into a CommandError that begins with "Could not {what}"."""
    try:
        yield
    except ClientError as error:
        raise CommandError(f"Could not {what}: {answer_text(error)}.", _next_step(error)) from error
    except NoCredentialsError as error:
        raise CommandError(
            "No AWS credentials found.",
            "Log in (aws sso login) or choose a profile with --profile. For a sandbox, set "
            "AWS_ACCESS_KEY_ID to the key that `make sandbox` prints.",
        ) from error
    except ProfileNotFound as error:
        raise CommandError(f"{error}.", "List yours with `aws configure list-profiles`.") from error
    except NoRegionError as error:
        raise CommandError("No AWS Region is set.", "Use --region or set AWS_REGION.") from error
    except EndpointConnectionError as error:
        raise CommandError(
            f"{str(error).rstrip('.')}.", "Check --endpoint-url, --region and the network."
        ) from error
    except (BotoCoreError, ValueError) as error:
        # boto3 raises ValueError for an invalid endpoint URL or Region name.
        raise CommandError(
            f"Could not {what}: {str(error).rstrip('.')}.",
            "Check --endpoint-url, --region and --profile.",
        ) from error


def _next_step(error: ClientError) -> str:
    if is_denied(error):
        return "Request this permission or use another --profile."
    if error.response["Error"]["Code"] in _WHO:
        return "Log in again or use another --profile. Check with `aws sts get-caller-identity`."
    return "Try again in a moment. If it fails again, check --region and --profile."
