"""The packaged template as the Serverless Application Repository has to have it.

`sam package` uploads the state machine's definition into the publisher's bucket and refers to it
there. The repository copies the functions' code for those who deploy the application, and not the
definition (https://github.com/aws/serverless-application-model/issues/2000): their CloudFormation
would have to read the publisher's bucket. So the definition becomes a part of the template.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import yaml

STATE_MACHINE = "AWS::StepFunctions::StateMachine"


def application(packaged: str, definition: str) -> str:
    """The packaged template with the definition in place of its location, both given as YAML."""
    template = yaml.safe_load(packaged)
    (machine,) = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == STATE_MACHINE
    ]
    del machine["DefinitionS3Location"]
    # A string: CloudFormation does not touch its types, and still makes the substitutions in it.
    machine["DefinitionString"] = json.dumps(yaml.safe_load(definition))
    # Each function has a location by now; this one is a folder of the publisher's.
    template["Globals"]["Function"].pop("CodeUri", None)
    return written(template)


class _WithoutAliases(yaml.SafeDumper):
    """Repeats shared parts, because CloudFormation does not support aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - whatever it is
        """Make no alias of anything."""
        return True


def written(template: dict[str, Any]) -> str:
    """The template as YAML that CloudFormation reads.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
    """
    return yaml.dump(template, Dumper=_WithoutAliases, sort_keys=False, width=100_000)


def main() -> None:
    """Read a packaged template and a definition, and print the template to publish."""
    parser = argparse.ArgumentParser(prog="python -m publishing.application", description=__doc__)
    parser.add_argument("packaged", type=Path)
    parser.add_argument("definition", type=Path)
    asked = parser.parse_args()
    texts = (path.read_text(encoding="utf-8") for path in (asked.packaged, asked.definition))
    print(application(*texts), end="")  # noqa: T201 - the output


if __name__ == "__main__":
    main()
