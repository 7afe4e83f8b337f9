#!/bin/sh
# usage: interop/loss.sh BUILD: a headless Chromium with JsSIP and pipit in network namespaces, over lines that lose packets. Prints a table;
# fails when a line fails; exit status 77 where namespaces are not allowed.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")"
. ./modules.sh
sh bundle.sh "$build/jssip.js"
PIPIT_BUILD=$build exec node loss.mjs
