"""Every command in docs/getting-started.md works, in the page's order and in one shell."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from playground.accounts import ROOT
from playground.scenarios.__main__ import main
from playground.server import scene
from playground.server.commands import commands, settings
from tests.pages.blocks import Block, blocks
from tests.pages.shell import PLACEHOLDER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.http.served import Served

# All tests in the group share one server.
pytestmark = pytest.mark.xdist_group("server")

PAGE = ROOT / "docs" / "getting-started.md"
PORT = "4566"
PLAY = "make play SCENARIO=mine.yaml"
# The page shows that these commands fail.
FAILING = [
    "pipeline-run watch",
    """echo '{"pipelineNam": "MyFirstPipeline"}' | pipeline-run validate -""",
]
# The clone consists of links to this directory. `make play` runs in this process, and other tests
# run the other programs of `make`. test_commands.py checks their arguments.
FUNCTIONS = rf"""
git() {{ mkdir "$3" && ln -s {ROOT}/* {ROOT}/.venv "$3"; }}
make() {{ [ "$1" != play ] || cp "${{2#SCENARIO=}}" "$HOME"; }}
"""


@dataclass(frozen=True)
class Typed:
    command: str
    status: int
    output: str


def commands_in(block: Block) -> list[str]:
    return block.text.splitlines() if block.language == "indented" else []


def script() -> str:
    """The page's commands. After each one, the shell prints its status between null characters."""
    made = [FUNCTIONS]
    for block in blocks(PAGE):
        if block.language == "yaml":
            made.append(f"cat > mine.yaml <<'END'\n{block.text}END")
        for line in commands_in(block):
            made += [PLACEHOLDER.sub("SOMETHING", line), r"printf '\0%s\0' $?"]
    return "\n".join(made)


@pytest.fixture(scope="module")
def typed(served: Served, tmp_path_factory: pytest.TempPathFactory) -> list[Typed]:
    """The page's commands, typed in the shell of a reader whose AWS settings are wrong."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / ".aws").mkdir()
    for name in ("config", "credentials"):
        (folder / ".aws" / name).write_text("this is not a configuration\n")
    done = subprocess.run(  # noqa: S603 - our own page
        ["/bin/bash", "-c", script().replace(f":{PORT}", f":{served.port}")],
        cwd=folder,
        env={
            "PATH": f"{sys.exec_prefix}/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "AWS_PROFILE": "nonexistent",
            "AWS_ENDPOINT_URL_CODEPIPELINE": "nowhere",
            "PIPELINE_RUN_STACK": "another",
            "HTTP_PROXY": "http://127.0.0.1:1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    *outputs, _ = done.stdout.split("\0")
    lines = [line for block in blocks(PAGE) for line in commands_in(block)]
    return [
        Typed(line, int(status), output if line != PLAY else played(folder / "mine.yaml"))
        for line, output, status in zip(lines, outputs[::2], outputs[1::2], strict=True)
    ]


def played(scenario: Path) -> str:
    out = io.StringIO()
    with redirect_stdout(out):
        assert main([str(scenario)]) == 0
    return out.getvalue()


def test_every_command_succeeds_or_fails_as_described(typed: list[Typed]) -> None:
    assert [each.command for each in typed if each.status] == FAILING
    assert len(typed) > 20


def test_every_shown_output_is_printed(typed: list[Typed]) -> None:
    outputs = iter(typed)
    for block in blocks(PAGE):
        for _ in commands_in(block):
            last = next(outputs)
        if block.language == "text":
            shown = re.escape(block.text).replace("…", ".+")
            assert re.search(f"^{shown}", last.output, re.MULTILINE), f"{block.place}: {last}"


def test_the_page_has_what_the_sandbox_prints() -> None:
    page = [line for block in blocks(PAGE) for line in commands_in(block)]
    printed = settings(f"http://127.0.0.1:{PORT}") + [
        command for _, command in commands(scene.scenario(None, empty=False))
    ]

    assert [line for line in printed if line not in page and "PATH" not in line] == []
