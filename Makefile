# Two commands do everything: `make book` and `make test`. Both install what they need into .venv first.
SCALE ?= thousandth
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python -m false_promise.book

.DEFAULT_GOAL := help
.PHONY: help setup book grid models calibrate ship public notebook test test-unit lint lock clean

help:
	@echo "make book [SCALE=smoke] [RECORDED=1]   run every notebook, build _build/html/index.html"
	@echo "make test                              unit tests, then the whole book at scale smoke"
	@echo "make models [SCALE=smoke]              only pre-train the base LMs and the teacher"
	@echo "make grid [SCALE=smoke]                every seed, rate, amount and control, into data/recorded/"
	@echo "make calibrate                         learning rates, preconditions and power on the pilot world"
	@echo "make ship SCALE=thousandth             copy finished models and imitation data to data/, with a manifest"
	@echo "make public                            measure again on public artefacts of real models, into data/public/"
	@echo "make notebook NAME=local_vs_broad P='-p pairs \"[6, 60]\"'   one page with other parameters"
	@echo "make setup | test-unit | lint | lock | clean"

# The stamp is written last: an interrupted installation is done again.
$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) src/false_promise/preflight.py $(SCALE)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: $(VENV)/installed

book: setup
	$(RUN) build --scale $(SCALE) $(if $(RECORDED),--recorded)

models: setup
	$(RUN) models --scale $(SCALE)

grid: setup
	$(RUN) grid --scale $(SCALE)

calibrate: setup
	$(BIN)/python -m false_promise.study.calibration

ship: setup
	$(BIN)/python -m false_promise.shipping $(SCALE)

public: setup
	$(BIN)/python -m false_promise.public_artefacts

notebook: setup
	$(RUN) notebook $(NAME) $(P)

test: test-unit
	$(BIN)/python -m pytest -m slow

test-unit: setup
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

lint: setup
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks

# Needs uv (pip install uv). GPU libraries are left out: torch brings those that its own build needs.
lock:
	uv pip compile --universal --python-version 3.11 --all-extras --no-header --quiet pyproject.toml \
	  | grep -v -E '^(nvidia|triton|cuda)|^ *# via' > requirements.lock

# Runs in store/ stay (they are what takes time); remove that folder by hand to start from nothing.
clean:
	rm -rf _build results book/*.ipynb
