from __future__ import annotations

import re

import pytest
import yaml

from docs.diagrams import PICTURES, with_pictures
from docs.generate import ARCHITECTURE
from playground.accounts import ROOT

PAGE = ARCHITECTURE.read_text("utf-8")


def test_the_pictures_are_up_to_date():
    assert re.findall(r"made by `make generate`: picture of the (\w+)", PAGE) == [
        "template",
        "run",
        "states",
    ]
    assert with_pictures(PAGE) == PAGE, "run `make generate`"


def test_the_picture_of_the_template_shows_every_function():
    template = (ROOT / "template.yaml").read_text("utf-8")
    functions = re.findall(r"^  (\w+Function):$", template, re.MULTILINE)
    picture = PICTURES["template"]()
    assert functions
    assert [name for name in functions if f" {name}[" not in picture] == []


def test_every_state_can_be_reached_in_the_picture_of_the_states():
    states = yaml.safe_load((ROOT / "statemachine" / "pipeline_run.asl.yaml").read_text("utf-8"))
    lines = re.findall(r"(\w+)(?:\(\(start\)\))? -[-.]-?> (\w+)", PICTURES["states"]())

    reached, pending = [], ["Begin"]
    while pending:
        reached.append(pending.pop())
        pending += [to for of, to in lines if of == reached[-1] and to not in [*reached, *pending]]

    assert sorted(reached) == sorted(["Begin", *states["States"]])


@pytest.mark.parametrize("path", re.findall(r"`((?:functions|tests|docs)/[\w/.]+)`", PAGE))
def test_every_path_on_the_page_exists(path):
    assert (ROOT / path).exists()
