from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[3] / "docs" / "sandbox.md"


def test_the_python_example_shows_the_actions_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    example = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert example

    exec(compile(example[1], PAGE, "exec"), {})  # noqa: S102 - our own page

    assert "failed in stage Deploy, action Rollout: JobFailed: no room." in capsys.readouterr().out
