"""Reads a scenario's options: `start`, `seed`, `settings`, `accounts`, `product`."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

import yaml

from codepipeline_sandbox.codepipeline.settings import Settings
from playground.accounts import ROOT, TOOLS
from playground.scenarios.places import ACCOUNT_ID, ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.scenarios.page import Page

_YEARS = 1971, 2999  # All parts of the sandbox can handle these years.
_NULL = "tag:yaml.org,2002:null"


def start(page: Page, node: yaml.Node) -> datetime | None:
    """Read the time at which the world starts, which is in UTC unless it has a time zone."""
    text = page.text(node, "'start'")
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        page.wrong(node, f"'start' must be a time such as 2026-01-05T09:00:00Z, but is '{text}'.")
        return None
    if not _YEARS[0] <= found.year <= _YEARS[1]:
        page.wrong(node, f"'start' must be between {_YEARS[0]} and {_YEARS[1]}.")
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def settings(page: Page, node: yaml.Node) -> dict[str, Any]:
    """Read the settings for the sandbox's CodePipeline, by name."""
    kinds = get_type_hints(Settings)
    names = [field.name for field in fields(Settings)]
    members = page.members(node, "'settings'", names)
    return {name: _setting(page, value, name, kinds[name]) for name, value in members.items()}


def accounts(page: Page, node: yaml.Node) -> dict[str, str]:
    """Read the account IDs by name."""
    found = {}
    for name, key, value in page.pairs(node, "'accounts'"):
        account_id = page.text(value, f"The account '{name}'")
        if account_id is None:
            continue
        if not name.replace("-", "").replace("_", "").isalnum() or ACCOUNT_ID.fullmatch(name):
            page.wrong(key, f"'{name}' is not a valid account name: use letters, digits, - and _.")
        elif not ACCOUNT_ID.fullmatch(account_id):
            page.wrong(value, f"'{account_id}' is not a valid account ID: use 12 digits.")
        elif name == "tools" and account_id != TOOLS:
            page.wrong(value, f"'tools' must be {TOOLS}, where the product is deployed.")
        else:
            found[name] = account_id
    return found


def all_accounts(given: Mapping[str, str]) -> dict[str, str]:
    """Combine the accounts that the scenario names with the predefined ones."""
    return {**ACCOUNTS, **given}


def product(page: Page, node: yaml.Node) -> dict[str, str]:
    """Read the parameters for the product's template."""
    known = [*_parameters(), "TargetRoleName"]
    members = page.members(node, "'product'", known)
    read = {name: page.text(value, f"'{name}'") for name, value in members.items()}
    return {name: text for name, text in read.items() if text is not None}


def _parameters() -> list[str]:
    root: Any = yaml.compose((ROOT / "template.yaml").read_text("utf-8"), Loader=yaml.SafeLoader)
    sections = {key.value: value for key, value in root.value}
    return [key.value for key, _ in sections["Parameters"].value]


def _setting(page: Page, node: yaml.Node, name: str, kind: Any) -> Any:
    """Read a value of the setting's type. A setting of type float is a duration."""
    what = f"The setting '{name}'"
    if get_origin(kind) is Literal:
        return page.word(node, what, get_args(kind))
    if get_origin(kind) in {Union, UnionType}:
        (inner,) = (each for each in get_args(kind) if each is not type(None))
        return None if node.tag == _NULL else _setting(page, node, name, inner)
    readers: dict[Any, Any] = {bool: page.truth, int: page.whole, float: page.duration}
    return readers.get(kind, page.text)(node, what)
