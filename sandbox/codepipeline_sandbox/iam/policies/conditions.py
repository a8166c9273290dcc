"""The Condition element: checks whether a request's values satisfy a statement's conditions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.iam.policies.errors import UnsupportedPolicy
from codepipeline_sandbox.iam.policies.operators import OPERATORS, Operator, Values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# AWS omits these keys from requests that they do not apply to. If any other key is missing, AWS
# might provide a value that the sandbox does not know, so the policy is refused as unsupported.
_OPTIONAL_KEYS = frozenset(
    {
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalservicename",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceidentity",
        "aws:userid",
        "aws:username",
        "sts:externalid",
        "sts:rolesessionname",
        "sts:sourceidentity",
    }
)
# A KMS request contains only those encryption context keys that the calling service provides.
_OPTIONAL_PREFIX = "kms:encryptioncontext:"
_IF_EXISTS = "IfExists"


def normalized(context: Mapping[str, str | Sequence[str]]) -> Values:
    """Convert a request's keys to lowercase and each value to a tuple, as `met` expects."""
    return {
        key.lower(): (value,) if isinstance(value, str) else tuple(value)
        for key, value in context.items()
    }


def met(condition: Mapping[str, Any], values: Values, *, variables: bool) -> bool:
    """Whether every operator and every key of a Condition element is satisfied.

    `variables` is true if the policy's version supports policy variables. Evaluation continues
    after a key has failed, so that an unsupported key always raises UnsupportedPolicy.
    """
    results = [
        _key_met(name, key, _texts(expected), values, variables=variables)
        for name, keys in condition.items()
        for key, expected in keys.items()
    ]
    return all(results)


def _key_met(
    name: str, key: str, expected: Sequence[str], values: Values, *, variables: bool
) -> bool:
    given = values.get(key.lower())
    optional = key.lower() in _OPTIONAL_KEYS or key.lower().startswith(_OPTIONAL_PREFIX)
    if given is None and not optional:
        raise UnsupportedPolicy(f"the sandbox does not provide the condition key {key}")
    if name == "Null":
        return _is_null(expected, given)
    quantifier, _, rest = name.rpartition(":")
    operator = OPERATORS.get(rest.removesuffix(_IF_EXISTS))
    if operator is None or quantifier not in {"", "ForAnyValue", "ForAllValues"}:
        raise UnsupportedPolicy(f"the condition operator {name} is not supported")
    if not given:
        return _absent_is_enough(operator, quantifier, if_exists=rest.endswith(_IF_EXISTS))
    results = [
        operator.negated
        != any(operator.compare(text, value, values if variables else None) for text in expected)
        for value in given
    ]
    return all(results) if _all_must_match(operator, quantifier) else any(results)


def _absent_is_enough(operator: Operator, quantifier: str, *, if_exists: bool) -> bool:
    if quantifier:
        return quantifier == "ForAllValues"
    return if_exists or operator.negated


def _all_must_match(operator: Operator, quantifier: str) -> bool:
    # "Not equal" means that none of the request's values is equal.
    return quantifier == "ForAllValues" or (not quantifier and operator.negated)


def _is_null(expected: Sequence[str], given: Sequence[str] | None) -> bool:
    asked = {text.lower() for text in expected}
    if not asked <= {"true", "false"}:
        raise UnsupportedPolicy(f"Null takes true or false, not {', '.join(expected)}")
    return ("false" if given else "true") in asked


def _texts(expected: Any) -> Sequence[str]:
    values = expected if isinstance(expected, list) else [expected]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
