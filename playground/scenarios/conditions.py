"""Reads a stage's conditions: `onFailure: RETRY`, `beforeEntry: {result: FAIL, Check: 1m fails}`.

The rules of a condition behave like scripted actions. A condition is not met if one of its rules
fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import yaml

from playground.scenarios import acts, tree
from playground.scenarios.model import ConditionKind

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.acts import Act
    from playground.scenarios.page import Page

KINDS: tuple[ConditionKind, ...] = get_args(ConditionKind)
_RESULTS = ("FAIL", "ROLLBACK", "RETRY", "SKIP")
_RAW = {"conditions", "retryConfiguration"}
# Every condition accepts a rule of this type, even if its result is SKIP.
_RULE = {"ruleTypeId": {"category": "Rule", "provider": "LambdaInvoke"}}
_RULE |= {"configuration": {"FunctionName": "check"}}


class Conditions(NamedTuple):
    """The declaration of the conditions, and the acts of each rule by the rule's name."""

    declaration: dict[str, Any]
    acts: dict[str, tuple[Act, ...]]


def conditions(page: Page, kind: str, node: yaml.Node) -> Conditions:
    """Read the conditions of one kind, in the short form or as CreatePipeline expects them."""
    what = f"'{kind}'"
    if isinstance(node, yaml.ScalarNode):
        return Conditions({"result": page.word(node, what, _RESULTS)}, {})
    pairs = {pair.name: pair.value for pair in page.pairs(node, what)}
    if _RAW & set(pairs):
        return Conditions(tree.plain(node), {})
    chosen = pairs.pop("result", None)
    if chosen is None:
        page.wrong(node, f"{what} needs a 'result'.", "", _RESULTS)
        return Conditions({}, {})
    result = page.word(chosen, "The result", _RESULTS)
    if not pairs:
        return Conditions({"result": result}, {})
    rules = [{"name": name, **_RULE} for name in pairs]
    read = {name: acts.acts(page, value, f"'{name}'") for name, value in pairs.items()}
    return Conditions({"conditions": [{"result": result, "rules": rules}]}, read)
