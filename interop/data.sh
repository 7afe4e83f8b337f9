#!/bin/sh
# usage: interop/data.sh BUILD: data channels with a headless Chromium in calls; each side offers once. Fails when a line fails.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")"
. ./modules.sh
sh bundle.sh "$build/jssip.js"
PIPIT_BUILD=$build exec node data.mjs
