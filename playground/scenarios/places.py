"""Reads references to pipelines, stages and actions: `deploy`, `deploy in second Build/Compile`.

If two pipelines have the same name, a reference must include the account and, if necessary, the
Region after a comma.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from playground.accounts import REGION, SECOND, THIRD, TOOLS
from playground.scenarios.mistakes import one_of
from playground.scenarios.model import PipelineKey, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import yaml

    from playground.scenarios.page import Page

ACCOUNTS = {"tools": TOOLS, "second": SECOND, "third": THIRD}
ACCOUNT_ID = re.compile(r"\d{12}")
_NAME = re.compile(r"[A-Za-z0-9.@_-]{1,100}")

Stages = dict[str, list[str]]  # the names of a pipeline's actions, by stage


class Words(NamedTuple):
    """The parts of a reference."""

    pipeline: str
    account: str | None
    region: str | None
    inside: Sequence[str]  # the remaining words: a stage, or a stage and an action


@dataclass
class Known:
    """The accounts, pipelines and approvals that a scenario defines."""

    accounts: dict[str, str] = field(default_factory=lambda: dict(ACCOUNTS))
    pipelines: dict[PipelineKey, Stages] = field(default_factory=dict)
    approvals: list[Place] = field(default_factory=list)  # actions that wait for approval

    def account(self, page: Page, node: yaml.Node, name: str) -> str | None:
        """Find the ID of an account by its name or ID."""
        if ACCOUNT_ID.fullmatch(name):
            return name
        if name not in self.accounts:
            page.wrong(node, f"There is no account '{name}'.", name, self.accounts)
        return self.accounts.get(name)

    def called(self, key: PipelineKey) -> str:
        """Write the shortest unambiguous name of the pipeline."""
        if sum(other.name == key.name for other in self.pipelines) == 1:
            return key.name
        names = {account: name for name, account in reversed(self.accounts.items())}
        region = "" if key.region == REGION else f", {key.region}"
        return f"{key.name} in {names.get(key.account, key.account)}{region}"


def words(text: str) -> Words:
    """Split a reference into its parts."""
    pipeline, *rest = text.split() or [""]
    if len(rest) < 2 or rest[0] != "in":  # noqa: PLR2004 - `in` and the account
        return Words(pipeline, None, None, rest)
    account, *inside = rest[1:]
    if account.endswith(",") and inside:
        return Words(pipeline, account[:-1], inside[0], inside[1:])
    return Words(pipeline, account, None, inside)


def new_pipeline(page: Page, node: yaml.Node, text: str, known: Known) -> PipelineKey | None:
    """Read the pipeline that a key of `pipelines` defines."""
    name, account, region, inside = words(text)
    if inside:
        page.wrong(node, f"A pipeline's name must be NAME or NAME in ACCOUNT, not '{text}'.")
        return None
    if not is_name(page, node, name):
        return None
    if region is not None and not _is_region(page, node, region):
        return None
    where = known.account(page, node, account) if account else TOOLS
    key = PipelineKey(name, where, region or REGION) if where else None
    if key in known.pipelines:
        page.wrong(node, f"The pipeline '{text}' is a duplicate.")
        return None
    return key


def is_name(page: Page, node: yaml.Node, text: str) -> bool:
    """Check the name of a pipeline, stage or action, and record a mistake if it is invalid."""
    if _NAME.fullmatch(text):
        return True
    page.wrong(node, f"'{text}' is not a valid name: use 1 to 100 of A-Z a-z 0-9 . @ - _.")
    return False


def _is_region(page: Page, node: yaml.Node, region: str) -> bool:
    import botocore.session  # noqa: PLC0415 - few scenarios name a Region

    session = botocore.session.get_session()
    partitions = session.get_available_partitions()
    known = [each for name in partitions for each in session.get_available_regions("sts", name)]
    if region in known:
        return True
    page.wrong(node, f"There is no Region '{region}'.", region, known)
    return False


def place(page: Page, node: yaml.Node, text: str, known: Known, reach: str) -> Place | None:
    """Find the pipeline, stage or action that the text refers to.

    `reach` is the kind that the text must refer to. By default, any kind is accepted.
    """
    spoken = words(text)
    key = _pipeline(page, node, spoken, known)
    if key is None:
        return None
    if len(spoken.inside) > 1:
        page.wrong(node, f"'{' '.join(spoken.inside)}' must have the form STAGE or STAGE/ACTION.")
        return None
    stage, _, action = "".join(spoken.inside).partition("/")
    found = Place(key, stage or None, action or None)
    stages = known.pipelines[key]
    if not _is_inside(page, node, found, stages) or not _reaches(page, node, found, stages, reach):
        return None
    return found


def _pipeline(page: Page, node: yaml.Node, spoken: Words, known: Known) -> PipelineKey | None:
    name, account, region, _ = spoken
    where = known.account(page, node, account) if account else None
    if account and where is None:
        return None
    named = [key for key in known.pipelines if key.name == name]
    if not named:
        names = dict.fromkeys(key.name for key in known.pipelines)
        page.wrong(node, f"There is no pipeline '{name}'.", name, names)
        return None
    found = [key for key in named if where in {None, key.account} and region in {None, key.region}]
    if len(found) == 1:
        return found[0]
    called = [f"'{known.called(key)}'" for key in named]
    message = f"There is no '{name}' in {account}" if not found else f"'{name}' is ambiguous"
    page.wrong(node, f"{message}. Did you mean {one_of(called)}?")
    return None


def _is_inside(page: Page, node: yaml.Node, found: Place, stages: Mapping[str, list[str]]) -> bool:
    if found.stage is None:
        return True
    name = found.pipeline.name
    if found.stage not in stages:
        page.wrong(node, f"'{name}' has no stage '{found.stage}'.", found.stage, stages)
        return False
    actions = stages[found.stage]
    if found.action is None or found.action in actions:
        return True
    sentence = f"Stage '{found.stage}' of '{name}' has no action '{found.action}'."
    page.wrong(node, sentence, found.action, actions)
    return False


def _reaches(
    page: Page, node: yaml.Node, found: Place, stages: Mapping[str, list[str]], reach: str
) -> bool:
    has = "action" if found.action else "stage" if found.stage else "pipeline"
    if reach in {has, "any"}:
        return True
    name = found.pipeline.name
    if reach == "pipeline":
        page.wrong(node, f"This act affects a whole pipeline: use only '{name}'.")
        return False
    wanted = _stages(name, stages) if reach == "stage" else _actions(name, stages)
    known = f" It can be {one_of(wanted)}." if wanted else ""
    page.wrong(node, f"The {reach} of '{name}' is missing.{known}")
    return False


def _stages(name: str, stages: Iterable[str]) -> list[str]:
    return [f"'{name} {stage}'" for stage in stages]


def _actions(name: str, stages: Mapping[str, list[str]]) -> list[str]:
    return [f"'{name} {stage}/{each}'" for stage, actions in stages.items() for each in actions]
