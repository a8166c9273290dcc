from __future__ import annotations

import argparse
import json
import re

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.contract import __main__ as command
from tests.contract import leftovers, permissions, rehearsal, shared
from tests.contract.aws import PREFIX, TAG, Aws
from tests.contract.differences import refuses
from tests.contract.on_sandbox import in_sandbox
from tests.contract.pipelines import Pipeline, approval, ask, stage
from tests.contract.verification import Choice, Outcome, Verification

# One test from each module. `make verify-on-sandbox` runs all tests in the same way.
SOME = (
    "test_a_rejected_action or test_an_entry_condition or test_invalid_schedules "
    "or test_an_update_ends or test_a_job_contains or test_a_name_can_be_used_once "
    "or test_expressions_return or test_a_write_takes or test_permission_for"
)


def arguments(folder, *more):
    return [*rehearsal.OPTIONS, "--minutes", "600", "--evidence", str(folder), *more]


@pytest.fixture
def aws():
    with in_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def options(tmp_path):
    return argparse.Namespace(slow=False, minutes=60.0, tests="test_an_unknown", evidence=tmp_path)


def names(aws):
    return {each.name for each in leftovers.find(aws, {})}


@pytest.mark.long
def test_the_command_verifies_a_served_sandbox(tmp_path, capsys):
    choice = Choice(minutes=600, tests=SOME)
    changed = {"status_after_update": "Failed"}

    with rehearsal.prepared(tmp_path, choice, changed) as administrator:
        buckets = administrator.client("s3")
        buckets.create_bucket(
            Bucket=f"{PREFIX}other", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        status = command.main(arguments(tmp_path, "-k", SOME))
        left = [each["Name"] for each in buckets.list_buckets()["Buckets"]]
        pipelines = administrator.client("codepipeline").list_pipelines()["pipelines"]
        roles = administrator.client("iam").list_roles(PathPrefix="/sandbox-contract/")["Roles"]
    printed = capsys.readouterr().out

    assert status == 1
    assert [line for line in printed.splitlines() if line.startswith("differs")] == []
    assert "status_after_update                      'Failed'  OTHER VALUE" in printed
    assert f"does not have the tag {TAG}: bucket {PREFIX}other" in printed
    assert f"{PREFIX}other" in left
    assert [name for name in left if re.match(rf"{PREFIX}[0-9a-f]{{8}}", name)] == []
    assert (pipelines, roles) == ([], [])
    (path,) = tmp_path.glob("*-eu-west-1-*.json")
    text = path.read_text("utf-8")
    for secret in (rehearsal.ACCOUNT, "AKIA", "ASIA", "verifier"):
        assert secret not in text
    record = json.loads(text)
    assert (record["region"], record["endpoint"]) == ("eu-west-1", "another endpoint")
    results = {each["test"]: each for each in record["tests"]}
    assert (
        results["test_a_job_contains_configuration_artifacts_and_credentials"]["result"] == "holds"
    )
    update = results["test_an_update_ends_the_execution_once_its_actions_have_ended"]
    assert (update["result"], update["settings"]) == ("other value", changed)


def test_a_dry_run_prints_the_calls_the_permissions_and_the_cost(capsys):
    status = command.main(["--dry-run", "-k", "test_tables or test_a_rejected_action_fails"])
    printed = capsys.readouterr().out
    document = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
    calls = re.findall(r"^ +\d+  (\w+:\w+)$", printed, re.MULTILINE)
    _, made = command.rehearsed(Choice(tests="test_tables or test_a_rejected_action_fails"))

    assert status == 0
    assert set(calls) == {call.operation for call in made}
    allowed = {action for each in document["Statement"] for action in each["Action"]}
    assert allowed == permissions.actions(calls)
    assert {"dynamodb:UpdateItem", "codepipeline:PutApprovalResult", "iam:PassRole"} <= allowed
    assert re.search(r"^ +0\.\d+  total$", printed, re.MULTILINE)


def test_another_account_is_refused(monkeypatch, capsys, cloud):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA111122223333ROOT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "administrator")
    cloud.session("111122223333", "eu-west-1")

    assert command.main(["--account", "444455556666", "--region", "eu-west-1"]) == 2
    assert "do not belong to account 444455556666" in capsys.readouterr().out


