"""The scenario and the commands in docs/getting-started.md match the sandbox."""

from __future__ import annotations

import itertools
import re

from playground.accounts import ROOT
from playground.scenarios.__main__ import main
from playground.server import scene
from tests.pages.shell import commands

PAGE = (ROOT / "docs" / "getting-started.md").read_text("utf-8")
ON_THE_SANDBOX = PAGE.partition("## Use it on the sandbox")[2].partition("\n## ")[0]


def test_the_scenario_prints_the_documented_output(tmp_path, capsys):
    (scenario,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (ending,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "mine.yaml"
    path.write_text(scenario)

    assert main([str(path)]) == 0

    pattern = re.escape(f"\n\n{ending}").replace("…", r"\w+")
    assert re.search(f"{pattern}$", capsys.readouterr().out)


def test_the_commands_use_names_from_the_scenario():
    # `make sandbox` serves this scenario.
    served = scene.scenario(None, empty=False)
    release = scene.main_pipeline(served)
    assert release is not None

    lines = re.findall(r"\n\n((?: {4}.*\n)+)", ON_THE_SANDBOX)
    named = {
        (option, value)
        for text in lines
        for words in commands(text)
        for option, value in itertools.pairwise(words)
        if option in {"--name", "--pipeline-name", "--stage-name", "--stack-name"}
    }

    # The commands use the scenario's pipelines and stack, and the stage that fails first.
    assert named == {
        ("--name", release.key.name),
        ("--pipeline-name", release.key.name),
        ("--stage-name", "Database"),
        ("--stack-name", "orchestrator"),
    }
    assert scene.started_by(served, release)["Database"].key.name == "database"
    assert scene.fails_at_first(scene.started_by(served, release)["Database"])
    assert f'"pipelineName": "{scene.started_directly(served)}"' in ON_THE_SANDBOX
