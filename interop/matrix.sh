#!/bin/sh
# usage: interop/matrix.sh BUILD [WORD]: our user agents with JsSIP and with SIP.js in a headless Chromium, through the switchboard and
# through Kamailio. Prints a table; fails when a cell fails. With WORD only the cases with that word in their name.
set -eu
build=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")"
. ./modules.sh
for library in jssip sipjs; do
    node_modules/.bin/esbuild "far/$library.js" --bundle --format=iife --log-level=error --outfile="$build/far-$library.js"
done
PIPIT_BUILD=$build exec node matrix.mjs "$@"
