from __future__ import annotations

import pytest

from playground.scenarios.loading import find, load
from playground.scenarios.mistakes import ScenarioMistakes

# Three lines to which each test appends its mistake.
DEPLOY = """\
pipelines:
  deploy: {stages: {Build: {Compile: 2m}, Go: {Approve: approval, Rollout: 4m}}}
  web in second: {stages: {Build: {Compile: 2m}}}
"""


# Each of the eight levels refers to the previous one nine times.
LAUGHS = "a: &a0 [1]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
)


def mistakes(text: str) -> list[str]:
    with pytest.raises(ScenarioMistakes) as caught:
        load(text, "mine.yaml")
    return str(caught.value).splitlines()


def action(text: str) -> str:
    return f"pipelines:\n  deploy:\n    stages: {{Go: {{\n      Rollout: {text}\n    }}}}\n"


@pytest.mark.parametrize(
    "text, line, message",
    [
        ("", 1, "The scenario is empty."),
        ("# only a comment", 1, "The scenario is empty."),
        ("hello", 1, "The scenario must be a mapping, but is 'hello'."),
        ("seed: 1", 1, "The scenario has no 'pipelines'."),
        ("a: [1,\nb: 2", 2, "This is not YAML: while parsing a flow sequence, "),
        ("a: 1\n\tb: 2", 2, "This is not YAML: while scanning for the next token, "),
        ("a: \x07", 1, "The character '\\x07' is not allowed in YAML."),
        ("a: 1\n---\nb: 2", 2, "This is not YAML: expected a single document in the stream, "),
        ("pipelines: &all\n  x: *all", 1, "This anchor contains itself."),
        ("a: 1\nb: " + "[" * 60 + "]" * 60, 2, "This is nested more than 50 levels deep."),
        ("a:\n" + "- " * 600 + "1", 2, "This is nested more than 50 levels deep."),
        (LAUGHS, 1, "The scenario has more than 300,000 values with its aliases expanded."),
        ("a: 1\n<<: 2", 2, "'<<' must be a mapping or a list of mappings."),
        ("lasts: 4000d", 1, "'lasts' must be at most 3650d, but is '4000d'."),
        ("start: 9999-12-31", 1, "'start' must be between 1971 and 2999."),
        ("pipelines: {}\npipeline: {}", 2, "cannot have 'pipeline'. Did you mean 'pipelines'?"),
        ("seed: 1\nseed: 2", 2, "'seed' is a duplicate of line 1."),
        ("seed: x", 1, "'seed' must be a whole number of at least 0, but is 'x'."),
        ("start: soon", 1, "'start' must be a time such as 2026-01-05T09:00:00Z, but is 'soon'."),
        ("lasts: long", 1, "'lasts' must be a duration such as 90s, 2m or 1h30m, but is 'long'."),
        ("about: [1]", 1, "'about' must be text, but is a list."),
    ],
)
def test_a_text_that_is_not_a_scenario_is_reported(text: str, line: int, message: str) -> None:
    first = mistakes(text)[0]

    assert first.startswith(f"mine.yaml:{line}: ")
    assert message in first


