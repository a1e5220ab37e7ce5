#!/bin/sh
# Sets up a virtual environment beside the build, generates the types and runs both clients.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
proto="$here/../../proto"
work="${MUKAE_PYTHON_DIR:-$here/../../target/python}"
server="${1:?usage: run.sh HOST:PORT}"

[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
mkdir -p "$work/generated"
(cd "$proto" && find transit google -name '*.proto') | sort >"$work/protos"
"$work/venv/bin/python" -m grpc_tools.protoc -I "$proto" \
    --python_out="$work/generated" --grpc_python_out="$work/generated" $(cat "$work/protos")
PYTHONPATH="$work/generated" "$work/venv/bin/python" "$here/ride.py" "$server"
"$work/venv/bin/python" "$here/reflect.py" "$server"
