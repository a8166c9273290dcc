from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.layers.names import defined_twice, public_names

ROOT = Path(__file__).parents[2]
# Lambda calls the `handler` of each function, and click loads the `command` of each command.
FRAMEWORK_NAMES = {"handler": "functions", "command": "pipeline_run/commands"}


def _is_the_frameworks(definition):
    return Path(definition.path).parent.as_posix() == FRAMEWORK_NAMES.get(definition.name)


def test_each_public_name_is_defined_in_one_module():
    names = list(public_names(ROOT, "functions", "pipeline_run"))

    twice = defined_twice(one for one in names if not _is_the_frameworks(one))

    assert len(names) > 200
    assert not twice, "\n".join(str(one) for found in twice for one in found)


@pytest.fixture
def twice(tmp_path):
    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        found = defined_twice(public_names(tmp_path, "shop", "desk"))
        return [(same[0].name, [one.path for one in same]) for same in found]

    return write


@pytest.mark.parametrize(
    "definition",
    [
        "def total(): ...",
        "async def total(): ...",
        "class total: ...",
        "total = 0",
        "total: int = 0",
        "tax, total = 1, 2",
        "if True:\n    total = 0",
        "try:\n    tax = 1\nexcept ValueError:\n    total = 0",
    ],
)
def test_a_planted_duplicate_of_any_kind_is_found(twice, definition):
    found = twice({"shop/cart.py": "def total(): ...", "desk/till/bill.py": definition})

    assert found == [("total", ["shop/cart.py", "desk/till/bill.py"])]


@pytest.mark.parametrize(
    "other",
    [
        "def _total(): ...",
        "from shop.cart import total",
        "class Bill:\n    def total(self): ...",
        "def bill():\n    total = 0",
        "def totals(): ...",
    ],
    ids=["private", "imported", "a method", "local", "another name"],
)
def test_only_public_definitions_at_the_top_level_of_a_module_count(twice, other):
    assert twice({"shop/cart.py": "def total(): ...", "desk/bill.py": other}) == []


def test_a_module_may_redefine_its_own_name(twice):
    overloaded = "def total(a): ...\ndef total(a, b): ..."

    assert twice({"shop/cart.py": overloaded}) == []


def test_a_duplicate_is_shown_with_file_and_line(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "cart.py").write_text("\n\nTAX = 1\n")

    assert [str(one) for one in public_names(tmp_path, "shop")] == [
        "TAX is defined in shop/cart.py, line 3"
    ]
