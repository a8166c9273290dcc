def _log_groups(resources):
    return {n: r for n, r in resources.items() if r["Type"] == "AWS::Logs::LogGroup"}


def _functions(resources):
    return {
        n: r["Properties"] for n, r in resources.items() if r["Type"] == "AWS::Lambda::Function"
    }


def test_all_functions_log_to_one_group_and_the_state_machine_to_another(resources):
    used = [function["LoggingConfig"] for function in _functions(resources).values()]
    assert used
    assert all(each == {"LogGroup": {"Ref": "FunctionsLogGroup"}} for each in used)
    assert set(_log_groups(resources)) == {"FunctionsLogGroup", "PipelineRunLogGroup"}


def test_every_log_group_has_a_retention_period(resources):
    retentions = [g["Properties"]["RetentionInDays"] for g in _log_groups(resources).values()]
    assert retentions
    assert all(retention == {"Ref": "LogRetentionInDays"} for retention in retentions)


def test_the_state_machine_logs_no_execution_data(resources):
    logging = resources["PipelineRunStateMachine"]["Properties"]["LoggingConfiguration"]
    assert logging["IncludeExecutionData"] is False
    assert logging["Destinations"] == [
        {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": ["PipelineRunLogGroup", "Arn"]}}}
    ]


def test_powertools_does_not_log_events(resources):
    for function in _functions(resources).values():
        assert "POWERTOOLS_LOGGER_LOG_EVENT" not in function["Environment"]["Variables"]
