# Every target sets up what it needs on a fresh machine with Python 3.11 or newer.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

# An environment of an older Python would have to be removed by hand: it is not begun. One without pip was half made
# (Debian without python3-venv leaves such a one, and so does Ctrl-C): it is made again.
NEW_ENOUGH := import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make demo PYTHON=python3.12 names one")

# Tests and benchmarks start hundreds of processes: what the first has compiled is kept for the others, else each takes
# one or two seconds of a core longer to start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check bench bench-face attack pins migration clean
help:
	@echo "make demo [ARGS=--headless]   the whole product on this machine"
	@echo "make test [ARGS=...]          all tests (pytest arguments in ARGS)"
	@echo "make check                    ruff and mypy, as in CI"
	@echo "make bench                    the figures, as ratios in one run"
	@echo "make attack                   a million attacks on evidence and orders; none may be accepted"
	@echo "make bench-face [ARGS=...]    the face goals, with peers (ARGS='--faces DIR --names FILE')"
	@echo "make migration NAME=...       the next step of the database's schema, to be completed by hand"

$(VENV)/run: requirements/run.txt pyproject.toml
	@echo "Setting up $(VENV) (once; about a minute) ..."
	@$(BIN)/pip --version >/dev/null 2>&1 || { $(PYTHON) -c '$(NEW_ENOUGH)' && $(PYTHON) -m venv $(VENV); }
	$(BIN)/pip install --quiet --disable-pip-version-check --progress-bar on --require-hashes -r requirements/run.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q firmware models/gateface host provisioning/gateprov provisioning/kaimen
	@touch $@

$(VENV)/dev: $(VENV)/run requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --progress-bar on --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/run
	$(BIN)/kaimen demo $(ARGS)

# compiled once, not by every worker and every process they start at the same time
test: $(VENV)/dev
	@$(BIN)/python -m compileall -q firmware models host provisioning
	$(BIN)/pytest -n auto --dist loadfile $(ARGS)

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/dev
	$(BIN)/python -m tests.bench $(ARGS)

attack: $(VENV)/dev
	$(BIN)/python -m tests.attack $(ARGS)

# the peers live in an environment of their own beside the product's, which needs none of them
$(VENV)/peers: $(VENV)/dev requirements/bench.txt
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/bench.txt
	@touch $@

bench-face: $(VENV)/peers
	PYTHONPATH="$$(.venv-peers/bin/python -c 'import site; print(site.getsitepackages()[0])')" \
	  $(BIN)/python -m tests.bench.faces $(ARGS)

PINS := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q
pins:
	$(PINS) --extra host --extra unit -o requirements/run.txt pyproject.toml requirements/build.in
	$(PINS) --extra host --extra postgres --extra unit --extra provisioning --group dev -o requirements/dev.txt pyproject.toml requirements/build.in

migration: $(VENV)/dev
	@test -n "$(NAME)" || { echo 'make migration NAME="what changes"'; exit 1; }
	$(BIN)/python -m gatehost.store.migration "$(NAME)"
	@$(BIN)/ruff format -q host/gatehost/store/migrations

clean:
	rm -rf $(VENV) .venv-peers .pytest_cache .mypy_cache .ruff_cache .hypothesis
