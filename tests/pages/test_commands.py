from __future__ import annotations

import re

import pytest

from tests.pages import aws_cli, programs, shell
from tests.pages.blocks import PAGES, ROOT, SHELL, inline, mistakes, written_in

pytestmark = pytest.mark.xdist_group("pages")  # Tests in this group share cached pages.

COMMAND = re.compile(r"(?:make|aws|git|pipeline-run|python) [a-z-]+.*", re.DOTALL)
# Matches commands in the messages in docs/outcomes.md, where numbers replace execution IDs.
TOLD = re.compile(
    r"aws (?:codepipeline|stepfunctions) [a-z-]+(?: --[a-z-]+ (?:'[^']*'|[^\s'|()]+))+"
)
FORMULA = re.compile(r"[\w()]+ = .*", re.DOTALL)


def check_commands(text):
    commands = list(shell.commands(text))
    assert commands, "no command found"
    for words in commands:
        programs.check(words)


def test_every_command_is_valid():
    found = [block for block in written_in(*SHELL) if not FORMULA.fullmatch(block.text)]
    assert len(found) > 10
    assert mistakes(found, check_commands) == []


def check_mention(text):
    match text.split():
        case ["aws", service, operation]:  # The text only mentions the command, without arguments.
            aws_cli.named(service, operation)
        case _:
            check_commands(text)


def test_every_command_in_inline_code_is_valid():
    found = [block for page in PAGES for block in inline(page) if COMMAND.fullmatch(block.text)]
    assert len(found) > 10
    assert mistakes(found, check_mention) == []


def test_every_command_in_a_message_is_valid():
    shown = set(TOLD.findall((ROOT / "docs" / "outcomes.md").read_text("utf-8")))
    assert shown
    for text in sorted({re.sub(r" #\d+", " execution-1", each) for each in shown}):
        check_commands(text)


@pytest.mark.parametrize(
    "line",
    [
        "make dmeo",
        "make demo SPEED=60",
        "make demo ARGS=--fast",
        "make deploy PARAMETERS='PipelineNames=a'",
        "make deploy PARAMETERS='Monitoring=everything'",
        "make play SCENARIO=docs/none.yaml",
        "aws stepfunctions begin-execution --name a",
        "aws stepfunctions start-execution",
        "aws stepfunctions start-execution --name a",
        "aws codepipeline retry-stage-execution --pipeline-name a --stage Deploy",
        "aws codepipeline list-pipeline-executions --pipeline-name a --filter '{\"succeeded\": 1}'",
        "aws cloudformation deploy --stack-name a --template-file target-role.yaml",
        "X=$(aws sts whoami) make demo",
        "echo a | curl b",
        "cd nowhere",
        "pip install ./nowhere",
        "python -m playground.none",
        "echo 'a",
        "sam deploy --stack a",
        "sam deploy --template-file target-role.yaml --parameter-overrides RoleName=a",
    ],
)
def test_an_invalid_command_line_is_found(line):
    with pytest.raises(ValueError, match=r"\S"):
        check_commands(line)
