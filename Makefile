# make demo    the war room against an embedded simulator; make demo ARGS="error-spike --speed 120"
# make test    the whole suite, lint and types included; make test ARGS="tests/core -x"
# make test-long   what takes long: whole nights by keyboard, every scenario, example and import played to its end
# make torture  what must be survived, in full: 300 kills, a cut line, 72 hours in time-lapse, 50,000 fuzzed inputs,
#               200 take-overs between hosts
# make audit    known holes in what the locks name, where advisories can be reached
# make test-postgres   the journal on a real PostgreSQL: killed, paused, cut off; two hosts; Debian's or npm's
# make test-install   wheel and sdist on every Python that is here, what the pages say to type in a clone; needs an index
# make test-unleash   a canary against a real Unleash on a real PostgreSQL, both from npm; needs Node.js 20 or newer
# The other targets are for work on the code: bench, docs, lint, snapshots, reference, lock, clean.

SHELL := /bin/sh
PY := .venv/bin/python
ARGS ?=
PYTHON ?=
export PYTHON

.DEFAULT_GOAL := demo
.PHONY: demo docs test test-long torture audit test-postgres test-install test-unleash bench lint mutants coverage snapshots reference lock clean runtime dev

demo: runtime
	@.venv/bin/pags-tui demo $(ARGS)

test: dev
	@tools/fetch-prometheus
	@[ "$$CI" != true ] || tools/fetch-chromium
	@$(PY) -m pytest -n 4 --dist worksteal $(ARGS)

test-long: dev
	@tools/fetch-prometheus
	@[ "$$CI" != true ] || tools/fetch-chromium
	@tools/fetch-sshd
	@tools/fetch-program tmux /usr/bin/tmux
	@tools/fetch-program screen /usr/bin/screen
	@tools/fetch-program zsh /bin/zsh
	@tools/fetch-program fish /usr/bin/fish
	@$(PY) -m pytest -n 2 --dist worksteal -m long $(ARGS)

# About an hour on two cores; ends with the table of docs/reliability.md.
torture: dev
	@tools/fetch-sshd
	@rm -rf .cache/torture
	@tools/fetch-postgres
	@PAGS_TORTURE=full $(PY) -m pytest -n 2 --dist worksteal -m long tests/torture $(ARGS)
	@PAGS_TORTURE=full $(PY) -m pytest -m postgres tests/postgres/test_fencing.py
	@$(PY) -m tests.torture.figures

audit: dev
	@$(PY) -m tools.audit

test-postgres: dev
	@tools/fetch-postgres
	@$(PY) -m pytest -m postgres tests/postgres $(ARGS)

test-install: dev
	@$(PY) -m pytest -n 2 --dist worksteal -m install tests/install $(ARGS)

test-unleash: dev
	@tools/fetch-unleash
	@$(PY) -m pytest -m unleash tests/unleash $(ARGS)

# All benchmarks, or some: make bench ARGS="start keys"; ARGS=--markdown writes the tables into docs/performance.md.
bench: dev
	@tools/fetch-prometheus
	@$(PY) -m benchmarks $(ARGS)

# Changes the judging in one place at a time; a test must notice. docs/judging.md; `ARGS=--left`: what was left last time.
mutants: dev
	@nice -n 10 $(PY) tools/mutants.py $(ARGS)

# Fails where the core has a line or a branch that none of its tests reaches; a minute or two.
coverage: dev
	@tools/coverage $(ARGS)

lint: dev
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

# Frozen screens: look at every changed file under tests before it is committed.
snapshots: dev
	@$(PY) -m pytest -n 2 --snapshot-update $(ARGS)
	@echo "Snapshots written. Look at each changed one (git status) before committing it."

# The site of docs/ into dist/docs; a link that leads nowhere and a page that is not listed are faults.
docs: dev
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --quiet
	@echo "dist/docs/index.html"

# The pages of docs/reference and the man page, from the code: after a change of a command, option, key, field or event.
reference: dev
	@$(PY) -m tools.reference

lock: dev
	@tools/lock $(ARGS)

clean:
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage dist

runtime:
	@tools/environment requirements.lock

dev:
	@tools/environment requirements-dev.lock
