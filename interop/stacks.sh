#!/bin/sh
# usage: interop/stacks.sh BUILD: peer connections of ours against aiortc and GStreamer's webrtcbin. Prints a line a case; fails when
# one fails. A stack that is not there is skipped.
set -eu
PIPIT_BUILD=$(cd "$1" && pwd)
export PIPIT_BUILD
exec node "$(dirname "$0")/stacks.mjs"
