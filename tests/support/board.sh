# Sourced by scripts that run programs against a switchboard on loopback: starts one, with the users alice, bob and carol, and names it
# in $server. Wants $build and a $board_name for its sentences; leaves logs in $work.
work=$(mktemp -d)
board=
trap '[ -z "$board" ] || kill -INT "$board" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

fail() {
    echo "$board_name: $*"
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

# await_registrations COUNT: until there were so many in all.
await_registrations() {
    tries=200
    until [ "$(grep -c '"event":"registered"' "$work/switchboard")" -ge "$1" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "not $1 registrations"
        sleep 0.05
    done
}

XDG_CONFIG_HOME=$work "$build/pipit" serve --json --no-wss --ws 127.0.0.1:0 --user alice:secret --user bob:secret \
    --user carol:secret \
    >"$work/switchboard" 2>&1 &
board=$!
await "$work/switchboard" '"listening"'
server=ws://127.0.0.1:$(sed -n 's/.*"ws_port":\([0-9]*\).*/\1/p' "$work/switchboard" | head -n 1)
export SIP_PASSWORD=secret
