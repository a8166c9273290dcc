from __future__ import annotations

import pytest

from codepipeline_sandbox.codepipeline import settings
from playground.scenarios.endings import endings
from playground.scenarios.mistakes import ScenarioMistakes

DEPLOY = """\
pipelines:
  deploy:
    stages:
      Build: {Compile: 2m}
      Go: {Rollout: 4m}
happens:
  - {at: 0s, start: deploy}
"""
APPROVED = """\
pipelines:
  deploy:
    mode: MODE
    stages: {Go: [{Approve: approval}, {Rollout: 1m}]}
happens:
  - {at: 0s, start: deploy}
  - {whenever: deploy Go/Approve started, after: 5m, VERB: deploy Go/Approve, summary: seen}
"""


def happened(play, *words):
    return [one.what for one in play.entries if one.what.startswith(words)]


def ended(play):
    return [" ".join(line.split()[1:]) for line in endings(play)]


def test_actions_take_the_time_that_the_scenario_sets(played):
    with played(DEPLOY) as play:
        assert ended(play) == ["deploy 1 Succeeded after 6m3s"]


def test_the_nth_execution_of_an_action_follows_the_nth_act(played):
    scenario = DEPLOY.replace(
        "4m", '[1m fails "no room", {takes: 2m, fails: true, code: Mine}, 3m]'
    )
    retries = "  - {whenever: deploy failed, after: 1m, retry: deploy Go}\n"

    with played(scenario + retries) as play:
        assert happened(play, "Go/Rollout failed", "Go/Rollout succeeded") == [
            "Go/Rollout failed: JobFailed: no room",
            "Go/Rollout failed: Mine: The action failed",
            "Go/Rollout succeeded",
        ]
        assert ended(play) == ["deploy 1 Succeeded after 10m3s"]


def test_actions_in_a_list_run_in_sequence_and_actions_in_a_mapping_in_parallel(played):
    scenario = DEPLOY.replace("{Rollout: 4m}", "[{A: 1m, B: 2m}, {C: 3m}]")

    with played(scenario) as play:
        assert ended(play) == ["deploy 1 Succeeded after 7m3s"]


@pytest.mark.parametrize("mode", ["SUPERSEDED", "PARALLEL"])
@pytest.mark.parametrize(
    "verb, ending", [("approve", "Succeeded after 6m3s"), ("reject", "Failed after 5m3s")]
)
def test_an_approval_waits_for_a_person(played, verb, ending, mode):
    with played(APPROVED.replace("MODE", mode).replace("VERB", verb)) as play:
        assert ended(play) == [f"deploy 1 {ending}"]
        assert happened(play, "someone") == [
            f"someone {verb}s Go/Approve: seen (PutApprovalResult)",
        ]


def test_a_disabled_transition_holds_executions_until_it_is_enabled(played):
    happens = (
        "  - {at: 0s, disable: deploy Go, reason: lunch}\n  - {at: 1h, enable: deploy Go}\n"
        "  - {at: 0s, disable: deploy Build, transition: Outbound}\n"
        "  - {at: 2h, enable: deploy Build, transition: Outbound}\n"
    )

    with played(DEPLOY + happens) as play:
        assert ended(play) == ["deploy 1 Succeeded after 2h4m"]
        assert "someone disables the inbound transition of Go: lunch" in happened(play, "someone")


def test_a_stop_applies_to_the_named_execution_or_the_newest(played):
    happens = (
        "  - {at: 1s, start: deploy}\n"
        "  - {at: 30s, stop: deploy, execution: 1, abandon: true, reason: enough}\n"
        "  - {at: 1m, stop: deploy}\n"
    )
    scenario = (DEPLOY + happens).replace("stages:", "mode: PARALLEL\n    stages:", 1)

    with played(scenario) as play:
        assert ended(play) == ["deploy 1 Stopped after 30s", "deploy 2 Stopped after 2m3s"]
        assert happened(play, "someone stops and") == [
            "someone stops and abandons the execution: enough (StopPipelineExecution)"
        ]


def test_an_action_triggered_by_an_event_applies_to_its_execution(played):
    happens = "  - {at: 1m, start: deploy}\n  - {when: deploy Go/Rollout started, stop: deploy}\n"

    with played(DEPLOY + happens) as play:
        assert ended(play) == ["deploy 1 Stopped after 6m3s", "deploy 2 Succeeded after 9m3s"]


def test_nth_waits_for_the_nth_event(played):
    happens = "  - {at: 10m, start: deploy}\n  - {when: deploy started, nth: 2, stop: deploy}\n"

    with played(DEPLOY + happens) as play:
        assert ended(play) == ["deploy 1 Succeeded after 6m3s", "deploy 2 Stopped after 3s"]


def test_a_stage_can_be_rolled_back_to_an_execution(played):
    happens = "  - {at: 10m, start: deploy}\n  - {at: 20m, rollback: deploy Go, to: 1}\n"

    with played(DEPLOY + happens) as play:
        assert happened(play, "someone") == ["someone rolls back the stage Go (RollbackStage)"]
        assert ended(play)[2] == "deploy 3 Succeeded after 4m"


