#!/bin/sh
# Copies this beside the build, installs what it needs there, generates the types, compiles the client and runs it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
server="${1:?usage: run.sh HOST:PORT}"
work="${MUKAE_TYPESCRIPT_DIR:-$here/../../target/typescript}"

mkdir -p "$work"
for each in .npmrc package.json package-lock.json tsconfig.json generate.mjs src; do
    rm -rf "${work:?}/$each"
    cp -r "$here/$each" "$work/$each"
done
descriptors="$here/../../proto/src/gen/descriptor.bin"
cd "$work"
if ! cmp -s package-lock.json installed.json; then
    npm ci --silent
    cp package-lock.json installed.json
fi
rm -rf built
node generate.mjs "$descriptors"
node node_modules/typescript/bin/tsc
node built/src/ride.js "http://$server"
