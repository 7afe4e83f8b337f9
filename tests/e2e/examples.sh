#!/bin/sh
# usage: examples.sh BUILD: every example as a user would run it, against a switchboard on loopback.
set -eu
build=$1
work=$(mktemp -d)
board=
trap '[ -z "$board" ] || kill -INT "$board" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

fail() {
    echo "examples: $*"
    for log in "$work"/*; do
        [ -f "$log" ] && sed "s|^|  $(basename "$log"): |" "$log"
    done
    exit 1
}

# await FILE PATTERN: for ten seconds at most.
await() {
    tries=200
    until grep -q "$2" "$1" 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "no '$2' in $1"
        sleep 0.05
    done
}

XDG_CONFIG_HOME=$work "$build/pipit" serve --json --no-wss --ws 127.0.0.1:0 --user alice:secret --user bob:secret \
    >"$work/switchboard" 2>&1 &
board=$!
await "$work/switchboard" '"listening"'
server=ws://127.0.0.1:$(sed -n 's/.*"ws_port":\([0-9]*\).*/\1/p' "$work/switchboard" | head -n 1)
export SIP_PASSWORD=secret

timeout 60 "$build/example_answer" "$server" sip:bob@localhost 1 >"$work/answer" 2>&1 &
answer=$!
await "$work/switchboard" '"registered"'
timeout 30 "$build/example_call" "$server" sip:alice@localhost bob >"$work/call" 2>&1 || fail "call.c: exit $?"
grep -q answered "$work/call" || fail "call.c said nothing of an answer"
wait "$answer" || fail "answer.c: exit $?"

timeout 60 "$build/example_message" "$server" sip:bob@localhost >"$work/listen" 2>&1 &
listener=$!
tries=100
until [ "$(grep -c '"event":"registered"' "$work/switchboard")" -ge 3 ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "message.c did not register"
    sleep 0.05
done
timeout 20 "$build/example_message" "$server" sip:alice@localhost bob "Hello Bob" >"$work/message" 2>&1 || fail "message.c: exit $?"
await "$work/listen" 'Hello Bob'
kill "$listener" 2>/dev/null || true

timeout 60 "$build/example_presence" "$server" sip:bob@localhost >"$work/watched" 2>&1 &
watched=$!
await "$work/watched" registered
timeout 30 "$build/example_presence" "$server" sip:alice@localhost bob >"$work/watching" 2>&1 || fail "presence.c: exit $?"
grep -q 'open: on the phone' "$work/watching" || fail "presence.c did not hear of the phone"
wait "$watched" || fail "presence.c, watched: exit $?"

timeout 20 "$build/example_own_loop" "$server" sip:alice@localhost >"$work/own_loop" 2>&1 || fail "own_loop.c: exit $?"
timeout 20 "$build/example_own_socket" >"$work/own_socket" 2>&1 || fail "own_socket.c: exit $?"
echo "examples: call, answer, message, presence, own_loop and own_socket work"
