"""Show the evidence for each rule of the sandbox, and whether it is checked on AWS."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests" / "contract"
RECORDS = ROOT / "docs" / "evidence"

# A rule's row, with or without the generated column.
RULE = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?)(?: \| ([^|]+?))? \|$", re.MULTILINE)
_HEAD = re.compile(r"^\| rule \| behavior \| source \|.*\n\|[ |-]+\|$", re.MULTILINE)
_SETTING = re.compile(r"^\| `(\w+)` \| (`.+?`) \| ([A-Z]\d+)(?: \| [^|]+?)? \|$", re.MULTILINE)
_SETTINGS = re.compile(r"^\| setting \| default \| rule \|.*\n\|[ |-]+\|$", re.MULTILINE)

# Words in a rule's source column that determine its kinds of evidence.
_ABBREVIATIONS = (
    r"\b(?:UG|M|API|LAM|EB|IAM|SFN|DDB|CFN|CE|SAM|S3|EC2)\b|CloudFormation|Scheduler|"
    r"Step Functions|Developer Guide|[Rr]eference|models|protocol|resource schemas|botocore|"
    r"documents|Error|CodegenNamingUtils|encryption-at-rest"
)
_WORDS = {
    "documented": re.compile(_ABBREVIATIONS),
    "measured": re.compile(r"measured|captured|pasted|recording|verified on AWS|\b(?:LS|FL)\b"),
    "seen": re.compile(r"\bseen\b|confirmed by"),
    "assumed": re.compile(r"not documented|undocumented|assumed|\bchoices?\b|denials"),
    "sandbox only": re.compile(r"^sandbox only$"),
}


def with_evidence(page: str) -> str:
    """Add the generated columns to the tables of the rules and the settings."""
    checked, records = _checked(), _records()

    def rule(found: re.Match[str]) -> str:
        identity, text, source, _ = found.groups()
        shown = ", ".join(known(text, source))
        status = _status(identity, checked, records)
        return f"| {identity} | {text} | {source} | {shown}{status and f'; {status}'} |"

    def setting(found: re.Match[str]) -> str:
        name, default, identity = found.groups()
        return f"| `{name}` | {default} | {identity} | {_observed(name, records)} |"

    page = _HEAD.sub("| rule | behavior | source | evidence |\n| --- | --- | --- | --- |", page)
    page = RULE.sub(rule, page)
    head = "| setting | default | rule | on AWS |\n| --- | --- | --- | --- |"
    return _SETTING.sub(setting, _SETTINGS.sub(head, page))


def known(text: str, source: str) -> list[str]:
    """The kinds of evidence for a rule, with "setting" if a setting determines part of it."""
    source = re.sub(r"\btest_\w+", "", source)
    kinds = [kind for kind, words in _WORDS.items() if words.search(source)]
    return [*kinds, *(["setting"] if re.search(r"\*settings?\*", text, re.IGNORECASE) else [])]


def _status(identity: str, checked: dict[str, bool], records: list[Any]) -> str:
    results = [
        f"{'held' if test['result'] == 'holds' else 'differed'} {record['date']}"
        for record in records
        for test in record["tests"]
        if identity in test["rules"] and test["result"] in {"holds", "differs", "other value"}
    ]
    if results:
        return ", ".join(sorted(set(results)))
    if identity not in checked:
        return ""
    return "checked slowly" if checked[identity] else "checked"


def _observed(name: str, records: list[Any]) -> str:
    from tests.contract.differences import SETTINGS  # noqa: PLC0415 - only needed here
    from tests.contract.unobserved import UNOBSERVED  # noqa: PLC0415 - the same

    if name in UNOBSERVED:
        return f"not checked: {UNOBSERVED[name]}"
    values = [
        f"`{test['settings'][name]!r}` on {record['date']}"
        for record in records
        for test in record["tests"]
        if name in test["settings"]
    ]
    if values:
        return ", ".join(sorted(set(values)))
    slow = {test for test, _, slowly in _tests() if slowly}
    tests = {each.test for each in SETTINGS if name in each.settings}
    return "checked slowly" if tests <= slow else "checked"


def _checked() -> dict[str, bool]:
    """The rules that `make verify-on-aws` checks, with true if only slow tests check the rule."""
    found: dict[str, bool] = {}
    for _, rules, slowly in _tests():
        for rule in rules:
            found[rule] = found.get(rule, True) and slowly
    return found


@cache
def _tests() -> list[tuple[str, list[str], bool]]:
    """The contract tests, with their rules and whether they are slow."""
    return list(_marked())


def _marked() -> Iterator[tuple[str, list[str], bool]]:
    for path in sorted(TESTS.glob("test_*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
                marks = {ast.unparse(each.func): each for each in calls}
                if "pytest.mark.rule" in marks:
                    rules = [ast.literal_eval(each) for each in marks["pytest.mark.rule"].args]
                    yield node.name, rules, "pytest.mark.slow" in marks


def _records() -> list[Any]:
    """The records of runs on AWS itself, not on the sandbox."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(RECORDS.glob("*.json"))]
    return [record for record in found if record["endpoint"] is None]
