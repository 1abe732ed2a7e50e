# Everything runs in .venv, with the exact versions of requirements.txt. `make demo` and `make test` need nothing else set up.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
RULE4ML := .venv-rule4ml
FRAMEWORKS := .venv-frameworks
SITE := .venv-docs
JOBS ?= 2
UV := 0.13.8
# Of `make fuzz`: cases of each kind, the seed of the first, and the kinds (all if empty; tests/fuzz/cases.py has their names).
CASES ?= 100
SEED ?= 0
KINDS ?=
HEADERS := $(wildcard hls4ml_hwprune/host/firmware/nnet_utils/*.h hls4ml_hwprune/host/firmware/*/nnet_utils/*.h)

.PHONY: setup demo docs test test-slow test-matrix test-frameworks test-wheel wheel coverage fuzz lint lint-headers format-headers bench clean

setup: $(INSTALLED)

# The pins are complete, so no resolver runs: --no-deps. Some of the pinned packages come as sources that build with setuptools.
$(INSTALLED): requirements.txt pyproject.toml
	command -v $(PYTHON) > /dev/null || { echo 'Python 3.11 is needed; give another interpreter with PYTHON=...' >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip install --quiet --compile-bytecode --no-deps -r requirements.txt
	VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip install --quiet --no-deps -e .
	touch $@

demo: setup
	$(BIN)/python examples/demo.py --output demo_output

# One thread of linear algebra for each of the jobs.
test: setup
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m 'not slow and not matrix'

test-slow: setup
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m slow

# Every layer with every back end, interface and strategy, against docs/coverage.md; and that page, written anew.
test-matrix: setup
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m matrix

coverage: setup
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.matrix

fuzz: setup
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz --seed $(SEED) --cases $(CASES) $(if $(KINDS),--kinds $(KINDS))

# Keras 3, HGQ2, PyTorch and ONNX, which cannot be installed beside TensorFlow 2.14.
$(FRAMEWORKS)/.installed: requirements-frameworks.txt pyproject.toml
	test -x $(FRAMEWORKS)/bin/python || $(PYTHON) -m venv $(FRAMEWORKS)
	$(FRAMEWORKS)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-frameworks.txt
	$(FRAMEWORKS)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

test-frameworks: $(FRAMEWORKS)/.installed
	for engine in jax torch; do KERAS_BACKEND=$$engine $(FRAMEWORKS)/bin/python -m pytest tests/training/test_keras3.py || exit 1; done
	$(FRAMEWORKS)/bin/python -m pytest tests/training/test_torch.py
	KERAS_BACKEND=jax $(FRAMEWORKS)/bin/python -m pytest tests/frontends

# The wheel in clean environments, with each extra: of one Python, or of PYTHONS='python3.11 python3.12 python3.13'.
PYTHONS ?= $(PYTHON)
wheel: setup
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w dist .

test-wheel: wheel
	for python in $(PYTHONS); do $(BIN)/python -m tests.wheel dist/*.whl --python $$python || exit 1; done

# clang-format moves pragmas to the first column: it is shown comments in their place, as by the hook of hls4ml.
AS_COMMENTS := sed 's|\#pragma|// &|'
AS_PRAGMAS := sed 's|// \#pragma|\#pragma|'

lint-headers: setup
	for header in $(HEADERS); do \
		$(AS_COMMENTS) $$header | $(BIN)/clang-format --dry-run --Werror --assume-filename=$$header || exit 1; \
	done

format-headers: setup
	for header in $(HEADERS); do \
		$(AS_COMMENTS) $$header | $(BIN)/clang-format --assume-filename=$$header | $(AS_PRAGMAS) > $$header.new && mv $$header.new $$header; \
	done

lint: setup lint-headers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_house.py

# The pages of docs/ as a site, in an environment of their own; a broken link is an error.
$(SITE)/.installed: requirements-docs.txt
	$(PYTHON) -m venv $(SITE)
	$(SITE)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	touch $@

docs: $(SITE)/.installed
	PYTHONPATH=. NO_MKDOCS_2_WARNING=1 $(SITE)/bin/mkdocs build --quiet --strict

# rule4ml has the GPL: a benchmark compares with it, from an environment of its own.
$(RULE4ML)/.installed: $(INSTALLED)
	$(BIN)/uv venv --quiet --clear --python $(PYTHON) $(RULE4ML)
	VIRTUAL_ENV=$(abspath $(RULE4ML)) $(BIN)/uv pip install --quiet rule4ml==0.2.0
	touch $@

bench: setup $(RULE4ML)/.installed
	$(BIN)/python -m benchmarks.bench_compile
	$(BIN)/python -m benchmarks.bench_planning
	$(BIN)/python -m benchmarks.bench_large
	$(BIN)/python -m benchmarks.bench_knapsack
	$(BIN)/python -m benchmarks.bench_choice
	$(BIN)/python -m benchmarks.bench_choice --compile
	$(BIN)/python -m benchmarks.bench_packings
	$(BIN)/python -m benchmarks.bench_snapping
	$(BIN)/python -m benchmarks.bench_accuracy
	$(BIN)/python -m benchmarks.bench_accuracy --cases jets --reuse-factors 4 --shares 0.3 0.2 0.1 --methods 'calibrated, aligned' 'calibrated, permuted'
	$(BIN)/python -m benchmarks.bench_training
	$(BIN)/python -m benchmarks.training_theirs
	$(BIN)/python -m benchmarks.check_elementwise
	$(BIN)/python -m benchmarks.bench_model --rule4ml $(RULE4ML)/bin/python

clean:
	rm -rf $(VENV) $(RULE4ML) $(FRAMEWORKS) demo_output
