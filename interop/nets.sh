#!/bin/sh
# usage: interop/nets.sh BUILD: calls between network namespaces, each kind of NAT against each. Prints a table; fails when a line fails;
# exit status 77 without coturn, or where namespaces are not allowed.
set -eu
PIPIT_BUILD=$(cd "$1" && pwd)
export PIPIT_BUILD
command -v turnserver >/dev/null || { echo "interop: skipped, there is no coturn (turnserver)" && exit 77; }
exec node "$(dirname "$0")/nets.mjs"