def test_an_action_can_be_given_new_acts(played):
    change = "  - {at: 1m, change: deploy Go/Rollout, to: 1m, says: the team adds machines}\n"

    with played(DEPLOY + change) as play:
        assert ended(play) == ["deploy 1 Succeeded after 3m3s"]
        assert happened(play, "the team") == ["the team adds machines"]


def test_a_pipeline_can_be_updated_and_deleted(playing):
    happens = (
        "  - {at: 7m, update: deploy, definition: {executionMode: QUEUED}}\n"
        "  - {at: 1h, delete: deploy}\n"
    )

    with playing(DEPLOY + happens) as play:
        play.cloud.world.run(play.began + 8 * 60)
        (key,) = play.executions
        client = play.cloud.session(key.account, key.region).client("codepipeline")
        assert client.get_pipeline(name="deploy")["pipeline"]["executionMode"] == "QUEUED"
        play.cloud.world.run()
        assert happened(play, "someone") == [
            "someone updates the pipeline (UpdatePipeline)",
            "someone deletes the pipeline (DeletePipeline)",
        ]
        assert ended(play) == ["deploy 1 deleted with its pipeline"]


def test_a_start_can_have_variables_a_token_and_revisions(played):
    scenario = DEPLOY.replace("stages:", "variables: {Version: '1'}\n    stages:", 1).replace(
        "start: deploy",
        "start: deploy, token: once, variables: {Version: 2}, sourceRevisions: "
        "[{actionName: Checkout, revisionType: COMMIT_ID, revisionValue: abc}]",
    )
    again = "  - {at: 1m, start: deploy, token: once}\n"

    with played(scenario + again) as play:
        (key,) = play.executions
        (execution,) = play.executions[key]
        client = play.cloud.session(key.account, key.region).client("codepipeline")
        shown = client.get_pipeline_execution(pipelineName="deploy", pipelineExecutionId=execution)[
            "pipelineExecution"
        ]
    assert shown["variables"] == [{"name": "Version", "resolvedValue": "2"}]
    assert shown["artifactRevisions"][0]["revisionId"] == "abc"


def test_a_refused_operation_is_reported_and_the_scenario_continues(played):
    happens = "  - {at: 0s, stop: deploy, execution: 2}\n  - {at: 1h, stop: deploy}\n"

    with played(DEPLOY + happens) as play:
        assert play.refused[0] == "mine.yaml:8: deploy has no such execution"
        assert play.refused[1].startswith("mine.yaml:9: PipelineExecutionNotStoppableException: ")
        assert len(happened(play, "someone cannot stop: ")) == 2
        assert ended(play) == ["deploy 1 Succeeded after 6m3s"]


def test_approving_without_a_pending_approval_is_reported(played):
    scenario = APPROVED.replace("MODE", "QUEUED").replace("VERB", "approve")

    with played(f"{scenario}  - {{at: 0s, approve: deploy Go/Approve}}\n") as play:
        assert play.refused == ["mine.yaml:8: Go/Approve is not waiting for approval"]


def test_an_action_whose_event_never_occurred_is_reported(played):
    with played(f"{DEPLOY}  - {{when: deploy failed, retry: deploy Go}}\n") as play:
        assert play.missed == [
            "mine.yaml:8: 'retry' did not happen: 'deploy failed' did not occur."
        ]


def test_simultaneous_actions_happen_in_the_order_of_the_file(played):
    happens = "".join(f"  - {{at: 1m, {verb}: deploy Go}}\n" for verb in ("disable", "enable") * 4)

    with played(DEPLOY + happens) as play:
        did = [what.split()[1] for what in happened(play, "someone")]
    assert did == ["disables", "enables"] * 4


def test_a_pipeline_that_codepipeline_refuses_is_reported_with_its_line(playing):
    text = (
        "pipelines:\n"
        "  one: {stages: {A: {B: {namespace: codepipeline, takes: 1m}}}}\n"
        "  two: {definition: {nmae: x}, stages: {A: {B: 1m}}}\n"
        "  three: {stages: {A: {B: 1m}}}\n"
    )

    with pytest.raises(ScenarioMistakes) as caught, playing(text):
        pass

    first, second = str(caught.value).splitlines()
    assert first.startswith(
        "mine.yaml:2: CreatePipeline failed: InvalidActionDeclarationException: The namespace"
    )
    assert second.startswith("mine.yaml:3: CreatePipeline failed: Parameter validation failed")
    assert '"nmae"' in second


def test_settings_start_and_seed_come_from_the_scenario(played):
    options = "start: 2026-03-01T12:00:00+01:00\nseed: 9\nsettings: {between_stages: 10s}\n"

    with played(options + DEPLOY) as play:
        assert settings.current().between_stages == 10
        assert ended(play) == ["deploy 1 Succeeded after 6m23s"]
        first = play.executions
        assert play.entries[0].time == 1772362800
    with played(DEPLOY, seed=9) as play:
        assert play.executions == first


