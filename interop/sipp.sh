#!/bin/sh
# usage: interop/sipp.sh BUILD [WORD]: our user agents with SIPp, over UDP and TCP. Prints a line a case; fails when one fails. With WORD
# only the cases with that word in their name.
set -eu
build=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")"
PIPIT_BUILD=$build exec node sipp.mjs "$@"
