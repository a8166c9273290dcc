"""Read and write the committed results, which the page and the picture are made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.waiting.figures import Figures

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "benchmarks" / "results" / "waiting.json"


def save(path: Path, rows: Sequence[Figures]) -> None:
    """Write rows of figures."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def load(path: Path) -> list[dict[str, Any]]:
    """Read rows of figures."""
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows
