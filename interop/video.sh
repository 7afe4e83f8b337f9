#!/bin/sh
# usage: interop/video.sh BUILD: a headless Chromium with JsSIP calls us and is called with video. Fails when a line fails.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")"
. ./modules.sh
sh bundle.sh "$build/jssip.js"
PIPIT_BUILD=$build exec node video.mjs
