# Layers by Hand. `make book` and `make test` are all a reader needs; both set up what is missing and may be run again.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help book test test-deep test-lab test-colab lab serve bench notebooks lint clean

# The first fitting Python on the path; PYTHON=... chooses another.
FITS := -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do $$p $(FITS) && { echo $$p; break; }; done)
BIN := .venv/bin
READY := .venv/.ready
LIBRARY := $(shell find lib -type f -not -path '*/__pycache__/*' -not -path '*.egg-info/*')
BOOK := $(shell find chapters webassets -type f -not -path '*/.ipynb_checkpoints/*') _config.yml _toc.yml
HTML := _build/html/index.html
PORT ?= 8000
export TF_CPP_MIN_LOG_LEVEL := 3
export PYDEVD_DISABLE_FILE_VALIDATION := 1

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml tools/ipython_kernel_config.py
	@$(or $(PYTHON),false) $(FITS) || { echo "Layers by Hand needs Python 3.11, 3.12 or 3.13, and $(or $(PYTHON),what is on the path) is none of them. Install one, or say where it is: make $(or $(MAKECMDGOALS),book) PYTHON=/path/to/python3"; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) (a few minutes the first time)"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || { echo "That Python cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --disable-pip-version-check --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@mkdir -p .venv/etc/ipython && cp tools/ipython_kernel_config.py .venv/etc/ipython/
	@touch $@

# A change of the library changes what the notebooks print, so everything kept from earlier runs goes.
_build/.library: $(READY) $(LIBRARY)
	@rm -rf _build && mkdir -p _build && touch $@

$(HTML): _build/.library $(BOOK)
	@echo "Running the notebooks and building the pages"
	@rm -f $@
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter-book build . -W -n --keep-going || { echo "The book was not built. Notebooks that ran are kept: make book goes on from here."; exit 1; }
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir _build/html/wheels .
	@rm -rf build

book: $(HTML)  ## build the book and say which file to open
	@echo "Open file://$(CURDIR)/_build/html/index.html"

browser: $(READY)
	@$(BIN)/python -m tests.browser

test: browser book lint  ## build the book and run every quick test
	@$(BIN)/python -m pytest tests --ignore tests/live -n 2 --dist worksteal
	@$(BIN)/python -m pytest chapters --nbval --nbval-current-env --nbval-cell-timeout 300 \
		--nbval-sanitize-with tests/book/nbval.ini -n 2 --dist loadscope

test-deep: $(READY)  ## thousands of random settings of every layer
	@HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest tests/layers tests/training -n 2

test-lab: $(READY)  ## figures and labs at work in JupyterLab
	@$(BIN)/python -m pytest tests/live -rs

test-colab: $(READY)  ## the notebooks with the versions that Colab has
	@$(BIN)/python tools/colab.py

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

notebooks: $(READY)  ## run every notebook again and store its outputs, cleaned
	@$(BIN)/python tools/notebooks.py run

lab: $(READY)  ## open the notebooks in JupyterLab
	@$(BIN)/jupyter-lab chapters

serve: book  ## serve the built book on this machine
	@$(BIN)/python -m http.server --directory _build/html --bind 127.0.0.1 $(PORT) || { echo "Nothing is served. If something else uses port $(PORT), choose another: make serve PORT=8001"; exit 1; }

# NumPy's OpenBLAS may choose the code for this very processor, as TensorFlow does.
bench: $(READY)  ## measure NumPy against Keras, side by side
	@env -u OPENBLAS_CORETYPE $(BIN)/python -m bench

clean:  ## remove what was built (not .venv)
	@rm -rf _build build .hypothesis .ruff_cache
