#!/bin/sh
# usage: interop/data.sh BUILD: data channels with a headless Chromium in calls, and with aiortc without; each side offers once. Fails when
# a line fails.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")"
. ./modules.sh
sh bundle.sh "$build/jssip.js"
status=0
PIPIT_BUILD=$build node data.mjs || status=1
python=
for one in python3 /usr/bin/python3; do
    [ -n "$python" ] || ! "$one" -c 'import aiortc' 2>/dev/null || python=$one
done
if [ -n "$python" ]; then
    PYTHONDONTWRITEBYTECODE=1 "$python" data.py "$build" || status=1
else
    echo "skipped aiortc: there is no Python that has it"
fi
exit $status
