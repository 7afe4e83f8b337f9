#!/bin/sh
# usage: interop/turn.sh BUILD: calls by way of a coturn, over UDP, TCP and TLS: with JsSIP in a headless Chromium, and between two of
# ours. Prints a table; fails when a line fails; exit status 77 without coturn.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")"
command -v turnserver >/dev/null || { echo "interop: skipped, there is no coturn (turnserver)" && exit 77; }
. ./modules.sh
sh bundle.sh "$build/jssip.js"
PIPIT_BUILD=$build exec node turn.mjs
