# Every target creates the virtual environments that it needs. `make clean` removes them.

JOBS ?= auto
SAM = SAM_CLI_TELEMETRY=0 .venv-sam/bin/sam
# The SAM CLI asks for the parameters until this file has them.
SAMCONFIG ?= samconfig.toml
GUIDED = $(shell grep -q '^parameter_overrides' $(SAMCONFIG) || echo --guided)
LOCK = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links

# The first Python that is new enough. PYTHON=... selects another one.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# Unset, because with this variable every process would recompile all of its imports.
export PYTHONDONTWRITEBYTECODE :=
# uv trusts the certificates that the system trusts, such as those of a company's proxy.
export UV_SYSTEM_CERTS := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo sandbox play test test-page test-example test-cdk check speed bench format test-runtime lint-policies mutate soak rules generate deploy package publish clean-functions lock versions clean bench-coldstart bench-scale

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/installed ## Start pipelines in three accounts and wait for them, in the sandbox (ARGS=...)
	@.venv/bin/python -m playground.demo $(ARGS)

sandbox: .venv/installed ## Serve the embedded AWS on a local port (SCENARIO=file.yaml, ARGS=...)
	@.venv/bin/python -m playground.server $(if $(SCENARIO),--scenario "$(SCENARIO)") $(ARGS)

play: .venv/installed ## Play a scenario in the embedded AWS and print what happened (SCENARIO=file.yaml)
	@.venv/bin/python -m playground.scenarios $(ARGS) $(if $(SCENARIO),"$(SCENARIO)")

test: .venv/installed ## Run the tests (ARGS=..., JOBS=2)
	.venv/bin/python -m pytest -n $(JOBS) --dist loadgroup --ignore tests/runtime $(ARGS)

check: .venv/installed ## Run the gate: format, lint, types, tests
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	$(MAKE) test

speed: .venv/installed ## Check the sandbox's time and memory against its limits (ARGS=...)
	@.venv/bin/python -m benchmarks.sandbox $(ARGS)

bench: .venv/installed ## Measure the delay and cost of waiting, compared with other ways to wait (ARGS=...)
	@.venv/bin/python -m benchmarks.waiting $(ARGS)

bench-coldstart: .venv/installed .venv-runtime/installed .venv-sam/installed ## Measure cold starts, compared with a bare handler (ARGS="--starts 5 --only get_state")
	@.venv/bin/python -m benchmarks.coldstart $(ARGS)

bench-scale: .venv/installed ## Measure the time, memory and calls of 1,000 concurrent runs in one world (ARGS="--runs 100")
	@.venv/bin/python -m benchmarks.scale $(ARGS)

format: .venv/installed ## Format the code and fix what the linter can fix
	.venv/bin/ruff check --fix-only .
	.venv/bin/ruff format .

test-runtime: .venv/installed .venv-runtime/installed .venv-sam/installed ## Run each handler under Lambda's runtime emulator
	.venv/bin/python -m pytest $(ARGS) tests/runtime

test-page: .venv/installed .venv-page/installed ## Test the timeline's HTML page in an installed browser (screenshots in build/pages)
	.venv/bin/python -m tests.page.samples build/pages
	.venv-page/bin/python -m pytest --confcutdir tests/page -p no:cacheprovider $(ARGS) tests/page

test-example: .venv/installed .venv-example/installed ## Test the example project with the sandbox installed as a package
	cd examples/sandbox-action && ../../.venv-example/bin/python -m pytest -p no:cacheprovider $(ARGS)

test-cdk: .venv/installed .venv-cdk/installed ## Synthesize the CDK example and deploy it in the sandbox (needs Node.js)
	CDK_OUTDIR="$(CURDIR)/build/cdk" .venv-cdk/bin/python examples/cdk/app.py
	.venv/bin/python -m pytest $(ARGS) tests/cdk

lint-policies: .venv/installed .venv-checkov/installed ## Check the templates' permissions for mistakes
	@.venv/bin/python -m tests.template.expansion build/templates
	.venv-checkov/bin/checkov --config-file .checkov.yaml --directory build/templates

