"""Every log has an end, and none holds what a run carries."""


def _log_groups(resources):
    return {n: r for n, r in resources.items() if r["Type"] == "AWS::Logs::LogGroup"}


def _functions(resources):
    return {
        n: r["Properties"] for n, r in resources.items() if r["Type"] == "AWS::Lambda::Function"
    }


def test_every_function_has_a_log_group_of_its_own(resources):
    used = {
        name: function["LoggingConfig"]["LogGroup"]["Ref"]
        for name, function in _functions(resources).items()
    }
    assert used == {name: name.replace("Function", "LogGroup") for name in used}
    assert set(used.values()) | {"PipelineRunLogGroup"} == set(_log_groups(resources))


def test_every_log_group_has_a_retention(resources):
    retentions = [g["Properties"]["RetentionInDays"] for g in _log_groups(resources).values()]
    assert retentions
    assert all(retention == {"Ref": "LogRetentionInDays"} for retention in retentions)


def test_the_state_machine_logs_no_execution_data(resources):
    logging = resources["PipelineRunStateMachine"]["Properties"]["LoggingConfiguration"]
    assert logging["IncludeExecutionData"] is False
    assert logging["Destinations"] == [
        {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["PipelineRunLogGroup", "Arn"]}}}
    ]


def test_powertools_logs_no_events(resources):
    """They hold the job's credentials."""
    for function in _functions(resources).values():
        assert "POWERTOOLS_LOGGER_LOG_EVENT" not in function["Environment"]["Variables"]
