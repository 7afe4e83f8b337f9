# Sourced by scripts that run programs against a switchboard on loopback: starts one, with the users alice, bob and carol, and names it
# in $server. Wants $build and a $board_name for its sentences; leaves logs in $work.
. "$(dirname "$0")/../support/programs.sh"
work=$(mktemp -d)
trap 'end_programs; rm -rf "$work"' EXIT

fail() {
    echo "$board_name: $*"
    for log in "$work"/*; do
        [ -f "$log" ] && sed "s|^|  $(basename "$log"): |" "$log"
    done
    exit 1
}

has_registered() {
    [ "$(grep -c '"event":"registered"' "$work/switchboard")" -ge "$1" ]
}

# await_registrations COUNT: until there were so many in all.
await_registrations() {
    await_that "not $1 registrations" has_registered "$1"
}

XDG_CONFIG_HOME=$work "$build/pipit" serve --json --no-wss --ws 127.0.0.1:0 --user alice:secret --user bob:secret \
    --user carol:secret \
    >"$work/switchboard" 2>&1 &
processes=$!
await "$work/switchboard" '"listening"'
server=ws://127.0.0.1:$(sed -n 's/.*"ws_port":\([0-9]*\).*/\1/p' "$work/switchboard" | head -n 1)
export SIP_PASSWORD=secret
