# Everything a shop or a developer does with Steward, as one word each. `make help` lists them.

SHELL := /bin/sh
PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run train doctor test lint bench clean

help:  ## list these targets
	@echo 'Steward: the customer-service chatbot that a shop runs itself.'
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1 \2/p' $(firstword $(MAKEFILE_LIST)) | \
		while read -r make target text; do printf '  make %-8s %s\n' "$$target" "$$text"; done
	@echo
	@echo 'PORT=8090 STEWARD_HOME=.steward-2 make run   starts a second one beside the first.'

run:  ## set up what is missing, then start everything; Ctrl-C stops it
	@bin/setup run
	@$(PYTHON) -m steward run

train:  ## train the model that `make run` would train
	@bin/setup run
	@$(PYTHON) -m steward train

doctor:  ## check versions, files, ports, model and database, and say what to do
	@bin/setup run
	@$(PYTHON) -m steward doctor

test:  ## run the whole test suite; ARGS='-k word' passes options to pytest
	@bin/setup dev
	@bin/test-tools
	@$(PYTHON) -m pytest -n 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

lint:  ## style, types, and which part may import which
	@bin/setup dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

bench:  ## measure a running Steward beside a stock Rasa bot; ARGS='--help' tells more
	@bin/setup run
	@$(PYTHON) bench/throughput.py $(ARGS)

clean:  ## remove the environment and all caches; conversations and models stay
	rm -rf .venv .tools .rasa results .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
