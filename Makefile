# What one types here. `make` alone lists it.

PYTHON ?= python3
LEARN  ?= learn
N      ?= 200
# tests are shared out file by file, in the order of tests/conftest.py, to two processes more than
# there are cores: some wait for limits, kernels and browsers
SHARED = -n $(shell expr $$(nproc) + 2) --maxprocesses 6 --dist loadfile --no-loadscope-reorder

.PHONY: help lab lab-test teach class test check coverage docs bench clean

help:
	@echo "make lab       open the lessons in JupyterLab (your copies stand in $(LEARN)/; LEARN=folder for another)"
	@echo "make teach     install what grading a class needs, and say what isolation this machine gives"
	@echo "make class     make up a class of N=$(N), grade it, and report on it, in build/class"
	@echo "make check     the style checks, the types and the fast tests"
	@echo "make test      run everything that is tested"
	@echo "make coverage  the same, and say which lines no test ran"
	@echo "make docs      the site, with the lessons run and rendered, into build/site (PACKAGES=folder: what"
	@echo "               its /lab/ asks Pyodide's server for is in it, and no server is asked)"
	@echo "make lab-test  every lesson and every solution in the site's /lab/, in a browser (some minutes)"
	@echo "make bench     the benchmarks, printed and kept in bench/RESULTS.md (a quarter of an hour)"
	@echo "make clean     remove .venv and what tools left behind (never $(LEARN)/)"

lab: .venv/lab.done
	@.venv/bin/backpropkit lab "$(LEARN)"

teach: .venv/instructor.done
	@.ci/debian bubblewrap || true
	@.venv/bin/autograder doctor

# afterwards build/class is a course to look at: formgrader, generate_feedback, autograder explain
class: .venv/instructor.done
	@.ci/debian bubblewrap || true
	@rm -rf build/class
	.venv/bin/python -m tools.a_class build/class $(N)
	.venv/bin/autograder grade ps6 --course build/class
	.venv/bin/autograder report ps6 --course build/class --html build/class/report.html
	.venv/bin/python -m tools.a_class --compare build/class

# bubblewrap isolates submissions, chromium drives the notebooks; without them their tests skip, and say so.
# With Pyodide's packages /lab/ is tried too.
test: .venv/test.done
	@.ci/debian bubblewrap || true
	@.ci/debian chromium chromium-sandbox fonts-dejavu-core || true
	@command -v npm >/dev/null || .ci/debian npm || true
	@$(MAKE) --no-print-directory .venv/pyodide.done || true
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/python -m compileall -q backpropkit autograder  # once, not in each process of hundreds
	.venv/bin/pytest $(SHARED)

check: .venv/test.done
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/pytest -m "not slow"

coverage: .venv/test.done
	.venv/bin/pytest $(SHARED) --cov --cov-report=term-missing:skip-covered --cov-report=html:build/coverage

docs: .venv/docs.done
	.venv/bin/python -m sphinx -W --keep-going -q -c docs -b html . build/site
	@command -v npm >/dev/null || .ci/debian npm
	.venv/bin/python -m tools.lab_site build/site/lab $(if $(PACKAGES),--packages "$(PACKAGES)")
	@echo "The site begins at build/site/index.html; to look at it: python3 -m http.server -d build/site"

# all of /lab/, in a browser: every lesson, every solution; about five minutes
lab-test: .venv/test.done .venv/pyodide.done
	@.ci/debian chromium chromium-sandbox fonts-dejavu-core || true
	@command -v npm >/dev/null || .ci/debian npm || true
	EVERY_NOTEBOOK=1 .venv/bin/pytest tests/browser/test_lab_site.py

# peers side by side; torch and jax are timed too where they are installed
bench: .venv/test.done .venv/bench.done .venv/pyodide.done
	.venv/bin/python -m bench

# One environment serves all; a stamp a set of packages, renewed when what they depend on changes.
.venv/%.done: pyproject.toml constraints.txt | .venv/bin/pip
	@echo "Installing backpropkit[$*] into .venv; the first time takes a minute or two."
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check \
		-c constraints.txt -e ".[$*]"
	@touch $@

.venv/bin/pip:
	@.ci/venv $(PYTHON)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
