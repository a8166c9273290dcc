"""Writes what is generated from the code; the tests check that it is up to date."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "functions"), str(ROOT)]

from benchmarks.waiting import page as waiting  # noqa: E402 - the path has to be set first
from docs.input_schema import schema  # noqa: E402 - the same
from docs.input_tables import with_tables  # noqa: E402 - the same
from docs.permissions_table import with_permissions  # noqa: E402 - the same
from docs.scaling_tables import with_scaling  # noqa: E402 - the same

SCHEMA = ROOT / "statemachine" / "input.schema.json"
SECURITY = ROOT / "docs" / "security.md"  # its tables of permissions are generated
SCALING = ROOT / "docs" / "scaling.md"  # its tables are generated
ARCHITECTURE = ROOT / "docs" / "architecture.md"  # its pictures are drawn
PAGES = [ROOT / "README.md", ROOT / "docs" / "input.md"]  # parts of them are generated


def schema_text() -> str:
    """The schema as the committed file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def write_pictures() -> None:
    """Draw what docs/architecture.md shows; a run in the sandbox is part of it."""
    from docs.diagrams import with_pictures  # noqa: PLC0415 - it takes seconds to import

    ARCHITECTURE.write_text(with_pictures(ARCHITECTURE.read_text("utf-8")), encoding="utf-8")


def write_outcomes() -> None:
    """Write `docs/outcomes.md`: plays all of its scenarios, which takes half a minute."""
    from sandbox.outcomes import page  # noqa: PLC0415 - it takes seconds to import

    page.PAGE.write_text(page.text(), encoding="utf-8")


def write_demonstration() -> None:
    """Write the README's picture of the demonstration, which takes seconds."""
    from docs import demonstration  # noqa: PLC0415 - only who writes it needs it

    text = demonstration.picture(demonstration.printed())
    demonstration.PICTURE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    for page in PAGES:
        page.write_text(with_tables(page.read_text(encoding="utf-8")), encoding="utf-8")
    SECURITY.write_text(with_permissions(SECURITY.read_text(encoding="utf-8")), encoding="utf-8")
    waiting.write()
    SCALING.write_text(with_scaling(SCALING.read_text(encoding="utf-8")), encoding="utf-8")
    write_pictures()
    write_outcomes()
    write_demonstration()
