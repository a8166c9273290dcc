import re
import shutil
import subprocess
import tomllib

import pytest

from tests.template import expansion

METADATA = "AWS::ServerlessRepo::Application"


@pytest.fixture
def page(root):
    return (root / "docs" / "deployment.md").read_text("utf-8")


@pytest.fixture
def recipe(root):
    def dry(target, *variables):
        # Without these options, make would print the commands that install the tools.
        old = [f"--old-file=.venv{which}/installed" for which in ("", "-sam")]
        found = shutil.which("make")
        assert found
        return subprocess.run(  # noqa: S603 - our own Makefile, which runs nothing with -n
            [found, "-n", *old, target, *variables],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    return dry


def test_the_metadata_for_the_application_repository_matches_the_project(root, template):
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    metadata = template["Metadata"][METADATA]

    assert metadata["SemanticVersion"] == project["version"]
    assert metadata["Description"] == project["description"]
    assert metadata["SpdxLicenseId"] == project["license"]
    assert metadata["Name"] == project["name"]
    assert re.fullmatch(r"[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?", metadata["Author"])
    assert all((root / metadata[name]).is_file() for name in ("LicenseUrl", "ReadmeUrl"))
    assert len(metadata["Labels"]) <= 10
    assert all(re.fullmatch(r"[a-zA-Z0-9+\-_:/@]{1,127}", label) for label in metadata["Labels"])


def test_the_first_deployment_is_guided_and_later_ones_use_its_saved_answers(
    root, recipe, tmp_path
):
    config = (root / "samconfig.toml").read_text("utf-8")
    assert "parameter_overrides" not in config
    kept = tmp_path / "samconfig.toml"
    kept.write_text(config + 'parameter_overrides = "LocalPipelineNames=a"\n')

    assert "--guided" in recipe("deploy")
    assert "--guided" not in recipe("deploy", "PARAMETERS=LocalPipelineNames=a")
    assert "--guided" not in recipe("deploy", f"SAMCONFIG={kept}")


def test_make_and_sam_take_their_defaults_from_one_place(root, recipe):
    settings = tomllib.loads((root / "samconfig.toml").read_text("utf-8"))["default"]
    assert settings["global"]["parameters"]["stack_name"] == "codepipeline-orchestrator"
    assert settings["deploy"]["parameters"]["capabilities"] == "CAPABILITY_IAM"
    assert (root / settings["deploy"]["parameters"]["template_file"]).is_file()
    assert "--stack-name" not in recipe("deploy")
    assert '--stack-name "mine"' in recipe("deploy", "STACK_NAME=mine")
    assert '--s3-bucket "mine" --no-resolve-s3' in recipe("package", "BUCKET=mine")


def test_the_template_is_packaged_before_it_is_published(recipe):
    commands = recipe("publish", "BUCKET=mine", "ARGS=--region eu-west-1")
    package = commands.index("sam package")
    inline = commands.index(
        "-m publishing.application build/packaged.yaml statemachine/pipeline_run.asl"
    )
    publish = commands.index("sam publish --template build/application.yaml --region eu-west-1")
    assert package < inline < publish
    assert '--s3-bucket "mine"' in commands


@pytest.mark.parametrize(
    "name, file, capability",
    [
        ("TargetRoles", "target-role.yaml", "CAPABILITY_NAMED_IAM"),
        ("TargetEvents", "target-events.yaml", "CAPABILITY_IAM"),
    ],
)
def test_a_stack_set_passes_the_parameters_that_its_template_has(root, name, file, capability):
    example = expansion.as_written("examples/target-roles.yaml")
    stack_set = example["Resources"][name]["Properties"]
    assert (root / "examples" / stack_set["TemplateURL"]).resolve() == root / file
    given = {each["ParameterKey"] for each in stack_set["Parameters"]}
    declared = expansion.as_written(file)["Parameters"]
    assert {name for name, each in declared.items() if "Default" not in each} <= given
    assert given <= set(declared)
    assert stack_set["Capabilities"] == [capability]


@pytest.mark.parametrize("name", ["OrchestratorRoleArn", "ExternalId", "EventBusArn"])
def test_the_stack_sets_have_the_same_parameters_as_the_target_role(target_role_template, name):
    example = expansion.as_written("examples/target-roles.yaml")
    declared = target_role_template["Parameters"][name]
    constraints = {key: value for key, value in declared.items() if key != "Description"}
    assert constraints.items() <= example["Parameters"][name].items()


def test_a_nested_application_uses_existing_parameters_and_outputs(root, template):
    example = expansion.as_written("examples/nested.yaml")
    application = example["Resources"]["Orchestrator"]["Properties"]
    assert (root / "examples" / application["Location"]).resolve() == root / "template.yaml"
    assert set(application["Parameters"]) <= set(template["Parameters"])
    read = re.findall(r"Outputs\.(\w+)", str(example))
    assert read
    assert set(read) <= set(template["Outputs"])


def test_every_parameter_output_and_file_that_the_page_names_exists(root, page, template):
    known = set(template["Parameters"])
    for example in ("target-role.yaml", "target-events.yaml", "examples/target-roles.yaml"):
        known |= set(expansion.as_written(example)["Parameters"])
    named = set(re.findall(r"[ \"'`]([A-Z]\w+)=", page)) - {"BUCKET", "STACK_NAME"}
    assert {"AllowedTargetRoleArns", "CallAs", "ScheduleExpression"} <= named
    assert named - {"PARAMETERS", "ARGS"} <= known
    assert set(re.findall(r"output (\w+)", page)) <= set(template["Outputs"])
    files = re.findall(r"\]\((?!https?:|#)([^)#]+)", page)
    assert all((root / "docs" / file).resolve().exists() for file in files)
