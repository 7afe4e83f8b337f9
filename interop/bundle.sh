#!/bin/sh
# usage: interop/bundle.sh FILE: JsSIP from npm as one script for a page. Needs interop/node_modules.
set -eu
cd "$(dirname "$0")"
. ./modules.sh
node_modules/.bin/esbuild node_modules/jssip/lib/JsSIP.js --bundle --format=iife --global-name=JsSIP --minify \
    --log-level=error --outfile="$1"
