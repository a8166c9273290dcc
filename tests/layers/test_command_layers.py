"""The modules of the command form no circles, and its folders do not know each other."""

from __future__ import annotations

from pathlib import Path

from tests.layers.imports import circles, folder_of, imports_between

ROOT = Path(__file__).parents[2]
PACKAGE = "pipeline_run"
IMPORTS = list(imports_between(ROOT, PACKAGE))
FOLDERS = {path.parent.name for path in (ROOT / PACKAGE).glob("*/__init__.py")}
KNOWN = {("checkup", "schedules")}  # doctor checks when a schedule fires next


def _folder(module):
    return folder_of(ROOT, module).rpartition(".")[2]


def test_no_modules_of_the_command_import_each_other():
    assert len(IMPORTS) > 200
    assert circles((one.importer, one.imported) for one in IMPORTS) == []


def test_each_folder_of_the_command_is_used_only_by_commands():
    found = [(one, _folder(one.importer), _folder(one.imported)) for one in IMPORTS]
    wrong = [
        str(one)
        for one, importer, imported in found
        if imported in FOLDERS
        and importer not in {"commands", imported}
        and (importer, imported) not in KNOWN
    ]

    assert {"commands", "timeline", "validation"} < FOLDERS
    assert wrong == []
