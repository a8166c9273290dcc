from __future__ import annotations

import ast

import pytest

from tests.mutation import mutants


@pytest.fixture
def made(tmp_path):
    def make(source):
        (tmp_path / "module.py").write_text(source)
        return list(mutants.of(tmp_path, "module"))

    return make


@pytest.mark.parametrize(
    "source, names",
    [
        ("x = a == b", ["a == b -> a != b"]),
        ("x = a < b <= c", ["a < b <= c -> a <= b <= c", "a < b <= c -> a < b < c"]),
        ("x = a in b", ["a in b -> a not in b"]),
        ("x = a and b", ["a and b -> a or b"]),
        ("x = not a", ["not a -> a"]),
        ("x = a + b", ["a + b -> a - b"]),
        ("x = True", ["True -> False"]),
        ("x = 3", ["3 -> 4"]),
        ("x = ''", ["'' -> 'changed'"]),
        ("x = min(a)", ["min -> max"]),
        ("x = a if b else c", ["a if b else c -> swapped"]),
        ("x = [a for a in b if c]", ["if c -> always"]),
        ("if a: f()", ["if a -> if not", "f() -> left out"]),
        ("raise a", ["raise a -> left out"]),
    ],
)
def test_each_kind_of_code_is_changed(made, source, names):
    assert [each.name for each in made(source)] == [f"module.module: {name}" for name in names]


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring."""',
        "from __future__ import annotations",
        "x: Literal['a']",
        "def f(a: 'A') -> 'B': pass",
        "x = f'text {a}'",
        "logger.info('text', a=1)",
        "assert a == b",
        "x = Field(description='text')",
        "@dataclass(frozen=True)\nclass A: pass",
        "if TYPE_CHECKING:\n    x = 1",
        "def f():\n    return None",
    ],
)
def test_code_without_behavior_is_not_changed(made, source):
    assert made(source) == []


def test_a_name_depends_on_the_function_and_the_change_but_not_on_the_line(made):
    source = "class A:\n    def f(self):\n        return 1\n\n\ndef g():\n    return [2, 2]\n"
    names = [each.name for each in made(source)]
    assert names == [
        "module.A.f: return 1 -> return None",
        "module.A.f: 1 -> 2",
        "module.g: return [2, 2] -> return None",
        "module.g: 2 -> 3",
        "module.g: 2 -> 3 (2)",
    ]
    assert [each.name for each in made(f"import os\n\n\n{source}")] == names


def test_one_place_is_changed_at_a_time(made):
    changed = [ast.unparse(each.tree) for each in made("x = [2, 2]")]
    assert changed == ["x = [3, 2]", "x = [2, 3]"]


def test_the_changed_statement_is_identified_by_its_line(made):
    source = "def g():\n    return (\n        a,\n        2,\n    )\n"
    assert [each.lines for each in made(source)] == [frozenset({2}), frozenset({2})]
