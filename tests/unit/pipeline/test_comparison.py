from __future__ import annotations

from codepipeline_orchestrator.aws.answers import ResolvedVariable
from codepipeline_orchestrator.model.report import Difference
from codepipeline_orchestrator.pipeline.comparison import different_variables
from tests.function.runs import asked


def test_long_values_are_compared_whole_but_reported_with_200_characters():
    long, longer = "x" * 200, "x" * 201
    request = asked(variables=[{"name": "A", "value": longer}]).request
    [difference] = different_variables(request, [ResolvedVariable("A", long)])
    assert difference == Difference("variables.A", f"{'x' * 199}…", long)
