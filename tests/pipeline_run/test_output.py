"""What is printed: one line for each text, in any encoding."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from importlib import import_module

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_run.environment import Environment
from pipeline_run.output import accept_every_character, one_line, say, say_json
from pipeline_run.program import COMMANDS
from playground.accounts import ROOT
from tests.pipeline_run.hostile import MARK, TEXTS, TRICKS, forged
from tests.pipeline_run.test_wrong_use import Refusing, refused

_CHARACTERS = st.integers(0, sys.maxunicode).map(chr)  # including lone surrogates
_ANY = st.lists(st.sampled_from([*TRICKS, MARK, " ", ":", "#", "x"]) | _CHARACTERS, max_size=6)


@given(_ANY.map("".join))
def test_any_text_becomes_one_harmless_line(text):
    line = one_line(text)

    assert forged(line.replace(MARK, "x")) == []
    assert "\n" not in line
    assert one_line(line) == line


@pytest.mark.parametrize(
    "text", ["café ✓ 東京 👍", "  indented", "a::b", "arn:aws:iam::1:role/x", "#1"]
)
def test_harmless_texts_are_unchanged(text):
    assert one_line(text) == text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_say_prints_one_line_and_json_is_harmless(text, capsys):
    say(text)
    (line,) = capsys.readouterr().out.split("\n")[:-1]
    say_json({"text": [text], text: None})

    assert MARK in line
    assert forged(line) == forged(capsys.readouterr().out) == []


def _command_lines(command, text):
    """A command line for each argument, and for each option that takes a value."""
    required = [
        "x" for each in command.params if isinstance(each, click.Argument) and each.required
    ]
    for each in command.params:
        if isinstance(each, click.Argument):
            yield [text]
        elif not each.is_flag:
            yield [each.opts[0], text, *required]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("name", COMMANDS)
def test_arguments_and_errors_of_aws_are_shown_on_one_line(
    type_, name, text, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    error = refused(text)
    error.response["Error"]["Message"] = text
    around = Environment(session=lambda *_: Refusing(error))
    command = import_module(f"pipeline_run.commands.{name}").command

    for words in _command_lines(command, text):
        result = type_(name, *words, obj=around, stdin="{}")

        assert forged(result.stdout) == forged(result.stderr) == []
        assert "bug in pipeline-run" not in result.stderr


@pytest.mark.parametrize("charset", ["ascii", "cp1252"])
@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_readable_in_any_encoding(type_, name, charset):
    assert type_(name, "--help", charset=charset).stdout_bytes.isascii()


def test_symbols_that_cannot_be_encoded_are_replaced_by_ones_of_the_same_width(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    monkeypatch.setattr(sys, "stderr", None)  # as for a program without a console

    accept_every_character()
    say("✓ Build  ● Live  ━━▒ é")
    sys.stdout.flush()

    assert raw.getvalue() == rb"+ Build  * Live  ==% \xe9" + os.linesep.encode()


@pytest.mark.parametrize("error", [KeyboardInterrupt, click.Abort])
def test_an_interrupted_command_says_so(type_, error):
    result = type_("list", obj=Environment(session=lambda *_: Refusing(error())))

    assert result.exit_code == 130
    assert result.stderr.strip() == "Interrupted."


@pytest.mark.parametrize("role, status", [("arn:aws:iam::111122223333:role/x", 141), ("x", 2)])
def test_a_reader_that_stops_early_ends_the_command_quietly(role, status):
    words = [sys.executable, "-m", "pipeline_run", "role", "web", "--orchestrator-role", role]
    paths = os.pathsep.join(str(ROOT / each) for each in ("", "functions"))
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONUNBUFFERED": ""}
    reader, writer = os.pipe()
    os.close(reader)
    errors = subprocess.PIPE if status == 141 else writer

    result = subprocess.run(  # noqa: S603 - our own program
        words, cwd=ROOT, env=environment, stdout=writer, stderr=errors, check=False
    )

    os.close(writer)
    assert result.returncode == status
    assert not result.stderr
