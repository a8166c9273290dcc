"""Command-line errors: a sentence and a next step, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import click
from botocore import exceptions as aws
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from codepipeline_orchestrator.aws.client_errors import answer_text, code_of, is_denied
from codepipeline_orchestrator.text import cut
from pipeline_run.exits import Exit

_LONGEST = 500  # characters of an error's text, which may contain a whole answer
_LOG_IN = "Log in again or use another --profile. Check with `aws sts get-caller-identity`."
_CLOCK = "Check this computer's clock."
_LATER = "Try again in a moment. If it fails again, check --region and --profile."
_BY_CODE = {
    **dict.fromkeys(
        (
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "MissingAuthenticationToken",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException",
        ),
        _LOG_IN,
    ),
    **dict.fromkeys(("RequestExpired", "RequestTimeTooSkewed"), _CLOCK),
    "ResourceNotFoundException": "Check --region and --profile.",
}
_NO_CREDENTIALS = (
    "Log in (aws sso login) or choose a profile with --profile. For a sandbox, set "
    "AWS_ACCESS_KEY_ID to the key that `make sandbox` prints."
)
_SETTINGS = (
    "Fix ~/.aws/config, ~/.aws/credentials or the AWS_* variables, or use another --profile."
)
_ENDPOINT = "Check --endpoint-url, --region and the network."
_UNKNOWN = "Try again. If it fails again, check --endpoint-url, --region and --profile."
# The first kind that matches an error of the SDK determines the next step.
_BY_KIND: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    ((aws.NoCredentialsError, aws.NoAuthTokenError), _NO_CREDENTIALS),
    (aws.ProfileNotFound, "List yours with `aws configure list-profiles`."),
    (aws.NoRegionError, "Use --region or set AWS_REGION."),
    (
        (aws.SSOError, aws.TokenRetrievalError),
        "Log in with `aws sso login` or use another --profile.",
    ),
    (aws.LoginError, "Log in with `aws login` or use another --profile."),
    (
        aws.CredentialRetrievalError,
        "Check your login and the profile's credential_process, or use another --profile.",
    ),
    (
        (aws.RefreshWithMFAUnsupportedError, EOFError),
        "Run the command in a terminal, so that you can enter the MFA code.",
    ),
    (
        (aws.ProxyConnectionError, aws.InvalidProxiesConfigError),
        "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
    ),
    (aws.SSLError, "Check AWS_CA_BUNDLE, and the certificate of your proxy if you use one."),
    (
        (
            aws.BaseEndpointResolverError,
            aws.ConnectionError,
            aws.EndpointProviderError,
            aws.HTTPClientError,
            aws.IncompleteReadError,
            aws.InvalidRegionError,
            aws.ServiceNotInRegionError,
            aws.UnknownRegionError,
            ResponseParserError,
        ),
        _ENDPOINT,
    ),
    ((aws.ParamValidationError, aws.ValidationError), "Check the arguments."),
    (
        (
            OSError,  # a program or file that a profile names
            aws.ConfigNotFound,
            aws.ConfigParseError,
            aws.InvalidChecksumConfigError,
            aws.InvalidConfigError,
            aws.InvalidDefaultsMode,
            aws.InvalidEndpointConfigurationError,
            aws.InvalidIMDSEndpointError,
            aws.InvalidIMDSEndpointModeError,
            aws.InvalidRetryConfigurationError,
            aws.InvalidSTSRegionalEndpointsConfigError,
            aws.MetadataRetrievalError,
            aws.MissingDependencyException,
            aws.PartialCredentialsError,
            aws.UnknownCredentialError,
            aws.UnknownTokenProviderError,
        ),
        _SETTINGS,
    ),
)


class CommandError(click.ClickException):
    """A call to AWS failed, or a deployment or run does not exist. Suggests a next step."""

    exit_code: ClassVar[int] = Exit.NO_ANSWER

    def __init__(self, message: str, next_step: str = "") -> None:
        super().__init__(f"{message} {next_step}".strip())


class WrongUse(CommandError):
    """The command line or the input is invalid. The command did nothing."""

    exit_code: ClassVar[int] = Exit.WRONG_USE


@contextmanager
def aws_refusals(what: str, *, if_denied: str = "") -> Iterator[None]:
    """Turn AWS errors into a CommandError that begins with "Could not {what}".

    If access is denied, `if_denied` is the next step.
    """
    try:
        yield
    except (BotoCoreError, ClientError, EOFError, OSError, ResponseParserError) as error:
        if if_denied and isinstance(error, ClientError) and is_denied(error):
            raise CommandError(f"Could not {what}: {answer_text(error)}.", if_denied) from error
        raise _from_aws(error, what) from error
    except ValueError as error:
        # boto3 raises ValueError for an invalid endpoint URL or Region name.
        raise CommandError(
            f"Could not {what}: {_sentence(error)}",
            "Check --endpoint-url, --region and --profile.",
        ) from error


@contextmanager
def file_errors(what: str) -> Iterator[None]:
    """Turn errors of a file into WrongUse, which begins with `what`: "cannot read FILE"."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise WrongUse(f"{what}: it is not UTF-8 text.", "Save it as UTF-8.") from error
    except (OSError, ValueError) as error:  # a path with a null byte is a ValueError
        problem = getattr(error, "strerror", None) or error
        raise WrongUse(f"{what}: {problem}.", "Check the path.") from error


def unexpected(error: Exception) -> CommandError:
    """The message for an error that no command expects: one of AWS's libraries, or a bug."""
    if isinstance(error, (BotoCoreError, ClientError, EOFError, ResponseParserError)):
        return _from_aws(error, "complete the command")
    if isinstance(error, OSError):
        problem = f"Could not complete the command: {_sentence(error)}"
        return CommandError(problem, "Check the files that it names, and the disk.")
    return CommandError(
        f"This is a bug in pipeline-run: {type(error).__name__}: {error}.",
        "Set PIPELINE_RUN_DEBUG=1 to get the traceback, and please report it.",
    )


def _from_aws(error: Exception, what: str) -> CommandError:
    if isinstance(error, ClientError):
        return CommandError(f"Could not {what}: {answer_text(error)}.", _after_refusal(error))
    step = next((step for kinds, step in _BY_KIND if isinstance(error, kinds)), _UNKNOWN)
    if isinstance(error, aws.NoCredentialsError):
        return CommandError("No AWS credentials found.", step)
    if isinstance(error, aws.NoRegionError):
        return CommandError("No AWS Region is set.", step)
    return CommandError(f"Could not {what}: {_sentence(error)}", step)


def _sentence(error: Exception) -> str:
    """The error's text as one sentence, or its type if it has no text."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{f'{error.filename}: ' if error.filename else ''}{error.strerror}"
    return f"{cut(' '.join(text.split()), _LONGEST).rstrip('.') or type(error).__name__}."


def _after_refusal(error: ClientError) -> str:
    if is_denied(error):
        return "Request this permission or use another --profile."
    return _BY_CODE.get(code_of(error), _LATER)
