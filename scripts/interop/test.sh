#!/bin/sh
# The tests that need Python: prepares it, then runs them on the compiled project.
set -eu
cd "$(dirname "$0")/../.."
sh scripts/interop/setup.sh
: "${MESHWRIGHT_PYTHON:=$PWD/build/interop/venv/bin/python}"
export MESHWRIGHT_PYTHON
exec npx ava --config scripts/interop/ava.config.mjs
