"""Parses a scenario from text, and finds all mistakes in the text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.scenarios import faults, happenings, options, pipelines, tree
from playground.scenarios.mistakes import Mistake, ScenarioMistakes, nearest, one_of
from playground.scenarios.model import Scenario
from playground.scenarios.page import Page
from playground.scenarios.places import Known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import yaml

SECTIONS = (
    *("about", "start", "seed", "lasts", "settings", "product", "accounts"),
    *("pipelines", "happens", "faults", "expects"),
)
_PACKAGE = Path(__file__).parent


def find(name: str) -> Scenario:
    """Load the scenario with this path, or the one with this name from the package.

    Raises ScenarioMistakes if the file is missing or invalid.
    """
    path = Path(name)
    if not path.is_file() and (_PACKAGE / f"{name}.yaml").is_file():
        path = _PACKAGE / f"{name}.yaml"
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        near = nearest(name, names())
        meant = f"Did you mean '{near}'?" if near else f"You can also play {one_of(names())}."
        message = f"The file cannot be read: {error.strerror}. {meant}"
        raise ScenarioMistakes(name, [Mistake(1, message)]) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ScenarioMistakes(name, [Mistake(line, "The file is not UTF-8.")]) from error
    return load(text, str(path))


def names() -> list[str]:
    """List the names of the scenarios in this package."""
    return sorted(path.stem for path in _PACKAGE.glob("*.yaml"))


def load(text: str, file: str = "scenario.yaml") -> Scenario:
    """Parse a scenario. Raises ScenarioMistakes, which lists every mistake."""
    page = Page()
    try:
        root = tree.compose(text)
    except tree.NotATree as error:
        raise ScenarioMistakes(file, [error.mistake]) from error
    sections = page.members(root, "The scenario", SECTIONS)
    scenario = _scenario(page, file, sections)
    if "pipelines" not in sections and not page.mistakes:
        page.wrong(root, "The scenario has no 'pipelines'.")
    if page.mistakes:
        raise ScenarioMistakes(file, page.mistakes)
    return scenario


def _scenario(page: Page, file: str, sections: Mapping[str, yaml.Node]) -> Scenario:
    def read(name: str, reader: Callable[[Page, yaml.Node], Any], otherwise: Any = None) -> Any:
        return reader(page, sections[name]) if name in sections else otherwise

    accounts = options.all_accounts(read("accounts", options.accounts, {}))
    known = Known(accounts)
    product = read("product", options.product, {})
    named = pipelines.named(page, sections.get("pipelines"), known)
    return Scenario(
        file=file,
        about=read("about", lambda page, node: page.text(node, "'about'")),
        start=read("start", options.start),
        seed=read("seed", lambda page, node: page.whole(node, "'seed'")),
        lasts=read("lasts", lambda page, node: page.duration(node, "'lasts'")),
        settings=read("settings", options.settings, {}),
        product=product,
        product_line=tree.line_of(sections["product"]) if "product" in sections else 1,
        accounts=accounts,
        pipelines=tuple(
            pipelines.pipeline(page, key, pair, known, product) for key, pair in named.items()
        ),
        faults=tuple(read("faults", lambda page, node: faults.faults(page, node, known), ())),
        expects=read("expects", lambda page, node: page.texts(node, "'expects'"), {}),
        happens=tuple(happenings.happenings(page, sections.get("happens"), known, product)),
    )
