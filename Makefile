# Everything installs what it needs by itself; see CONTRIBUTING.md. Pass arguments on with ARGS="…".
PYTHON ?= python3
SETUP = @$(PYTHON) -m installers.setup

.PHONY: run test check bench proof packages prepare clean help

help:            ## this list
	@awk -F ': *## ' '/^[a-z]+: *## / { printf "  make %-10s%s\n", $$1, $$2 }' Makefile

run:             ## open the window on the demo mailbox (with no display: the self-test)
	$(SETUP) run $(ARGS)

test:            ## all checks and tests
	$(SETUP) test $(ARGS)

check:           ## style, types and the import rule only
	$(SETUP) check $(ARGS)

bench:           ## speed and size against a local mail server, as a table
	$(SETUP) bench $(ARGS)

proof:           ## the slow proofs
	$(SETUP) proof $(ARGS)

packages:        ## freeze the program and pack it for this system into dist/
	$(SETUP) packages $(ARGS)

prepare:         ## only install what the tests need
	$(SETUP) prepare

clean:           ## remove what was built and cached, but not .venv
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