.PHONY: audit hooks
audit: .venv-audit/installed ## Check all pinned packages for known vulnerabilities (queries pypi.org)
	@# One file at a time: if one file has hashes, pip-audit requires hashes in every file.
	for pins in requirements/*.txt; do \
		.venv-audit/bin/pip-audit --strict --disable-pip --no-deps --progress-spinner off \
			--requirement $$pins $(ARGS) || failed=yes; \
	done; test -z "$$failed"

hooks: .venv/installed .venv-hooks/installed ## Install git hooks that check each commit and push (.pre-commit-config.yaml)
	.venv-hooks/bin/pre-commit install

mutate: .venv/installed ## Check that the tests notice small changes to the core and the state machine (ARGS="polling statemachine.PollLater")
	@.venv/bin/python -m tests.mutation $(ARGS)

.PHONY: model
model: .venv/installed ## Search all states of the job and wait protocols (ARGS=--small)
	@.venv/bin/python -m tests.model $(ARGS)

soak: .venv/installed ## Inject faults into random worlds (SEEDS=2000, FROM=0, EVENTS=all|on|off|half|doubled|reordered|late; SEED=1 replays one)
	@.venv/bin/python -m tests.simulation $(if $(SEED),--seed $(SEED)) $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(FROM),--from $(FROM)) $(if $(EVENTS),--events $(EVENTS)) $(if $(WITHOUT),--without $(WITHOUT)) \
		$(if $(filter-out auto,$(JOBS)),--jobs $(JOBS)) $(ARGS)

.PHONY: verify-on-aws verify-on-sandbox
verify-on-aws: .venv/installed ## Check the sandbox's rules on a real account (ARGS="--account 111122223333 --region eu-west-1", ARGS=--dry-run)
	@.venv/bin/python -m tests.contract $(ARGS)

verify-on-sandbox: .venv/installed ## Run the same checks on a served sandbox, with the printed permissions
	@.venv/bin/python -m tests.contract.rehearsal $(ARGS)

rules: .venv/installed ## List the sandbox's rules with the tests that cover them
	@.venv/bin/python docs/rules.py

generate: .venv/installed ## Write the generated files: the input's JSON Schema, tables, pictures, docs/outcomes.md
	.venv/bin/python docs/generate.py

deploy: .venv-sam/installed clean-functions ## Deploy to AWS, asking for parameters the first time (STACK_NAME=..., PARAMETERS="Name=value ...", ARGS=...)
	$(SAM) deploy --config-file $(SAMCONFIG) $(if $(STACK_NAME),--stack-name "$(STACK_NAME)") \
		$(if $(PARAMETERS),--parameter-overrides $(PARAMETERS),$(GUIDED)) $(ARGS)

package: .venv-sam/installed clean-functions ## Upload the code to a bucket and write build/packaged.yaml (BUCKET=..., ARGS=...)
	@mkdir -p build
	$(SAM) package --config-file $(SAMCONFIG) $(if $(BUCKET),--s3-bucket "$(BUCKET)" --no-resolve-s3) $(ARGS)

publish: .venv/installed .venv-sam/installed ## Publish the application to the Serverless Application Repository (BUCKET=..., ARGS=...)
	$(MAKE) package BUCKET="$(BUCKET)" ARGS="$(ARGS)"
	.venv/bin/python -m publishing.application build/packaged.yaml statemachine/pipeline_run.asl.yaml > build/application.yaml
	$(SAM) publish --template build/application.yaml $(ARGS)

clean-functions: # keep compiled files out of the package
	find functions -name __pycache__ -prune -exec rm -r {} +

lock: .venv/installed ## Pin the dependencies again (ARGS=--upgrade takes newer versions)
	$(LOCK) $(ARGS) pyproject.toml sandbox/pyproject.toml --group dev --output-file requirements/dev.txt
	$(LOCK) $(ARGS) --group runtime --constraint requirements/dev.txt --output-file requirements/runtime.txt
	$(LOCK) $(ARGS) --group page --constraint requirements/dev.txt --output-file requirements/page.txt
	$(LOCK) --generate-hashes $(ARGS) --group sam --output-file requirements/sam.txt
	$(LOCK) $(ARGS) --group checkov --output-file requirements/checkov.txt
	$(LOCK) $(ARGS) --group cdk --output-file requirements/cdk.txt
	$(LOCK) $(ARGS) --group audit --output-file requirements/audit.txt
	$(LOCK) $(ARGS) --group hooks --output-file requirements/hooks.txt

versions: .venv/installed ## Show the versions of the gate's tools
	@.venv/bin/python --version
	@.venv/bin/python -m pip list --disable-pip-version-check --format freeze | \
		grep -E '^(aws-lambda-powertools|aws-sam-translator|boto3|cfn-lint|moto|mypy|pytest|ruff|statelint|uv)=='

clean: ## Remove everything that make created
	rm -rf .venv* .aws-sam build .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -r {} +

# The environment for development. uv takes seconds and pip takes a minute. If uv fails, pip takes
# over, because some machines configure the package registry only for pip.
.venv/installed: requirements/dev.txt sandbox/pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is required. Pass its path: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is not Python 3.11 or newer" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot create virtual environments. Install its venv package (Debian, Ubuntu: python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check "$$(grep '^uv==' $<)"
	.venv/bin/uv pip sync --quiet --python .venv $< || \
		.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@# Installs the command pipeline-run and the sandbox from this directory. Its build tools are already installed.
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . --editable ./sandbox
	@touch $@

# The example project's environment. The sandbox is installed from its directory, with the versions that
# are pinned for development.
.venv-example/installed: requirements/dev.txt examples/sandbox-action/pyproject.toml \
		$(shell find sandbox -type f -not -path '*/__pycache__/*') | .venv/installed
	.venv/bin/uv venv --quiet --clear --python .venv/bin/python .venv-example
	.venv/bin/uv pip install --quiet --python .venv-example --constraint $< --build-constraint $< \
		--group examples/sandbox-action/pyproject.toml:test || \
		.venv/bin/python -m pip --python .venv-example install --quiet --disable-pip-version-check --constraint $< ./sandbox pytest
	@touch $@

# Only the SAM CLI is checked against hashes, because it deploys with credentials that can create
# roles. The other environments work without an AWS account.
HASHES_sam = --require-hashes

# The other tools, each in its own environment. --no-deps is safe because the files are complete.
# Without it, pip would require the hashes of boto3-stubs twice because of its extras.
.venv-%/installed: requirements/%.txt | .venv/installed
	.venv/bin/uv venv --quiet --allow-existing --python .venv/bin/python .venv-$*
	.venv/bin/uv pip sync --quiet $(HASHES_$*) --python .venv-$* $< || \
		.venv/bin/python -m pip --python .venv-$* install --quiet --disable-pip-version-check --no-deps $(HASHES_$*) --requirement $<
	@touch $@
