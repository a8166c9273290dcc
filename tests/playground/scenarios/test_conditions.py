from __future__ import annotations

import pytest

from playground.scenarios.endings import endings

DEPLOY = """\
pipelines:
  deploy:
    stages:
      Build: {Compile: 1m}
      Go: {CONDITION, Rollout: ACTS}
      After: {Tell: 1m}
happens:
  - {at: 0s, start: deploy}
"""


def ended(play):
    return [" ".join(line.split()[1:4]) for line in endings(play)]


@pytest.mark.parametrize(
    "condition, acts, ending",
    [
        ("beforeEntry: {result: FAIL, Window: 1m}", "1m", "Succeeded"),
        ("beforeEntry: {result: FAIL, Window: [1m fails]}", "1m", "Failed"),
        ("beforeEntry: {result: SKIP, Window: 1m fails}", "1m fails", "Succeeded"),
        ("onSuccess: {result: FAIL, Alarm: 1m fails}", "1m", "Failed"),
        ("onFailure: {result: RETRY}", "[1m fails, 1m]", "Succeeded"),
        ("onFailure: RETRY", "[1m fails, 1m fails, 1m]", "Failed"),
        (
            "onFailure: {result: RETRY, retryConfiguration: {retryMode: ALL_ACTIONS}}",
            "[1m fails, 1m]",
            "Succeeded",
        ),
    ],
)
def test_conditions_decide_how_a_stage_ends(played, condition, acts, ending):
    scenario = DEPLOY.replace("CONDITION", condition).replace("ACTS", acts)

    with played(scenario) as play:
        assert ended(play) == [f"deploy 1 {ending}"]


def test_a_person_can_override_a_condition(played):
    scenario = DEPLOY.replace("CONDITION", "beforeEntry: {result: FAIL, Window: 1m fails}")
    override = (
        "  - {when: deploy failed, after: 5m, override: deploy Go, condition: BEFORE_ENTRY}\n"
    )

    with played(scenario.replace("ACTS", "1m") + override) as play:
        assert play.refused == []
        assert ended(play) == ["deploy 1 Succeeded"]
        assert [one.what for one in play.entries if "overrides" in one.what] == [
            "someone overrides the condition BEFORE_ENTRY of Go (OverrideStageCondition)"
        ]


def test_conditions_can_be_declared_as_in_createpipeline(playing):
    rule = (
        "{name: Same, ruleTypeId: {category: Rule, provider: VariableCheck, owner: AWS, "
        "version: '1'}, configuration: {Variable: '#{variables.A}', Value: x, Operator: EQ}}"
    )
    condition = f"beforeEntry: {{conditions: [{{result: SKIP, rules: [{rule}]}}]}}"
    scenario = DEPLOY.replace("CONDITION", condition).replace("ACTS", "1m")

    with playing(scenario.replace("stages:", "variables: {A: y}\n    stages:", 1)) as play:
        (key,) = play.executions
        client = play.cloud.session(key.account, key.region).client("codepipeline")
        declared = client.get_pipeline(name="deploy")["pipeline"]["stages"][2]

    assert declared["beforeEntry"]["conditions"][0]["rules"][0]["name"] == "Same"
