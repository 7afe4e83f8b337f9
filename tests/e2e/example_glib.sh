#!/bin/sh
# usage: example_glib.sh BUILD: examples/glib_loop.c sends a message, which examples/message.c gets. A skip (77) where it was built
# without GLib.
set -eu
build=$1
[ -x "$build/example_glib_loop" ] || { echo "glib_loop: GLib is not here"; exit 77; }
board_name=glib_loop
. "$(dirname "$0")/../support/board.sh"

timeout 60 "$build/example_message" "$server" sip:bob@localhost >"$work/listen" 2>&1 &
listener=$!
await_registrations 1
timeout 20 "$build/example_glib_loop" "$server" sip:alice@localhost bob "from a main loop" >"$work/glib_loop" 2>&1 ||
    fail "glib_loop.c: exit $?"
await "$work/listen" 'from a main loop'
await "$work/switchboard" '"unregistered"'
kill "$listener" 2>/dev/null || true
echo "glib_loop: a message was sent from a GLib main loop"
