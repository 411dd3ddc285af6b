# Every command of the project; `make` alone lists them. All of them set up what they need first.

PYTHON ?= python3
# Files stay whole: the tests of one share a bot, a Discord and a provider. They come in their order, in which those that wait most, the
# browser's, are first, and many short ones last: so nobody waits for a long file in the end.
SPREAD := -n 4 --dist loadfile --no-loadscope-reorder
BIN := .venv/bin
INSTALLED := .venv/.installed
RECORD := $(CURDIR)/build/discord-requests.jsonl
TYPES := $(CURDIR)/build/pyright.txt
DISCORD_CHECK := ../shared/tools/check_discord_requests.py

# pyright is pinned in constraints.txt; it need not ask whether there is a newer one.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.DEFAULT_GOAL := help
.PHONY: help setup sandbox test check coverage bench soak run screenshots refusals constraints clean

help: ## List the commands
	@sed -n 's/^\([a-z]*\):.*## /\1 - /p' Makefile | awk -F ' - ' '{ printf "make %-12s %s\n", $$1, $$2 }'

setup: $(INSTALLED) ## Make .venv with everything in it; quick when nothing has changed

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Encore needs Python 3.11 or newer, and $(PYTHON) is not (or not there). Name one that is: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

sandbox: setup ## Try the bot in a browser, without token, key or network
	$(BIN)/python -m bot sandbox

test: setup ## Run the tests, PostgreSQL included
	$(BIN)/pytest $(SPREAD)

# pyright keeps one core busy at most, so it looks at the types while the tests run; what it says comes after what they say.
# The end-to-end tests record what they send to Discord; where the checker is at hand, it holds that against Discord's own OpenAPI document.
check: setup ## What CI runs: lint, format, types, tests, and the recorded requests to Discord
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/hadolint Dockerfile
	@mkdir -p $(dir $(RECORD)) && rm -f $(RECORD)
	$(BIN)/pyright > $(TYPES) 2>&1 & types=$$!; \
	  ENCORE_DISCORD_RECORD=$(RECORD) $(BIN)/pytest $(SPREAD); tests=$$?; \
	  wait $$types; types=$$?; echo "pyright:"; cat $(TYPES); exit $$((tests | types))
	@test -s $(RECORD) || { echo "The end-to-end tests have recorded no request to Discord in $(RECORD)." >&2; exit 1; }
	@if test -f $(DISCORD_CHECK); then $(BIN)/python $(DISCORD_CHECK) $(RECORD); fi

coverage: setup ## Run the tests and say which lines and branches they reach
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(SPREAD)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --show-missing --skip-covered

# At sizes that are meant to take less than five minutes together; alone, each takes longer and says more.
bench: setup ## Run the benchmarks; docs/performance.md tells of them
	$(BIN)/python -m bench.notify_lag
	$(BIN)/python -m bench.interactions --seconds 5
	$(BIN)/python -m bench.pending --seconds 5 --runs 1
	$(BIN)/python -m bench.history
	$(BIN)/python -m bench.startup
	$(BIN)/python -m bench.join --tracks 4 --runs 1
	$(BIN)/python -m bench.session_votes --runs 1

soak: setup ## Let everything go wrong for MINUTES=1 on each database, and count what is lost; SEED=... repeats a plan
	$(BIN)/python -m tests.e2e.soak --minutes $(or $(MINUTES),1) $(if $(SEED),--seed $(SEED)) $(if $(DATABASE),--database $(DATABASE)) --logs build

run: setup ## Run the bot with the settings of .env
	$(BIN)/python -m bot

screenshots: setup ## Write docs/images anew: every state of the bot, on the sandbox's page; SCENES=... names some
	$(BIN)/python -m tests.browser.screenshots $(SCENES)

refusals: setup ## Write docs/refusals.md anew: every refusal that people can meet
	$(BIN)/python -m tests.refusals

constraints: ## Write constraints.txt anew, with the newest versions that pyproject.toml allows
	rm -rf build/constraints
	$(PYTHON) -m venv build/constraints
	build/constraints/bin/pip install --quiet --disable-pip-version-check -e '.[dev]'
	{ head -n 1 constraints.txt && build/constraints/bin/pip freeze --exclude-editable; } > build/constraints.txt
	mv build/constraints.txt constraints.txt

clean: ## Remove what these commands made; data/ and .env stay
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	find bot cogs tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
