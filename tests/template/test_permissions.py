import pytest

# These statements allow all resources. Comments in the template explain why.
UNLIMITED = {"ReadJobs", "AnswerJobs", "DeliverLogs"}


def _as_list(value):
    return value if isinstance(value, list) else [value]


def _policies(resources):
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            for policy in resource["Properties"].get("Policies", []):
                yield name, policy["PolicyDocument"]
        elif resource["Type"] == "AWS::IAM::Policy":
            yield name, resource["Properties"]["PolicyDocument"]


def _statements(resources):
    return [
        (name, statement)
        for name, document in _policies(resources)
        for statement in document["Statement"]
    ]


def _actions(resources, role):
    attached = {role} | {
        name
        for name, resource in resources.items()
        if {"Ref": role} in resource["Properties"].get("Roles", [])
    }
    return {
        action
        for name, statement in _statements(resources)
        if name in attached
        for action in _as_list(statement["Action"])
    }


def _roles_of_functions(resources):
    users: dict[str, set[str]] = {}
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Lambda::Function":
            role = resource["Properties"]["Role"]["Fn::GetAtt"][0]
            users.setdefault(role, set()).add(name)
    return users


@pytest.fixture(params=["resources", "target_role_template", "target_events_template"])
def deployed(request):
    found = request.getfixturevalue(request.param)
    return found.get("Resources", found)


def test_every_statement_allows_something_and_has_a_name(deployed):
    statements = _statements(deployed)
    assert statements
    assert all(s["Effect"] == "Allow" and s["Sid"] for _, s in statements)


def test_no_action_contains_a_wildcard(deployed):
    actions = {a for _, s in _statements(deployed) for a in _as_list(s["Action"])}
    assert actions
    assert not any("*" in action or "?" in action for action in actions)


def test_only_actions_without_resources_are_allowed_on_all_resources(resources):
    unlimited = {s["Sid"] for _, s in _statements(resources) if "*" in _as_list(s["Resource"])}
    assert unlimited == UNLIMITED


def test_a_target_role_never_allows_anything_on_all_resources(target_role_template):
    for _, statement in _statements(target_role_template["Resources"]):
        assert "*" not in _as_list(statement["Resource"])


def test_every_role_has_the_permissions_boundary(deployed):
    boundary = {
        "Fn::If": [
            "HasPermissionsBoundary",
            {"Ref": "PermissionsBoundaryArn"},
            {"Ref": "AWS::NoValue"},
        ]
    }
    roles = [r["Properties"] for r in deployed.values() if r["Type"] == "AWS::IAM::Role"]
    assert roles
    assert all(role["PermissionsBoundary"] == boundary for role in roles)


def test_only_the_roles_that_need_a_table_use_it(resources):
    used: dict[str, set[str]] = {}
    for role, statement in _statements(resources):
        for action in _as_list(statement["Action"]):
            if action.startswith("dynamodb:"):
                table = statement["Resource"]["Fn::GetAtt"][0]
                used.setdefault(f"{table} {action.partition(':')[2]}", set()).add(role)
    assert used == {
        "JobsTable UpdateItem": {"CodePipelineJobRole", "CloseJobRole", "ReportJobResultRole"},
        "JobsTable GetItem": {"CloseJobRole", "ReportJobResultRole"},
        "WaitsTable PutItem": {"PipelineRunRole"},
        "WaitsTable UpdateItem": {"WakeRole", "PipelineRunRole"},
        "WaitsTable GetItem": {"PipelineRunRole"},
    }


def test_with_a_customer_key_every_role_that_uses_a_table_may_decrypt_it(resources):
    policy = resources["DecryptTablesPolicy"]["Properties"]
    users = {
        role
        for role, statement in _statements(resources)
        if any(action.startswith("dynamodb:") for action in _as_list(statement["Action"]))
    }
    assert {role["Ref"] for role in policy["Roles"]} == users


def test_functions_write_only_to_their_log_group(resources):
    writing = [(n, s["Resource"]) for n, s in _statements(resources) if s["Sid"] == "WriteLogs"]
    group = {"Fn::GetAtt": ["FunctionsLogGroup", "Arn"]}
    assert writing == [(role, group) for role, _ in writing]
    assert sorted(role for role, _ in writing) == sorted(_roles_of_functions(resources))


def test_the_role_that_targets_trust_may_only_assume_roles(resources):
    actions = _actions(resources, "TargetAccessRole")
    assert actions == {"sts:AssumeRole", "logs:CreateLogStream", "logs:PutLogEvents"}


def test_only_the_target_access_role_reaches_targets(resources):
    assuming = {
        role
        for role in _roles_of_functions(resources)
        if "sts:AssumeRole" in _actions(resources, role)
    }
    assert assuming == {"TargetAccessRole"}
    assert _roles_of_functions(resources)["TargetAccessRole"] == {
        "AssumeRoleFunction",
        "StartExecutionFunction",
        "GetStateFunction",
        "RetryStageFunction",
        "StopExecutionFunction",
    }


def test_the_local_role_has_the_permissions_of_a_target_role(resources, target_role_template):
    local = _actions(resources, "LocalTargetRole")
    assert local == _actions(target_role_template["Resources"], "TargetRole")


def test_the_state_machine_invokes_exactly_the_functions_of_its_states(resources):
    machine = resources["PipelineRunStateMachine"]["Properties"]
    substitutions = machine["DefinitionSubstitutions"]
    arns = [value for name, value in substitutions.items() if name.endswith("FunctionArn")]

    invoked = [s["Resource"] for n, s in _statements(resources) if s["Sid"] == "InvokeFunctions"]

    assert sorted(map(str, *invoked)) == sorted(map(str, arns))


def test_a_failed_event_goes_to_a_function_and_never_to_a_queue(resources):
    config = resources["CodePipelineJobFunctionEventInvokeConfig"]["Properties"]
    assert config["DestinationConfig"] == {
        "OnFailure": {"Destination": {"Fn::GetAtt": ["CloseJobFunction", "Arn"]}}
    }
    assert config["MaximumEventAgeInSeconds"] == 300


def test_a_late_event_wakes_no_run(resources):
    config = resources["WakeFunctionEventInvokeConfig"]["Properties"]
    assert (config["MaximumEventAgeInSeconds"], config["MaximumRetryAttempts"]) == (300, 2)


def test_stop_execution_is_retried_until_it_finds_the_target_of_a_stopped_run(resources):
    config = resources["StopExecutionFunctionEventInvokeConfig"]["Properties"]
    assert (config["MaximumEventAgeInSeconds"], config["MaximumRetryAttempts"]) == (21_600, 2)
