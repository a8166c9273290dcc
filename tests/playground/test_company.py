import re
import runpy
from pathlib import Path
from typing import Any

from moto.awslambda.models import lambda_backends

from codepipeline_sandbox.awslambda.package import extracted
from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, SECOND, SHARED, TOOLS, Action
from tests.layers.imports import imports_between

FUNCTIONS = Path(__file__).parents[3] / "functions"
CONSTANTS = (dict, list, set)


def is_shared(module):
    return any(f"{module}.".startswith(f"{name}.") for name in SHARED)


def constants(names):
    return {
        name: re.sub(
            " at 0x[0-9a-f]+",
            "",
            repr(sorted(value, key=repr) if isinstance(value, set) else value),
        )
        for name, value in names.items()
        if isinstance(value, CONSTANTS) and not name.startswith("__")
    }


def test_shared_modules_import_only_shared_modules():
    others = [
        str(each)
        for each in imports_between(FUNCTIONS, "codepipeline_orchestrator")
        if is_shared(each.importer) and not is_shared(each.imported)
    ]
    assert others == []


def test_a_run_changes_no_constant_of_a_shared_module(company, world):
    acts = [Act(30, "Failed")]
    company.add_pipeline("web", {"Deploy": [Action("Rollout", acts)]}, account=SECOND)
    document = {"pipelineName": "web", "roleArn": company.target_roles[SECOND]}
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})

    company.start("release")
    world.run()

    # Each constant still has the value from the module's code.
    shared = loaded_by_containers()
    assert {name.split(".")[1] for name in shared} == {name.split(".")[1] for name in SHARED}
    for module in shared.values():
        assert constants(vars(module)) == constants(freshly_loaded(module)), module


def loaded_by_containers():
    functions = lambda_backends[TOOLS][REGION].list_functions()
    return {
        name: module
        for each in functions
        for name, module in extracted(each.code_bytes).definitions.items()
    }


def freshly_loaded(module):
    return runpy.run_path(module.__file__, run_name=module.__name__)


def test_a_changed_constant_is_noticed():
    names: dict[str, Any] = {"SEEN": {"b", "a"}, "LIMIT": 3}
    before = constants(names)

    names["SEEN"].add("c")

    assert before == {"SEEN": "['a', 'b']"} != constants(names)
