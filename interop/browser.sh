#!/bin/sh
# usage: interop/browser.sh BUILD: a headless Chromium with JsSIP calls us and is called. Prints a table; fails when a line fails.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")"
. ./modules.sh
node ../tests/parity/names.mjs node_modules/jssip | diff ../tests/parity/names.txt - ||
    { echo "interop: tests/parity/names.txt is not what this JsSIP has" >&2; exit 1; }
sh bundle.sh "$build/jssip.js"
PIPIT_BUILD=$build exec node browser.mjs
