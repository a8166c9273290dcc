"""Checks `sam` command lines against a list of options because `sam` is not installed here."""

from __future__ import annotations

from codepipeline_sandbox.cloudformation.artifacts import load
from tests.pages.blocks import ROOT
from tests.pages.parameters import check_parameters

_EVERYWHERE = {"--region", "--profile", "--config-file", "--config-env"}
_PACKAGING = {"--s3-bucket", "--s3-prefix", "--resolve-s3", "--kms-key-id", "--template-file"}
_OPTIONS = {
    "deploy": {
        *_PACKAGING,
        *("--stack-name", "--capabilities", "--parameter-overrides", "--guided", "--tags"),
        *("--no-execute-changeset", "--no-confirm-changeset", "--no-fail-on-empty-changeset"),
    },
    "package": {*_PACKAGING, "--output-template-file"},
    "publish": {"--template", "--semantic-version"},
    "delete": {"--stack-name", "--no-prompts"},
    "validate": {"--template", "--lint"},
}


def check(words: list[str]) -> None:
    command, *rest = words
    if command not in _OPTIONS:
        raise ValueError(f"sam {command} is not expected here")
    options = [word for word in rest if word.startswith("--")]
    if unknown := [each for each in options if each not in _OPTIONS[command] | _EVERYWHERE]:
        raise ValueError(f"sam {command} has no {unknown}")
    if "--parameter-overrides" in rest:
        template = load(ROOT / _values("--template-file", rest)[0])
        given = dict(one.split("=", 1) for one in _values("--parameter-overrides", rest))
        check_parameters(template, given, complete=True)


def _values(option: str, words: list[str]) -> list[str]:
    found = []
    for word in words[words.index(option) + 1 :]:
        if word.startswith("--"):
            break
        found.append(word)
    return found