def test_the_account_and_the_region_are_required(capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(["--region", "eu-west-1"])

    assert ended.value.code == 2
    assert "name the account and the Region" in capsys.readouterr().err


def test_an_interrupted_run_deletes_what_it_has_created(aws, options, monkeypatch):
    options.tests = "test_a_rejected_action_fails"

    def interrupt(verification):
        if len(aws.calls.made) > 12:
            assert names(aws)
            verification._aws.calls.watch = lambda: None
            raise KeyboardInterrupt

    monkeypatch.setattr(Verification, "_watch", interrupt)
    status = command._verify(aws, options)

    assert status == 1
    assert names(aws) == set()


def test_a_run_without_time_ends_and_deletes_what_it_has_created(aws, options, capsys):
    options.tests, options.minutes = "test_a_disabled_transition", 0.5

    assert command._verify(aws, options) == 1
    assert "out of time" in capsys.readouterr().out
    assert names(aws) == set()


def test_a_slow_test_does_not_begin_if_the_time_is_too_short(aws):
    tests = "never_answers or is_never_given or fails_after_a_day"
    verification = Verification(aws, Choice(slow=True, minutes=27, tests=tests), lambda _: None)
    verification.run()
    results = {each.test: each.result for each in verification.outcomes if each.result != "not run"}

    assert results == {
        "test_an_approval_that_is_never_given_fails": "holds",
        "test_an_action_fails_if_its_function_never_answers": "out of time",
    }


def test_cleaning_deletes_what_crashed_runs_have_left(aws):
    Pipeline(aws, stage("Go", approval(), ask()))
    shared.listening(aws)
    other = Aws(aws.place, aws.account, aws.region, "other", aws.expected)
    of_other = Pipeline(other, stage("Go", approval())).name
    before = names(aws)

    own = leftovers.clean(aws, aws.run_id)
    assert {each.run_id for each in own.deleted} == {aws.run_id}
    assert of_other in names(aws)
    rest = leftovers.clean(aws)
    assert names(aws) == set()
    assert {each.name for each in (*own.deleted, *rest.deleted)} == before
    assert not own.failed
    assert not rest.failed


def test_cleaning_leaves_what_lacks_the_name_or_the_tag(aws):
    iam = aws.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    untagged, unnamed = f"{PREFIX}mine", "mine"
    for name, tags in ((untagged, []), (unnamed, aws.tags())):
        iam.create_role(
            RoleName=name, Path="/sandbox-contract/", AssumeRolePolicyDocument=trust, Tags=tags
        )
    cleaned = leftovers.clean(aws)

    assert cleaned.deleted == []
    assert [each.name for each in cleaned.strangers] == [untagged]
    assert {each["RoleName"] for each in iam.list_roles()["Roles"]} >= {untagged, unnamed}


def test_a_resource_that_cannot_be_deleted_does_not_stop_the_others(aws):
    Pipeline(aws, stage("Go", ask()))
    role = shared.pipeline_role(aws).rpartition("/")[2]
    iam = aws.place.client("iam")
    allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    policy = iam.create_policy(PolicyName="other", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    aws.calls.plants = (refuses("ListRules", "AccessDenied"), unreachable("ListTables"))
    cleaned = leftovers.clean(aws)
    aws.calls.plants = ()

    of_kinds = {"every rule", "every table"}
    assert set(cleaned.failed) == {f"role {role}"} | of_kinds
    assert names(aws) == {role, shared.recorder(aws)}


def unreachable(operation):
    def plant(answer):
        if answer.operation.endswith(f":{operation}"):
            raise EndpointConnectionError(endpoint_url="https://example.com")

    return plant


def test_the_summary_tells_failed_calls_from_rules_that_do_not_hold(aws):
    results = [
        Outcome("test_a", ["E1"], "holds", settings={"parallel_actions": 5}),
        Outcome("test_b", ["E1", "E2"], "differs", "AssertionError: no"),
        Outcome("test_c", ["E3"], "call failed"),
        Outcome("test_d", ["E4"], "out of time"),
        Outcome("test_e", ["E5", "M6"], "other value", settings={"concurrent_executions": 40}),
        Outcome("test_f", ["E10", "E6"], "holds"),
    ]
    lines = command.summary(aws, results).splitlines()

    assert lines[1:6] == [
        "Rules that hold (2): E6, E10",
        "Rules that do not hold (2): E1, E2",
        "Rules whose settings have different values (2): E5, M6",
        "Not checked, because a call was denied or did not reach AWS (1): E3",
        "Not checked, because the time budget was used up (1): E4",
    ]
    assert any(re.search(r"parallel_actions +5$", line) for line in lines)
    other = "concurrent_executions +40  OTHER VALUE"
    assert any(re.search(other, line) for line in lines)


def test_a_call_without_an_answer_is_not_a_rule_that_does_not_hold(aws):
    aws.calls.plants = (unreachable("PutJobSuccessResult"),)
    verification = Verification(aws, Choice(tests="an_unknown_job"), lambda _: None)
    verification.run()
    ran = [each for each in verification.outcomes if each.result != "not run"]

    assert [(each.test, each.result) for each in ran] == [
        ("test_an_unknown_job_is_refused", "call failed")
    ]
