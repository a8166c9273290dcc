"""Each error of AWS and of its SDK leads to one sentence with a next step."""

from __future__ import annotations

import errno
import re
import string
import sys
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from pipeline_run.environment import Environment
from pipeline_run.errors import CommandError, aws_refusals, unexpected
from tests.pipeline_run.test_wrong_use import Refusing, refused

KINDS = [
    each
    for each in vars(aws).values()
    if isinstance(each, type) and issubclass(each, aws.BotoCoreError)
]


def made(kind):
    fields = [name for _, name, _, _ in string.Formatter().parse(kind.fmt) if name]
    fields += ["last_response"] if kind is aws.WaiterError else []
    return kind(**dict.fromkeys(fields, "first line\nsecond line"))


def test_every_error_of_the_sdk_is_one_sentence_with_a_next_step():
    assert len(KINDS) > 80
    for kind in KINDS:
        with pytest.raises(CommandError) as caught, aws_refusals("list the runs"):
            raise made(kind)

        happened, *steps = re.split(r"(?<=\.) (?=[A-Z])", caught.value.message)
        assert happened.startswith(("Could not list the runs: ", "No AWS ")), kind
        assert "\n" not in caught.value.message
        assert re.search(r"^(Check|Fix|List|Log in|Run|Try|Use) ", "\n".join(steps), re.MULTILINE)


@pytest.mark.parametrize(
    "error, expected",
    [
        (made(aws.NoCredentialsError), "Log in (aws sso login) or choose a profile"),
        (made(aws.SSOTokenLoadError), "Log in with `aws sso login`"),
        (made(aws.UnauthorizedSSOTokenError), "Log in with `aws sso login`"),
        (made(aws.TokenRetrievalError), "Log in with `aws sso login`"),
        (made(aws.LoginRefreshRequired), "Log in with `aws login`"),
        (made(aws.CredentialRetrievalError), "credential_process"),
        (made(aws.RefreshWithMFAUnsupportedError), "enter the MFA code"),
        (EOFError("EOF when reading a line"), "enter the MFA code"),
        (made(aws.ConfigParseError), "Fix ~/.aws/config"),
        (made(aws.PartialCredentialsError), "Fix ~/.aws/config"),
        (FileNotFoundError(errno.ENOENT, "No such file", "helper"), "helper: No such file. Fix"),
        (made(aws.ProxyConnectionError), "Check HTTPS_PROXY"),
        (made(aws.SSLError), "Check AWS_CA_BUNDLE"),
        (made(aws.ReadTimeoutError), "Check --endpoint-url, --region and the network"),
        (made(aws.ConnectTimeoutError), "Check --endpoint-url, --region and the network"),
        (made(aws.InvalidRegionError), "Check --endpoint-url, --region"),
        (ResponseParserError("<html>" * 1000), "<…. Check --endpoint-url"),
        (made(aws.ParamValidationError), "Check the arguments"),
        (refused("ExpiredTokenException"), "Log in again"),
        (refused("InvalidClientTokenId"), "Log in again"),
        (refused("RequestExpired"), "Check this computer's clock"),
        (refused("ThrottlingException"), "Try again in a moment"),
        (refused("InternalServerError", 500), "Try again in a moment"),
        (refused("AccessDeniedException"), "Request this permission"),
    ],
)
def test_the_next_step_fits_the_error(type_, error, expected):
    result = type_("list", obj=Environment(session=lambda *_: Refusing(error)))

    assert result.exit_code == 3
    assert expected in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "error, expected",
    [
        (refused("Throttling"), "Could not complete the command: Throttling: no. Try again"),
        (made(aws.ReadTimeoutError), "Could not complete the command: Read timeout"),
        (EOFError(), "Could not complete the command: EOFError. Run the command in a terminal"),
        (OSError(errno.ENOSPC, "No space left on device"), "the command: No space left on device."),
        (KeyError("states"), "This is a bug in pipeline-run: KeyError: 'states'."),
    ],
)
def test_an_error_that_no_command_expects_is_called_a_bug_only_if_it_is_one(error, expected):
    assert expected in unexpected(error).message


_CONFIG = {
    "malformed": ("[profile x\n", "Fix ~/.aws/config"),
    "not text": ("\udcff", "Fix ~/.aws/config"),
    "a failing helper": (
        f"[profile x]\ncredential_process = {sys.executable} -c 'exit(1)'\n",
        "credential_process",
    ),
    "a missing helper": ("[profile x]\ncredential_process = ./no-helper\n", "no-helper: No such"),
    "no login": (
        """[profile x]
        sso_account_id = 111122223333
        sso_role_name = r
        sso_region = eu-west-1
        sso_start_url = https://example.com
        """.replace("  ", ""),
        "Log in with `aws sso login`",
    ),
    "a loop": ("[profile x]\nrole_arn = r\nsource_profile = x\n", "Fix ~/.aws/config"),
}


@pytest.mark.parametrize("text, expected", _CONFIG.values(), ids=_CONFIG)
def test_a_wrong_profile_is_reported_with_a_next_step(type_, text, expected, tmp_path):
    config = tmp_path / "config"
    config.write_bytes(text.encode(errors="surrogateescape"))
    places = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
    none = dict.fromkeys(("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
    words = ["list", "--profile", "x", "--region", "eu-west-1"]

    result = type_(*words, HOME=str(tmp_path), **places, **none)

    assert result.exit_code == 3
    assert expected in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_web_page_is_not_taken_for_an_answer(type_):
    page = SimpleNamespace(status_code=200, headers={}, content=b"<html>Log in</html>")
    session: Any = boto3.Session("AKIA111122223333ROOT", "x", region_name="eu-west-1")
    session.events.register("before-send", lambda **_: page)
    machine = "arn:aws:states:eu-west-1:111122223333:stateMachine:x"

    result = type_("list", "--state-machine", machine, obj=Environment(session=lambda *_: session))

    assert result.exit_code == 3
    assert "sent a web page instead of AWS's answer. Check --endpoint-url" in result.stderr


@pytest.mark.parametrize("words", [["start", "--input", "@{}"], ["role", "--input", "{}"]])
@pytest.mark.parametrize("kind, expected", [("folder", "Is a directory"), ("bytes", "UTF-8")])
def test_an_unreadable_file_is_reported(type_, tmp_path, words, kind, expected):
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes").write_bytes(b"\xff\xfe{}")

    result = type_(*(each.format(tmp_path / kind) for each in words))

    assert result.exit_code == 2
    assert f"--input: cannot read {tmp_path / kind}: " in result.stderr
    assert expected in result.stderr


def test_standard_input_that_is_not_text_is_reported(type_):
    result = type_("start", "--input", "-", stdin=b"\xff\xfe{}")

    assert result.exit_code == 2
    assert "cannot read standard input: it is not UTF-8 text. Save it as UTF-8." in result.stderr


@pytest.mark.parametrize(
    "words, expected",
    [(["--external-id", "a\nb"], "--external-id"), (["--role-name", "a b"], "--role-name")],
)
def test_a_template_with_an_invalid_name_is_not_printed(type_, words, expected):
    role = "arn:aws:iam::111122223333:role/x"

    result = type_("role", "web", "--orchestrator-role", role, *words)

    assert result.exit_code == 2
    assert expected in result.stderr
    assert result.stdout == ""
