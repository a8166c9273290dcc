"""docs/security.md says what the templates and the tests are."""

import re

import pytest

from docs.permissions_table import with_permissions


@pytest.fixture
def page(root):
    return (root / "docs" / "security.md").read_text(encoding="utf-8")


def test_the_tables_of_permissions_are_up_to_date(page):
    assert page.count("made by `make generate`") == 2
    assert with_permissions(page) == page, "run `make generate`"


def test_every_role_of_the_templates_is_in_the_tables(page, template, target_role_template):
    roles = [
        name
        for one in (template, target_role_template)
        for name, resource in one["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
    ]
    assert [name for name in roles if f"| `{name}` |" not in page] == []


def test_every_promise_names_tests_that_there_are(root, page):
    named = re.findall(r"`((?:unit|function|statemachine|template)/[\w./]*)`", page)
    assert len(named) > 8
    assert [name for name in named if not (root / "tests" / name).exists()] == []
