"""Principals (accounts, roles, users and role sessions), and how policies name them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from codepipeline_sandbox.iam.policies.errors import UnsupportedPolicy

_ARN = re.compile(r"arn:(aws[\w-]*):(iam|sts)::(\d{12}):(root|role|user|assumed-role)(?:/(.+))?")
_ACCOUNT = re.compile(r"\d{12}")


class Named(Enum):
    """How specifically a Principal element names a caller, from least to most specific."""

    NOT = 0
    ACCOUNT = 1  # names the account, which delegates the decision to its identity policies
    ROLE = 2  # names the role, or everyone
    SESSION = 3  # names this particular session of the role


@dataclass(frozen=True)
class Principal:
    """A parsed principal ARN."""

    arn: str
    partition: str
    account: str
    kind: str  # root, role, user or assumed-role
    role_arn: str | None = None  # the ARN of the role, or of the session's role
    user_id: str | None = None  # the role's or user's unique id in IAM

    @property
    def is_administrator(self) -> bool:
        """Whether the principal is the account itself, which may do anything."""
        return self.kind == "root"

    @property
    def context(self) -> dict[str, str]:
        """The principal's values for condition keys."""
        types = {"root": "Account", "user": "User"}
        context = {
            "aws:PrincipalAccount": self.account,
            # For a session, this key contains the role's ARN.
            "aws:PrincipalArn": self.role_arn or self.arn,
            "aws:PrincipalType": types.get(self.kind, "AssumedRole"),
        }
        if self.user_id:
            session = self.arn.rpartition("/")[2]
            of_session = f"{self.user_id}:{session}"
            context["aws:userid"] = of_session if self.kind == "assumed-role" else self.user_id
        if self.kind == "user":
            context["aws:username"] = self.arn.rpartition("/")[2]
        return context

    def named_by(self, element: Any) -> Named:
        """How specifically a policy's Principal element names this principal."""
        if element == "*":
            return Named.ROLE
        listed = _listed(element, "AWS")
        return max((self._named(name) for name in listed), key=lambda n: n.value, default=Named.NOT)

    def _named(self, name: str) -> Named:
        if name == "*":
            return Named.ROLE
        if name in {self.account, f"arn:{self.partition}:iam::{self.account}:root"}:
            return Named.ACCOUNT
        if not (_ACCOUNT.fullmatch(name) or _ARN.fullmatch(name)) or "*" in name:
            raise UnsupportedPolicy(f"a policy cannot name the principal {name}")
        if name == self.role_arn:
            return Named.ROLE
        return Named.SESSION if name == self.arn else Named.NOT


def service_named_by(service: str, element: Any) -> bool:
    """Whether a Principal element includes a service such as codepipeline.amazonaws.com."""
    return element == "*" or service in _listed(element, "Service")


def split(arn: str) -> tuple[str, str, str, str]:
    """Split a principal's ARN into partition, account, kind and name.

    Raises ValueError for any other ARN.
    """
    parsed = _ARN.fullmatch(arn)
    if parsed is None:
        raise ValueError(f"{arn} is not the ARN of an account, role, user or session")
    return parsed[1], parsed[3], parsed[4], parsed[5] or ""


def _listed(element: Any, kind: str) -> list[str]:
    if not isinstance(element, Mapping) or not set(element) <= {"AWS", "Service", "Federated"}:
        raise UnsupportedPolicy(f"the Principal {element} is not supported")
    listed = element.get(kind, [])
    return listed if isinstance(listed, list) else [listed]
