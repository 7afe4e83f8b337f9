#!/bin/sh
# usage: interop/sipp.sh BUILD [WORD]: our user agents with SIPp, over UDP and TCP. Prints a line a case; fails when one fails. With WORD
# only the cases with that word in their name. Without, a call with plain RTP follows.
set -eu
build=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")"
PIPIT_BUILD=$build node sipp.mjs "$@"
[ $# -gt 0 ] || exec sh rtp.sh "$build"
