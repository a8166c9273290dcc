import re

import pytest

from docs.permissions_table import with_permissions
from tests.template import expansion


@pytest.fixture
def page(root):
    return (root / "docs" / "security.md").read_text(encoding="utf-8")


def test_the_tables_of_permissions_are_up_to_date(page):
    assert page.count("made by `make generate`") == 3
    assert with_permissions(page) == page, "run `make generate`"


def test_every_role_in_the_templates_is_in_the_tables(
    page, template, target_role_template, target_events_template
):
    roles = [
        name
        for one in (template, target_role_template, target_events_template)
        for name, resource in one["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
    ]
    assert [name for name in roles if f"**`{name}`**, " not in page] == []


def test_every_promise_names_existing_tests(root, page):
    named = re.findall(r"`((?:unit|function|statemachine|template)/[\w./]*)`", page)
    assert len(named) > 8
    assert [name for name in named if not (root / "tests" / name).exists()] == []


def test_the_descriptions_say_that_the_external_id_protects_the_owner_of_the_role(
    page, template, root
):
    # One description is for people who deploy the template, and the other is for owners of target
    # roles.
    deployer = template["Parameters"]["ExternalId"]["Description"]
    owners = [
        expansion.as_written(name)["Parameters"]["ExternalId"]["Description"]
        for name in ("target-role.yaml", "examples/target-roles.yaml")
    ]

    # Neither description may claim that the external ID protects the deployment.
    assert "does not protect this deployment. AllowedTargetRoleArns does" in " ".join(
        deployer.split()
    )
    assert all("protects you, the owner" in one for one in owners)
    assert "The **external ID** protects the owner of a target role, not the deployment" in page
