# Everything goes into .venv and var; `make clean` leaves nothing behind.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo run test check bench generate format clean

demo: $(VENV)/.embedded
	$(BIN)/stargazer demo $(if $(ONCE),--once)

run: $(VENV)/.embedded
	$(BIN)/stargazer up

test: $(VENV)/.dev
	$(BIN)/python -m pytest

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_imports.py

bench: $(VENV)/.dev
	$(BIN)/python -m bench.latency
	$(BIN)/python -m bench.fanout
	$(BIN)/python -m bench.pace
	$(BIN)/python -m bench.interest
	$(BIN)/python -m bench.coordinator
	$(BIN)/python -m bench.delay --messages 20000 --span 120
	$(BIN)/python -m bench.rpc
	$(BIN)/python -m bench.youtube --channels 200
	$(BIN)/python -m bench.sources

generate: $(VENV)/.dev
	$(BIN)/python -m api.generate

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) var build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Each stamp is a set of extras; the versions are those of constraints.txt, build tools included.
$(VENV)/.embedded $(VENV)/.dev: $(VENV)/.%: setup.cfg constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed; say which: make PYTHON=python3.11 …"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing stargazer[$*] into $(VENV) …"
	@PYTHONWARNINGS=ignore PIP_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 \
		$(BIN)/python -m pip install --quiet --editable '.[$*]'
	@touch $@
