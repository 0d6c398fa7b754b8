# Two commands do everything: `make run` opens the desk, `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TESTABLE := $(VENV)/.testable
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# Of each line of a list, whose names are one package under different names, none is installed.
missing = $(shell sed -e '/^\#/d' -e 's/ //g' $(1) | while read -r names; do \
	dpkg-query -W -f '$${Status}\n' $$(echo "$$names" | tr '|' ' ') 2>/dev/null \
	| grep -q 'ok installed' || echo "'$$names'"; done)

.PHONY: run test setup lint coverage bench pictures clean

run: setup
	@$(BIN)/python main.py run

test: $(TESTABLE)
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest

lint: $(TESTABLE)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

# What the tests reach; TESTS="tests/console/city" for a part of them.
coverage: $(TESTABLE)
	@mkdir -p build; failed=0; \
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m coverage run -m pytest $(TESTS) || failed=1; \
	$(BIN)/python -m coverage json -q && $(BIN)/python -m tests.coverage_table build/coverage.json \
	|| failed=1; exit $$failed

bench: $(TESTABLE)
	@mkdir -p build/bench; failed=0; for file in tests/bench/[a-z]*.py; do \
		name=$$(basename $$file .py); [ $$name = report ] && continue; echo; echo "== $$name"; \
		QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.bench.$$name --json build/bench/$$name.json \
		|| failed=1; done; exit $$failed

PICTURES := desk-en incident-zh incident-en dispatched-zh video-zh sos-zh sos-en
pictures: $(TESTABLE)
	@mkdir -p docs/pictures
	@for name in $(PICTURES); do \
		QT_QPA_PLATFORM=offscreen $(BIN)/python main.py shot $${name%-*} --size 1920x1080 \
		--lang $${name#*-} --out docs/pictures/$$name.png || exit 1; done
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.end2end.picture_of_field_page --out docs/pictures/field.png

setup: $(READY)

# The first of the names that this system knows is taken.
define install
	@if ! command -v apt-get >/dev/null; then \
		echo "Not Debian: see 'Other systems' in README.md for what to install."; \
	elif [ -n "$(call missing,$(1))" ]; then \
		$(SUDO) apt-get update -q || exit 1; chosen=; \
		for names in $(call missing,$(1)); do known=; \
			for name in $$(echo "$$names" | tr '|' ' '); do \
				[ -n "$$known" ] || ! apt-cache policy "$$name" | grep -q 'Candidate: [^(]' \
				|| known=$$name; done; \
			[ -n "$$known" ] || echo "This system has no $$names: what wants it does without."; \
			chosen="$$chosen $$known"; done; \
		echo "Installing system packages:$$chosen"; \
		DEBIAN_FRONTEND=noninteractive \
		$(SUDO) apt-get install -q -y --no-install-recommends $$chosen; fi
endef

$(READY): pyproject.toml system-packages.txt
	$(call install,system-packages.txt)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(TESTABLE): $(READY) tests/system-packages.txt
	$(call install,tests/system-packages.txt)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage
