#!/bin/sh
# usage: demo.sh BUILD [--brief]: a switchboard and two agents as separate processes over WSS on loopback. Alice calls Bob, speech
# flows both ways, digits and a message arrive, Bob hangs up. What each recorded is measured against what the other played.
set -eu
build=$(cd "$1" && pwd)
brief=${2:-}
cd "$(dirname "$0")/.."
work=$build/../demo
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)
pipit=$build/pipit
. tests/support/programs.sh
trap end_programs EXIT
trap 'exit 130' INT TERM

fail() {
    echo "demo: $*" >&2
    for log in "$work"/*.err; do
        [ -s "$log" ] && sed "s|^|  $(basename "$log" .err): |" "$log" >&2
    done
    exit 1
}

[ "$brief" = --brief ] || echo "1. The switchboard: registrar and proxy over WSS, with a certificate of its own."
XDG_CONFIG_HOME=$work "$pipit" serve --json --trace --domain localhost --no-ws --wss 127.0.0.1:0 --certificate "$work/certificate.pem" \
    --key "$work/key.pem" --user alice:wonderland --user bob:builder >"$work/switchboard.jsonl" 2>"$work/switchboard.err" &
processes="$processes $!"
await_that "the switchboard did not start" grep -q '"listening"' "$work/switchboard.jsonl"
port=$(sed -n 's/.*"wss_port":\([0-9]*\).*/\1/p' "$work/switchboard.jsonl" | head -n 1)
account="--server wss://localhost:$port --ca $work/certificate.pem"

[ "$brief" = --brief ] || echo "2. Bob registers and waits. He plays examples/speech/bob.wav to whoever calls, and records."
# shellcheck disable=SC2086
PIPIT_PASSWORD=builder "$pipit" answer $account --uri sip:bob@localhost --play examples/speech/bob.wav --record "$work/bob-heard.wav" \
    --once --duration 9 --json --trace >"$work/bob.jsonl" 2>"$work/bob.err" &
bob=$!
processes="$processes $bob"
await_that "bob did not register" grep -q '"event":"registered"' "$work/bob.jsonl"

[ "$brief" = --brief ] || echo "3. Alice sends a message, then calls: speech both ways, the digits 1 2 # 4, until Bob hangs up."
# shellcheck disable=SC2086
PIPIT_PASSWORD=wonderland "$pipit" message bob "Shall I call you?" $account --uri sip:alice@localhost --json >"$work/message.jsonl" \
    2>"$work/message.err" || fail "the message was not delivered"
await_that "the message did not arrive" grep -q 'Shall I call you' "$work/bob.jsonl"
status=0
# shellcheck disable=SC2086
PIPIT_PASSWORD=wonderland "$pipit" call bob $account --uri sip:alice@localhost --play examples/speech/alice.wav --record \
    "$work/alice-heard.wav" --dtmf ,,,12#4 --duration 30 --json --trace >"$work/alice.jsonl" 2>"$work/alice.err" || status=$?
[ "$status" = 0 ] || fail "alice's call ended with exit status $status"
wait "$bob" || fail "bob ended with exit status $?"

# figure FILE NAME: a number or text of the closing summary.
figure() {
    sed -n 's/.*"event":"summary".*"'"$2"'":"\{0,1\}\([^,"}]*\).*/\1/p' "$1" | head -n 1
}

row() {
    printf '  %-22s %-26s %s\n' "$1" "$(figure "$work/alice.jsonl" "$2")" "$(figure "$work/bob.jsonl" "$2")"
}

if [ "$brief" != --brief ]; then
    echo
    "$pipit" ladder "$work/switchboard.jsonl"
    printf '\n  %-22s %-26s %s\n' '' alice bob
    row 'set-up time, ms' set_up_ms
    row 'codec' codec
    row 'packets sent' packets_sent
    row 'packets received' packets_received
    row 'packets lost' packets_lost
    row 'jitter, ms' jitter_ms
    row 'round trip, ms' round_trip_time_ms
    row 'MOS estimate' mos
    row 'keys' srtp_profile
    echo
fi

digits=$(sed -n 's/.*"event":"new_dtmf".*"tone":"\(.\)".*/\1/p' "$work/bob.jsonl" | tr -d '\n')
[ "$digits" = "12#4" ] || fail "bob heard the digits '$digits', not 12#4"
echo "message: arrived.  digits: $digits arrived."
# heard WHO OF-WHOM PLAYED RECORDED: what one recorded is what the other played (delay, level, similarity).
heard() {
    if ! measured=$("$build/compare_speech" "$3" "$4" --max-delay-ms 1500); then
        fail "$1 did not hear what $2 said: $measured"
    fi
    echo "what $1 heard of $2: $measured"
}
heard bob alice examples/speech/alice.wav "$work/bob-heard.wav"
heard alice bob examples/speech/bob.wav "$work/alice-heard.wav"
echo "recordings: $work/bob-heard.wav and $work/alice-heard.wav"
