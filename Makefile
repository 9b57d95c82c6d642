# Resync. `make help` lists the verbs.

HOST ?= 127.0.0.1
PORT ?= 8000
# More options for `manage.py up`, such as UPARGS=--no-demo
UPARGS ?=
# What pytest gets, such as TESTARGS="tests/tws -x"
TESTARGS ?=
# How many cores it may use; 0 runs all tests in one process, as --pdb wants it
WORKERS ?= auto
# The Python to build .venv with; by default the first that is new enough
PYTHON ?=

.DEFAULT_GOAL := help
.PHONY: help run test check bench lock clean

PY := .venv/bin/python
LOCKS := base embedded prod dev
COMPILE := .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock"

# Builds .venv when it is missing or out of date, with the packages of one lock.
define install
	@for python in $(or $(PYTHON),python3 python3.11 python3.12 python3.13 python); do \
	    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        exec "$$python" requirements/install.py $(1); \
	    fi; \
	done; \
	echo "Resync needs Python 3.11 or newer; found none as $(or $(PYTHON),python3). Choose one with PYTHON=/path/to/python3 make $@" >&2; \
	exit 1
endef

help: ## list the verbs
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F '|' '{printf "  make %-8s %s\n", $$1, $$2}'

run: ## start everything in the foreground; PORT=8001 and HOST=0.0.0.0 choose the address
	$(call install,embedded)
	@exec $(PY) manage.py up --host "$(HOST)" --port "$(PORT)" --parent "$$PPID" $(UPARGS)

test: ## run the whole suite; TESTARGS="tests/tws -x" chooses a part
	$(call install,dev)
	@exec $(PY) -m pytest -n $(WORKERS) --maxprocesses 4 --dist worksteal $(TESTARGS)

check: ## lint, types, import contracts, migrations, deployment settings, locks
	$(call install,dev)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	@data=$$(mktemp -d) && trap 'rm -rf "$$data"' EXIT && \
	    echo "$(PY) manage.py makemigrations --check --dry-run" && \
	    DATABASE_URL= RESYNC_DATA_DIR="$$data" DJANGO_SETTINGS_MODULE=resync_site.settings.test \
	        $(PY) manage.py makemigrations --check --dry-run
	RESYNC_READ_DOTENV=0 DJANGO_SETTINGS_MODULE=resync_site.settings.prod \
	    SECRET_KEY=0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ \
	    ALLOWED_HOSTS=resync.example.org DATABASE_URL=postgres://nobody@127.0.0.1/none \
	    $(PY) manage.py check --deploy --fail-level WARNING
	@echo "locks are up to date with requirements/*.in" && \
	    copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && cp -R requirements "$$copy" && \
	    for name in $(LOCKS); do \
	        (cd "$$copy" && "$(CURDIR)"/$(COMPILE) "requirements/$$name.in" -o "requirements/$$name.txt") && \
	        diff -q "requirements/$$name.txt" "$$copy/requirements/$$name.txt" >/dev/null || \
	        { echo "requirements/$$name.txt is not what requirements/$$name.in gives: run make lock" >&2; exit 1; }; \
	    done

bench: ## measure what the README claims; BENCH_JSON=path keeps the figures
	$(call install,dev)
	@exec $(PY) -m tests.bench

lock: ## compile requirements/*.txt anew, keeping the versions that still fit
	$(call install,dev)
	@for name in $(LOCKS); do \
	    $(COMPILE) "requirements/$$name.in" -o "requirements/$$name.txt" || exit 1; \
	done

clean: ## remove .venv and caches; the data in .resync stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
