from __future__ import annotations

from textwrap import dedent

import pytest

from tests.layers.imports import Import, circles, folder_of, imports_between


@pytest.fixture
def tree(tmp_path):
    def write(files):
        for name, text in {"__init__.py": "", **files}.items():
            path = tmp_path / "shop" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return tmp_path

    return write


def _found(root):
    return list(imports_between(root, "shop"))


def _circles_of_folders(root):
    edges = ((folder_of(root, one.importer), folder_of(root, one.imported)) for one in _found(root))
    return circles(edges)


@pytest.mark.parametrize(
    "statement",
    [
        "import shop.prices.taxes",
        "import shop.prices.taxes as rates",
        "from shop.prices import taxes",
        "from shop.prices.taxes import VAT",
        "from .prices import taxes",
        "from .prices.taxes import VAT",
    ],
)
def test_each_way_to_import_a_module_is_read(tree, statement):
    root = tree({"cart.py": statement, "prices/__init__.py": "", "prices/taxes.py": "VAT = 1"})

    assert _found(root) == [Import("shop.cart", "shop.prices.taxes", 1)]


def test_a_relative_import_starts_at_the_folder_of_the_file(tree):
    root = tree(
        {
            "world.py": "",
            "prices/__init__.py": "from . import taxes",
            "prices/taxes.py": "from .. import world",
        }
    )

    assert _found(root) == [
        Import("shop.prices", "shop.prices.taxes", 1),
        Import("shop.prices.taxes", "shop.world", 1),
    ]


def test_a_name_that_is_not_a_module_belongs_to_its_package(tree):
    root = tree({"cart.py": "from shop.prices import VAT", "prices/__init__.py": "VAT = 1"})

    assert _found(root) == [Import("shop.cart", "shop.prices", 1)]


def test_imports_of_other_packages_are_ignored(tree):
    root = tree({"cart.py": "import json\nfrom shopping import cart"})

    assert _found(root) == []


def test_a_planted_cycle_is_found(tree):
    root = tree(
        {
            "cart/__init__.py": "",
            "cart/total.py": "from shop.prices.taxes import VAT",
            "prices/__init__.py": "",
            "prices/taxes.py": "from shop.stock import items",
            "stock/__init__.py": "",
            "stock/items.py": "import shop.cart.total",
        }
    )

    assert _circles_of_folders(root) == [("shop.cart", "shop.prices", "shop.stock")]


@pytest.mark.parametrize(
    "hidden",
    [
        """
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from shop.cart.total import Total
        """,
        """
        def taxes():
            from shop.cart.total import Total
        """,
    ],
    ids=["only for type checkers", "within a function"],
)
def test_imports_in_functions_can_form_a_cycle(tree, hidden):
    root = tree(
        {
            "cart/__init__.py": "",
            "cart/total.py": "from shop.prices.taxes import VAT",
            "prices/__init__.py": "",
            "prices/taxes.py": hidden,
        }
    )

    assert _circles_of_folders(root) == [("shop.cart", "shop.prices")]


def test_imports_in_one_direction_are_not_a_cycle(tree):
    root = tree(
        {
            "cart/__init__.py": "from shop.cart import total",
            "cart/total.py": "from shop.prices import taxes\nfrom shop.stock import items",
            "prices/__init__.py": "",
            "prices/taxes.py": "from shop.stock import items",
            "stock/__init__.py": "",
            "stock/items.py": "",
        }
    )

    assert _circles_of_folders(root) == []


def test_cycles_without_a_common_node_are_reported_separately():
    edges = [("a", "b"), ("b", "a"), ("b", "c"), ("c", "e"), ("e", "d"), ("d", "c"), ("f", "f")]

    assert circles(edges) == [("a", "b"), ("c", "e", "d")]


def test_only_the_shortest_cycle_of_a_node_is_reported():
    edges = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "c")]

    assert circles(edges) == [("c", "d")]
