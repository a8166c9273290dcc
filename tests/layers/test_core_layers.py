from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.layers.imports import Import, imports_between

FUNCTIONS = Path(__file__).parents[2] / "functions"
PACKAGE = "codepipeline_orchestrator"
# From the lowest layer to the highest. Folders in the same layer must not import each other.
LAYERS = (
    {"clock", "errors", "text"},
    {"telemetry"},
    {"model"},
    {"aws", "input", "messages"},
    {"pipeline"},
    {"polling", "result"},
    {"job"},
)
# These modules neither call AWS nor read the clock.
PURE = (
    "errors",
    "text",
    "model",
    "aws.answers",
    "input",
    "messages",
    "result.document",
    "pipeline.executions",
    "pipeline.failed_action",
    "pipeline.output_variables",
    "pipeline.find_progress",
    "pipeline.unmet_condition",
    "polling.pace",
    "polling.schedule",
    "polling.take_snapshot",
    "polling.verdict",
    "job.still_running",
    "job.token",
)
EFFECTS = {f"{PACKAGE}.clock", f"{PACKAGE}.telemetry", f"{PACKAGE}.aws"}
LIBRARIES = {"boto3", "botocore", "time", "os", "random", "uuid"}


def _floor(module: str) -> int:
    name = module.split(".")[1]
    return next(floor for floor, names in enumerate(LAYERS) if name in names)


def _climbs(one: Import) -> bool:
    same = one.importer.split(".")[1] == one.imported.split(".")[1]
    return not same and _floor(one.imported) >= _floor(one.importer)


def _modules(root: Path) -> dict[str, Path]:
    files = (root / PACKAGE).rglob("*.py")
    return {".".join(each.relative_to(root).with_suffix("").parts): each for each in files}


def _effects(path: Path) -> set[str]:
    """The forbidden imports of a pure module. Imports for type checkers are allowed."""
    tree = ast.parse(path.read_text("utf-8"))
    types_only = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in types_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return {
        name
        for name in found
        if name.partition(".")[0] in LIBRARIES
        or any(name == effect or name.startswith(f"{effect}.") for effect in EFFECTS)
    }


def _planted(tmp_path: Path, module: str, text: str) -> Path:
    for folder in ("model", "aws", "messages"):
        (tmp_path / PACKAGE / folder).mkdir(parents=True)
    (tmp_path / PACKAGE / "aws" / "clients.py").write_text("")
    path = tmp_path.joinpath(PACKAGE, *module.split(".")).with_suffix(".py")
    path.write_text(text)
    return path


def test_every_module_has_a_layer():
    tops = {name.split(".")[1] for name in _modules(FUNCTIONS)} - {"__init__"}

    assert tops == set().union(*LAYERS)


def test_no_folder_imports_from_its_own_layer_or_a_higher_one():
    imports = list(imports_between(FUNCTIONS, PACKAGE))
    climbing = [str(one) for one in imports if _climbs(one)]

    assert len(imports) > 100
    assert not climbing, "\n".join(climbing)


@pytest.mark.parametrize(
    "module, text",
    [
        ("text", "from codepipeline_orchestrator.aws import clients"),
        ("messages.end", "def f():\n    import codepipeline_orchestrator.aws.clients"),
        ("model.target", "if TYPE_CHECKING:\n    from ..aws.clients import Client"),
    ],
)
def test_a_planted_import_from_a_higher_layer_is_found(tmp_path, module, text):
    _planted(tmp_path, module, text)

    assert any(_climbs(one) for one in imports_between(tmp_path, PACKAGE))


@pytest.mark.parametrize("pure", PURE)
def test_pure_modules_neither_call_aws_nor_read_the_clock(pure):
    name = f"{PACKAGE}.{pure}"
    effects = {
        module: _effects(path)
        for module, path in _modules(FUNCTIONS).items()
        if module == name or module.startswith(f"{name}.")
    }

    assert effects
    assert not {module: found for module, found in effects.items() if found}


@pytest.mark.parametrize(
    "text",
    ["import time", "from codepipeline_orchestrator import clock", "import botocore.session"],
)
def test_a_planted_import_in_a_pure_module_is_found(tmp_path, text):
    assert _effects(_planted(tmp_path, "model.target", text))


def test_an_import_for_type_checkers_is_allowed_in_a_pure_module(tmp_path):
    text = "if TYPE_CHECKING:\n    import botocore.client"
    assert not _effects(_planted(tmp_path, "model.target", text))


def test_no_folder_reexports_names():
    for face in (FUNCTIONS / PACKAGE).rglob("__init__.py"):
        assert [type(node) for node in ast.parse(face.read_text("utf-8")).body] == [ast.Expr], face
