# Two commands matter: make quickstart, make test. Each makes its own virtual environment.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: quickstart test check format rehearsal-base learning asking training pictures clean

quickstart: $(VENV)/.for-use   ## teach the rehearsal student a fictional world; ends with a report
	$(BIN)/closedbook run --project examples/quickstart

test: check   ## every check and test; what CI runs
	$(BIN)/pytest -m slow

check: $(VENV)/.for-development   ## the fast part: format, lint, types, imports, sizes, quick tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -m "not slow" -n auto --dist worksteal

format: $(VENV)/.for-development
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

rehearsal-base: $(VENV)/.for-use   ## make the rehearsal student's base again (about 15 minutes)
	$(BIN)/python tools/make_rehearsal_base.py

learning: $(VENV)/.for-use   ## benchmark: does the student learn? five worlds with controls
	$(BIN)/python benchmarks/learning.py

asking: $(VENV)/.for-use     ## benchmark: what asking costs and withstands, beside baselines
	for figure in cost slots limits faults kill outage edit replicas budget replay memory; do \
		$(BIN)/python -m benchmarks.asking $$figure || exit 1; done

training: $(VENV)/.for-use   ## benchmark: training beside a bare loop, padding, encoding
	$(BIN)/python benchmarks/training.py

pictures: $(VENV)/.for-development   ## the README's and tutorial's pictures, after make quickstart
	$(BIN)/python tools/make_pictures.py

clean:
	rm -rf $(VENV) examples/quickstart/out examples/quickstart/.closedbook
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.for-use: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) install --quiet --constraint constraints.txt --editable '.[train]'
	touch $@

$(VENV)/.for-development: $(VENV)/.for-use
	$(PIP) install --quiet --constraint constraints.txt --editable '.[train,rag,dev]'
	$(PIP) install --quiet --no-deps instructlab-training==0.16.2   # compared with; pulls CUDA otherwise
	touch $@
