"""Write everything that is generated from the code. Tests check that it is up to date."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "functions"), str(ROOT)]

from benchmarks.waiting import page as waiting  # noqa: E402 - sys.path must be set first
from docs.input_schema import schema  # noqa: E402 - the same
from docs.input_tables import with_tables  # noqa: E402 - the same
from docs.permissions_table import with_permissions  # noqa: E402 - the same
from docs.rule_evidence import with_evidence  # noqa: E402 - the same
from docs.scaling_tables import with_scaling  # noqa: E402 - the same

SCHEMA = ROOT / "statemachine" / "input.schema.json"
SECURITY = ROOT / "docs" / "security.md"  # its permission tables are generated
SCALING = ROOT / "docs" / "scaling.md"  # its tables are generated
ARCHITECTURE = ROOT / "docs" / "architecture.md"  # its pictures are generated
SANDBOX = ROOT / "docs" / "sandbox.md"  # two columns of its tables are generated
INPUT = ROOT / "docs" / "input.md"  # its tables are generated


def schema_text() -> str:
    """The text of the committed schema file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def write_pictures() -> None:
    """Draw the pictures in docs/architecture.md, one of them from a run in the sandbox."""
    from docs.diagrams import with_pictures  # noqa: PLC0415 - slow to import

    ARCHITECTURE.write_text(with_pictures(ARCHITECTURE.read_text("utf-8")), encoding="utf-8")


def write_outcomes() -> None:
    """Play every scenario and write `docs/outcomes.md`, which takes half a minute."""
    from playground.outcomes import page  # noqa: PLC0415 - slow to import

    page.PAGE.write_text(page.text(), encoding="utf-8")


def write_recording() -> None:
    """Record `pipeline-run watch` in the sandbox and write the README's picture of it."""
    from docs import recording  # noqa: PLC0415 - only needed here

    recording.PICTURE.write_text(recording.picture(recording.recorded()), encoding="utf-8")


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    INPUT.write_text(with_tables(INPUT.read_text(encoding="utf-8")), encoding="utf-8")
    SECURITY.write_text(with_permissions(SECURITY.read_text(encoding="utf-8")), encoding="utf-8")
    SANDBOX.write_text(with_evidence(SANDBOX.read_text(encoding="utf-8")), encoding="utf-8")
    waiting.write()
    SCALING.write_text(with_scaling(SCALING.read_text(encoding="utf-8")), encoding="utf-8")
    write_pictures()
    write_outcomes()
    write_recording()