@pytest.mark.parametrize(
    "text, message",
    [
        ("settings: {job_silense: 5m}", "cannot have 'job_silense'. Did you mean 'job_silence'?"),
        ("settings: {job_silence: never}", "The setting 'job_silence' must be a duration"),
        ("settings: {repeated_request: ignore}", "cannot be 'ignore'. Did you mean 'ignored'?"),
        ("settings: {create_starts_execution: 1}", "must be true or false, but is '1'."),
        (
            "settings: {concurrent_executions: few}",
            "must be a whole number of at least 0, but is 'few'.",
        ),
        ("settings: []", "'settings' must be a mapping, but is a list."),
        ("accounts: {mine: 4711}", "'4711' is not a valid account ID: use 12 digits."),
        ("accounts: {tools: 222233334444}", "'tools' must be 111122223333, where the product"),
        ("accounts: {my own: 222233334444}", "'my own' is not a valid account name"),
        ("product: {LogLevle: DEBUG}", "cannot have 'LogLevle'. Did you mean 'LogLevel'?"),
        ("happens: {at: 0}", "'happens' must be a list, but is a mapping."),
        ("happens: [deploy]", "An item of 'happens' must be a mapping, but is 'deploy'."),
        ("happens: [{at: 0, begin: deploy}]", "'begin' is not an act. It can be"),
        ("happens: [{at: 0, strat: deploy}]", "'strat' is not an act. Did you mean 'start'?"),
        ("happens: [{at: 0}]", "The act is missing. Add one of start, stop, retry,"),
        ("happens: [{at: 0, start: web, stop: web}]", "not 'start' and 'stop'."),
        ("happens: [{at: noon, start: web}]", "'at' must be a duration such as 90s,"),
        ("happens: [{start: web}]", "Give the time once, as at, when or whenever."),
        ("happens: [{at: 0, start: webb}]", "There is no pipeline 'webb'. Did you mean 'web'?"),
        ("happens: [{at: 0, start: web in third}]", "no 'web' in third. Did you mean 'web'?"),
        ("happens: [{at: 0, start: web in tird}]", "no account 'tird'. Did you mean 'third'?"),
        ("happens: [{at: 0, start: deploy Go}]", "a whole pipeline: use only 'deploy'."),
        ("happens: [{at: 0, retry: deploy Goo}]", "has no stage 'Goo'. Did you mean 'Go'?"),
        ("happens: [{at: 0, retry: deploy}]", "It can be 'deploy Source', 'deploy Build' or"),
        (
            "happens: [{at: 0, approve: deploy Go/Aprove}]",
            "Stage 'Go' of 'deploy' has no action 'Aprove'. Did you mean 'Approve'?",
        ),
        ("happens: [{at: 0, approve: web Build}]", "or 'web Build/Compile'."),
        (
            "happens: [{at: 0, approve: deploy Go/Rollout}]",
            "'deploy Go/Rollout' is not an approval. Did you mean 'deploy Go/Approve'?",
        ),
        (
            "happens: [{at: 0, reject: web Build/Compile}]",
            "'web Build/Compile' is not an approval.",
        ),
        (
            "happens: [{at: 0, stop: web, reasn: x}]",
            "'stop' cannot have 'reasn'. Did you mean 'reason'",
        ),
        ("happens: [{at: 0, stop: web, abandon: 1}]", "'abandon' must be true or false"),
        ("happens: [{at: 0, retry: web Build, mode: ALL}]", "It can be FAILED_ACTIONS or ALL_ACT"),
        ("happens: [{at: 0, rollback: deploy Go}]", "'rollback' needs 'to'."),
        (
            "happens: [{at: 0, after: 1m, stop: web}]",
            "'after' is only valid with 'when'. Add it to 'at'.",
        ),
        ("happens: [{at: 0, nth: 2, stop: web}]", "'nth' is only valid with 'when'."),
        ("happens: [{when: web, stop: web}]", "'web' does not name a state"),
        ("happens: [{when: deploy fail, stop: web}]", "'fail'. Did you mean 'failed'?"),
        ("happens: [{when: web Buidl failed, stop: web}]", "Did you mean 'Build'?"),
        ("happens: [{when: web Build/Compile resumed, stop: web}]", "An action is never 'resumed'"),
        ("faults: [throttled]", "A fault must be a mapping, but is 'throttled'."),
        (
            "faults: [{what: throttled}]",
            "A fault must have exactly one kind: call, delivery or invocation.",
        ),
        ("faults: [{call: throtled}]", "'throtled'. Did you mean 'throttled'?"),
        (
            "faults: [{call: lost}, {call: throttled, operation: codepipline:GetJobDetails}]",
            "There is no service 'codepipline'. Did you mean 'codepipeline'?",
        ),
        (
            "faults: [{call: lost, operatio: x}]",
            "call fault cannot have 'operatio'. Did you mean 'oper",
        ),
        ("faults: [{call: lost, account: secnd}]", "There is no account 'secnd'. Did you mean"),
        ("faults: [{call: slow, from: noon}]", "'from' must be a duration such as"),
        ("faults: [{call: slow, from: 2m, to: 1m}]", "The end 60.0 is not after the start 120.0."),
        ("faults: [{call: slow, chance: often}]", "'chance' must be a number above 0 and at most"),
        ("faults: [{call: slow, chance: 7}]", "A chance must be above 0 and at most 1, not 7.0."),
        (
            "faults: [{call: slow, times: 0}]",
            "'times' must be a whole number of at least 1, but is '0'.",
        ),
        ("faults: [{delivery: dropped, of: evnt}]", "'evnt'. Did you mean 'event'?"),
        ("happens: [{at: 0, untrust: secnd}]", "account 'secnd'. Did you mean 'second'?"),
        ("happens: [{at: 0, untrust: second, reason: x}]", "'untrust' cannot have 'reason'."),
        ("expects: Succeeded", "'expects' must be a mapping, but is 'Succeeded'."),
        ("happens: [{at: 0, run: wbe}]", "There is no pipeline 'wbe'. Did you mean 'web'?"),
        ("happens: [{at: 0, run: {pipeline: wbe}}]", "Did you mean 'web'?"),
        ("happens: [{at: 0, run: {pipelineName: web, roleArn: secnd}}]", "Did you mean 'second'?"),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_the_likely_correction(
    text: str, message: str
) -> None:
    (only,) = mistakes(DEPLOY + text)

    assert only.startswith("mine.yaml:4: ")
    assert message in only


@pytest.mark.parametrize(
    "text, message",
    [
        ("soon", "'Rollout' must be a duration such as 90s, 2m or 1h30m, 'approval' or 'run PIP"),
        ("aproval", "Did you mean 'approval'?"),
        ("run dploy", "There is no pipeline 'dploy'. Did you mean 'deploy'?"),
        ("4 minutes", "Only 'fails' can follow the duration, not 'minutes'."),
        ("2m Failed", "not 'Failed'. Did you mean 'fails'?"),
        ("2x", "'Rollout' must be a duration such as 90s, 2m or 1h30m, but is '2x'."),
        ("2x fails", "must be a duration such as 90s, 2m or 1h30m, but is '2x fails'."),
        ("", "'approval' or 'run PIPELINE', but is empty."),
        ("[]", "'Rollout' has an empty list."),
        ("[2m, soon]", "'Rollout' must be a duration such as 90s, 2m or 1h30m, but is 'soon'."),
        ("['']", "must be a duration such as 90s, 2m or 1h30m, but is empty."),
        ("[{take: 2m}]", "'Rollout' cannot have 'take'. Did you mean 'takes'?"),
        ("{take: 2m}", "The action 'Rollout' cannot have 'take'. Did you mean 'takes'?"),
        ("{takes: 2m, code: JobFailed}", "has a 'code' but no 'fails'."),
        ("{takes: 2m, fails: no}", "'fails' must be a message or true, but is 'no'."),
        ("{takes: 2m, acts: [2m]}", "'Rollout' has 'acts'. Move 'takes' into 'acts'."),
        ("{provider: CodeBild}", "The provider cannot be 'CodeBild'. Did you mean 'CodeBuild'?"),
        ("{provider: S3, category: Build}", "The category of S3 cannot be 'Build'. It can be"),
        ("{runOrder: first}", "'runOrder' must be a whole number of at least 1, but is 'first'."),
        ("{run: deploy, provider: S3}", "The provider of a run cannot be 'S3'."),
        (
            "{run: deploy, takes: 2m}",
            "runs a pipeline and succeeds or fails with it. Remove 'takes'.",
        ),
        ("4000d fails", "'Rollout' must be at most 3650d, but is '4000d'."),
        ("{configuration: [1]}", "'configuration' must be a mapping, but is a list."),
    ],
)
def test_a_mistake_in_an_action_is_reported(text: str, message: str) -> None:
    (only,) = mistakes(action(text))

    assert only.startswith("mine.yaml:4: ")
    assert message in only


@pytest.mark.parametrize(
    "text, message",
    [
        ("  web:", "The pipeline 'web' must be a mapping, but is empty."),
        ("  web: {mode: QUEUED}", "The pipeline 'web' has no 'stages'."),
        (
            "  web: {modes: QUEUED, stages: {A: {B: 1}}}",
            "cannot have 'modes'. Did you mean 'mode'?",
        ),
        ("  web: {mode: QUEUE, stages: {A: {B: 1}}}", "cannot be 'QUEUE'. Did you mean 'QUEUED'?"),
        ("  web: {type: V3, stages: {A: {B: 1}}}", "The type cannot be 'V3'. It can be V1 or V2."),
        (
            "  web: {stages: {A: 2m}}",
            "The stage 'A' must have actions, as in 'A: {ACTION: 2m}', but",
        ),
        ("  web: {stages: {A: {}}}", "The stage 'A' has no actions."),
        ("  web: {stages: {A: {B: 1, onFailure: RETY}}}", "cannot be 'RETY'. Did you mean 'RETRY"),
        ("  web: {stages: {A: {B: 1, onFailure: {}}}}", "'onFailure' needs a 'result'."),
        (
            "  web: {stages: {A: {B: 1, onFailure: {result: RETRY, Rule: soon}}}}",
            "'Rule' must be a duration such as 90s, 2m or 1h30m, but is 'soon'.",
        ),
        ("  web: {stages: {A: {B: 1, B: 2}}}", "'B' is a duplicate of line 2."),
        ("  web on third: {stages: {A: {B: 1}}}", "NAME or NAME in ACCOUNT, not 'web on"),
        ("  web in thrid: {stages: {A: {B: 1}}}", "'thrid'. Did you mean 'third'?"),
        ("  'web in third, x': {stages: {A: {B: 1}}}", "There is no Region 'x'."),
        ("  web in third, eu-wst-1: {stages: {A: {B: 1}}}", "Did you mean 'eu-west-1'?"),
        ("  web: {stages: {Go live: {B: 1}}}", "'Go live' is not a valid name"),
        ("  web: {stages: {A: {Roll out: 1}}}", "'Roll out' is not a valid name"),
        ("  wéb: {stages: {A: {B: 1}}}", "'wéb' is not a valid name"),
        ("  web in second: {stages: {A: {B: run web}}}", "works only in the account and Region"),
        ("  web: {definition: 3, stages: {A: {B: 1}}}", "'definition' must be a mapping"),
        ("  web: {definition: {stages: []}, stages: {A: {B: 1}}}", "'definition' also has stages"),
        ("  web: {acts: {A/C: 2m}, stages: {A: {B: 1}}}", "'web' has no action 'C'."),
        ("  web: {tags: {a: [1]}, stages: {A: {B: 1}}}", "'a' must be text, but is a list."),
    ],
)
def test_a_mistake_in_a_pipeline_is_reported(text: str, message: str) -> None:
    (only,) = mistakes(f"pipelines:\n{text}\n")

    assert only.startswith("mine.yaml:2: ")
    assert message in only


def test_a_mistake_in_a_fault_is_reported_with_the_line_of_the_member() -> None:
    messages = mistakes(f"{DEPLOY}faults:\n  - call: slow\n    chance: 0.5\n    region: eu-wst-1\n")

    assert messages == ["mine.yaml:7: There is no Region 'eu-wst-1'. Did you mean 'eu-west-1'?"]


def test_an_ambiguous_pipeline_name_needs_the_account() -> None:
    two = "pipelines:\n  web in second: &w {stages: {A: {B: 1}}}\n  web in third: *w\n"

    (only,) = mistakes(f"{two}happens: [{{at: 0, start: web}}]")

    assert only.endswith("Did you mean 'web in second' or 'web in third'?")


def test_a_pipeline_cannot_be_declared_twice() -> None:
    (only,) = mistakes("pipelines:\n  a: &a {stages: {A: {B: 1}}}\n  a in tools: *a\n")

    assert only == "mine.yaml:3: The pipeline 'a in tools' is a duplicate."


def test_all_mistakes_are_reported_together_in_the_order_of_the_file() -> None:
    messages = mistakes("seeds: 1\npipelines:\n  a:\n    stages: {A: {B: 2x}}\nstart: soon\n")

    assert [text.split(":")[1] for text in messages] == ["1", "4", "5"]


def test_a_missing_file_is_reported_with_the_closest_name() -> None:
    with pytest.raises(ScenarioMistakes, match="release:1: The file cannot be read: No such file"):
        find("release")
    with pytest.raises(ScenarioMistakes, match="Did you mean 'releases'"):
        find("release")


def test_a_file_that_is_not_text_is_reported(tmp_path) -> None:
    path = tmp_path / "binary.yaml"
    path.write_bytes(b"about: x\nseed: \xff\n")

    with pytest.raises(ScenarioMistakes, match=r"binary\.yaml:2: The file is not UTF-8\."):
        find(str(path))
