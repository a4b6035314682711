PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CONSTRAINTS ?= -c constraints.txt
TYPING := $(VENV)/typing/evidence_bench
# A process for each core, up to four, for each imports torch; ARGS=-n0 runs all tests in one.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist worksteal

.PHONY: run test slow mutants lint check format clean

run: $(STAMP)
	$(BIN)/python -m benchmarks.run $(ARGS)

test: $(STAMP)
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

slow: $(STAMP)
	$(BIN)/python -m pytest -m slow $(ARGS)

mutants: $(STAMP)
	$(BIN)/python -m tests.mutants $(ARGS)

lint: $(STAMP) $(TYPING)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# mypy follows no package-dir: it sees the one name through links.
$(TYPING):
	mkdir -p $@
	ln -s $(CURDIR)/evidence_bench/*.py $(CURDIR)/evidence_bench/py.typed $@
	for part in models estimators benchmarks reports; do ln -s $(CURDIR)/$$part $@/$$part; done

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("evidence-bench needs Python 3.11 or newer; run make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAINTS) -e '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info