def test_the_same_seed_gives_the_same_history_and_another_seed_a_different_one(played):
    def history(seed):
        with played(DEPLOY, seed) as play:
            return repr([play.entries, play.cloud.events.log])

    assert history(1) == history(1)
    assert history(1) != history(2)


def test_all_members_of_the_api_can_be_declared(playing):
    text = """\
pipelines:
  deploy in second, us-east-1:
    mode: QUEUED
    type: V2
    tags: {team: web}
    variables: {Version: latest}
    stages:
      Source:
        Code: {provider: S3, takes: 1s, revision: abc, configuration: {S3Bucket: b, S3ObjectKey: k}}
      Build:
        Compile: {namespace: Built, takes: 1m, variables: {Tag: '7'}, outputArtifacts: [Image]}
      Deploy:
        Rollout:
          provider: ECS
          runOrder: 3
          region: eu-west-1
          inputArtifacts: [Image]
          configuration: {ClusterName: "#{Built.Tag}", Retries: 3, Names: [a, b]}
        Own:
          actionTypeId: {category: Deploy, owner: Custom, provider: Mine, version: "2"}
          inputArtifacts: [{name: Image}]
  raw in third:
    definition:
      pipelineType: V2
      stages:
        - name: Source
          actions:
            - name: Code
              actionTypeId: {category: Source, owner: AWS, provider: S3, version: "1"}
              outputArtifacts: [{name: App}]
        - name: Build
          actions:
            - name: Compile
              actionTypeId: {category: Build, owner: AWS, provider: CodeBuild, version: "1"}
              inputArtifacts: [{name: App}]
    acts: {Build/Compile: 1m fails}
"""
    with playing(text) as play:
        deploy, raw = play.executions
        client = play.cloud.session(deploy.account, deploy.region).client("codepipeline")
        got = client.get_pipeline(name="deploy")
        tags = client.list_tags_for_resource(resourceArn=got["metadata"]["pipelineArn"])["tags"]
        declared = got["pipeline"]
        client.start_pipeline_execution(name="deploy")
        play.cloud.session(raw.account, raw.region).client("codepipeline").start_pipeline_execution(
            name="raw"
        )
        play.cloud.world.run()
        how = ended(play)

    assert (deploy.account, deploy.region) == ("222233334444", "us-east-1")
    assert tags == [{"key": "team", "value": "web"}]
    assert declared["executionMode"] == "QUEUED"
    assert declared["variables"] == [{"name": "Version", "defaultValue": "latest"}]
    assert sorted(declared["artifactStores"]) == ["eu-west-1", "us-east-1"]
    rollout, own = declared["stages"][2]["actions"]
    assert rollout["runOrder"] == 3
    assert rollout["configuration"]["Names"] == '["a", "b"]'
    assert rollout["configuration"]["Retries"] == "3"
    assert own["actionTypeId"]["provider"] == "Mine"
    assert how == ["deploy 1 Succeeded after 1m7s", "raw 1 Failed after 1m3s"]


def test_an_approval_triggered_by_an_event_applies_to_its_execution(played):
    scenario = APPROVED.replace("MODE", "PARALLEL").replace("VERB", "approve")
    later = "  - {at: 4m, start: deploy}\n"

    with played(scenario + later) as play:
        assert ended(play) == ["deploy 1 Succeeded after 6m3s", "deploy 2 Succeeded after 6m3s"]


def test_artifact_stores_in_a_definition_apply_to_the_pipeline(played):
    scenario = """\
pipelines:
  deploy:
    definition:
      pipelineType: V2
      artifactStores: {eu-west-1: {type: S3, location: mine}}
      stages:
        - {name: Source, actions: [SOURCE]}
        - {name: Go, actions: [BUILD]}
happens:
  - {at: 0s, start: deploy}
""".replace(
        "SOURCE",
        "{name: Checkout, outputArtifacts: [{name: App}], actionTypeId: "
        "{category: Source, owner: AWS, provider: S3, version: '1'}}",
    ).replace(
        "BUILD",
        "{name: Compile, inputArtifacts: [{name: App}], actionTypeId: "
        "{category: Build, owner: AWS, provider: CodeBuild, version: '1'}}",
    )

    with played(scenario) as play:
        assert ended(play) == ["deploy 1 Succeeded after 6s"]


def test_merged_keys_are_added_and_explicit_keys_win(played):
    scenario = """\
pipelines:
  deploy:
    stages: &stages {Build: {Compile: 2m}, Go: {Rollout: 1m}}
  web:
    stages:
      <<: *stages
      Go: {Rollout: 5m}
happens:
  - {at: 0s, start: deploy}
  - {at: 0s, start: web}
"""

    with played(scenario) as play:
        assert [line.split()[-1] for line in endings(play)] == ["3m3s", "7m3s"]


@pytest.mark.parametrize("seed", range(5))
def test_an_approval_can_be_answered_immediately(played, seed):
    scenario = """\
pipelines:
  deploy: {stages: {Go: {Approve: approval}}}
happens:
  - {at: 0s, start: deploy}
  - {when: deploy Go/Approve started, approve: deploy Go/Approve}
"""

    with played(scenario, seed) as play:
        assert play.refused == []
