from __future__ import annotations

import json
import re

import pytest
import yaml

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.parsing import parse_user_parameters
from codepipeline_sandbox.cloud import Cloud
from playground.scenarios import loading
from tests.pages import fragments
from tests.pages.blocks import PAGES, ROOT, SHELL, blocks, mistakes, written_in
from tests.pages.linting import complaints

pytestmark = pytest.mark.xdist_group("pages")  # Tests in this group share cached pages.

KNOWN = {*SHELL, "yaml", "json", "python", "text", "", "mermaid", "math"}


def test_every_block_has_a_known_language():
    strange = [block for page in PAGES for block in blocks(page) if block.language not in KNOWN]
    assert [f"{block.place}: {block.language}" for block in strange] == []


def check_json(text):
    if '"outcome"' in text:  # test_documented_results checks the result documents.
        assert json.loads(text)["message"]
        return
    try:
        parse_user_parameters(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from error


def test_every_json_block_is_an_input_or_a_result():
    found = written_in("json")
    assert len(found) >= 6
    assert mistakes(found, check_json) == []


def test_every_yaml_block_is_a_template_a_scenario_or_hooks():
    found = {block.place for block in written_in("yaml")}
    known = {
        block.place
        for kind in (fragments.templates, fragments.scenarios, fragments.hooks)
        for block, _ in kind(written_in("yaml"))
    }
    assert found - known == set()


def test_cfn_lint_accepts_every_template_fragment():
    pieces = [
        (block.place, fragments.whole(document))
        for block, document in fragments.templates(written_in("yaml"))
        if "Transform" not in document  # the page's own test deploys SAM templates
    ]
    wrong = fragments.whole({"Targets": [{"Id": "a", "Arm": "arn:aws:x:::y"}]})

    found = complaints([*pieces, ("the wrong one", wrong)])

    assert len(pieces) >= 8
    assert found
    assert [each for each in found if not each.startswith("the wrong one:")] == []
    assert [
        f"{place}: {each}" for place, it in pieces for each in fragments.unknown_imports(it)
    ] == []


def test_every_scenario_can_be_played():
    scenarios: dict[str, list[str]] = {}
    for block, _ in fragments.scenarios(written_in("yaml")):
        scenarios.setdefault(block.page.name, []).append(block.text)
    assert len(scenarios) >= 2
    for page, (whole, *additions) in scenarios.items():
        assert loading.load(whole, page).pipelines
        for text in additions:  # These sections extend the page's first scenario.
            assert loading.load(f"{whole}\n{text}", page).faults


def test_every_hook_exists():
    for block, document in fragments.hooks(written_in("yaml")):
        offered = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
        wanted = {hook["id"] for repo in document["repos"] for hook in repo["hooks"]}
        assert wanted <= {hook["id"] for hook in offered}, block.place


def test_every_python_block_runs():
    for block in written_in("python"):
        code = compile(block.text, block.place, "exec")
        if "Cloud(" in block.text:  # Other tests run this block.
            assert named_by_tests(block.page), block.place
        else:
            with Cloud(seed=1) as cloud:
                exec(code, {"cloud": cloud})  # noqa: S102 - our own page


def named_by_tests(page):
    tests = (path for path in (ROOT / "tests").rglob("*.py") if path.name != "test_snippets.py")
    return [path for path in tests if f'{page.name}"' in path.read_text("utf-8")]


def test_every_text_block_is_a_drawing_or_is_read_by_a_test():
    states = yaml.safe_load((ROOT / "statemachine" / "pipeline_run.asl.yaml").read_text("utf-8"))
    names = {"CodePipeline", "EventBridge", *states["States"]}
    for block in written_in("text", ""):
        if "->" in block.text:  # The block is a drawing.
            assert set(re.findall(r"\b[A-Z][a-z]+[A-Z]\w+", block.text)) <= names, block.place
        else:
            assert named_by_tests(block.page), f"no test reads {block.place}"


def test_every_picture_is_generated():
    assert [block.place for block in written_in("mermaid") if not block.generated] == []
