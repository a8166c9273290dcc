import copy
import json

import pytest
from jsonata import Jsonata
from statelint.config import Config
from statelint.linter import Linter
from statelint.problem import ProblemType

REGIONS = ["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"]


def _complaints(text, regions=tuple(REGIONS)):
    from cfnlint.api import lint  # noqa: PLC0415 - takes three seconds in each test process

    return [f"{match.rule.id} {match.message}" for match in lint(text, regions=list(regions))]


# statelint does not support JSONata expressions, so sample values replace them in these fields.
_VALUES = {"Timestamp": "2026-01-05T09:00:00Z", "TimeoutSeconds": 60}


def _statelint(definition):
    # statelint does not accept an ARN as a URI, or 2 as a float.
    ignored = {ProblemType.URI, ProblemType.FLOAT}
    return Linter.validate(_with_values(definition), Config(ignored))


def _with_values(definition):
    states = {
        name: {
            field: _VALUES[field] if field in _VALUES and str(value).startswith("{%") else value
            for field, value in state.items()
        }
        for name, state in definition["States"].items()
    }
    return {**definition, "States": states}


def _expressions(node):
    if isinstance(node, dict):
        for value in node.values():
            yield from _expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from _expressions(value)
    elif isinstance(node, str) and node.startswith("{%"):
        yield node.removeprefix("{%").removesuffix("%}")


@pytest.mark.parametrize(
    "name",
    [
        "template.yaml",
        "target-role.yaml",
        "target-events.yaml",
        "examples/chat.yaml",
        "examples/nested.yaml",
        "examples/several-targets.yaml",
        "examples/target-roles.yaml",
        "examples/sandbox-action/template.yaml",
    ],
)
def test_a_template_as_written_passes_cfn_lint(root, name):
    assert _complaints((root / name).read_text()) == []


def test_the_expanded_template_passes_cfn_lint(expanded):
    # One Region is enough because the unexpanded template is checked for all Regions.
    assert _complaints(json.dumps(expanded), regions=REGIONS[:1]) == []


def test_cfn_lint_finds_a_cycle_in_the_expanded_template(expanded):
    # Checking only these two resources keeps the test fast.
    names = ("PipelineRunRole", "PipelineRunStateMachine")
    broken = {**expanded, "Resources": {name: expanded["Resources"][name] for name in names}}
    broken = copy.deepcopy(broken)
    broken["Resources"]["PipelineRunRole"]["DependsOn"] = "PipelineRunStateMachine"

    # One Region is enough because the cycle exists in all Regions.
    complaints = _complaints(json.dumps(broken), regions=REGIONS[:1])

    assert any(complaint.startswith("E3004") for complaint in complaints)


def test_the_state_machine_passes_statelint(definition):
    assert _statelint(definition) == []


def test_statelint_finds_a_state_that_leads_nowhere(definition):
    broken = copy.deepcopy(definition)
    broken["States"]["AssumeRole"]["Next"] = "Nowhere"

    problems = _statelint(broken)

    assert any("Nowhere" in problem for problem in problems)


def test_every_expression_of_the_state_machine_is_jsonata(definition):
    expressions = list(_expressions(definition))

    assert expressions
    for expression in expressions:
        Jsonata(expression)  # raises an error if the syntax is wrong
