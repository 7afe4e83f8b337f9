#!/bin/sh
# usage: cli.sh BUILD: the pipit command as a user meets it: help, every kind of bad input with its sentence and exit status, and a call.
set -u
build=$1
pipit=$build/pipit
[ -x "$pipit" ] || exit 77
. "$(dirname "$0")/../support/programs.sh"
work=$(mktemp -d)
cd "$work" || exit 1
XDG_CONFIG_HOME=$work
export XDG_CONFIG_HOME
unset PIPIT_SERVER PIPIT_URI PIPIT_PASSWORD PIPIT_DEBUG
failures=0
trap 'end_programs; rm -rf "$work"' EXIT

wrong() {
    echo "FAILED: $*"
    sed 's/^/    out: /' out
    sed 's/^/    err: /' err
    failures=$((failures + 1))
}

fail() {
    echo "FAILED: $*"
    tail -n 20 board.* bob.* out err
    exit 1
}

# refused STATUS TEXT ARGUMENT...: ends with that status and one sentence that has the text.
refused() {
    status=$1
    text=$2
    shift 2
    timeout 20 "$pipit" "$@" >out 2>err </dev/null
    got=$?
    if [ "$got" != "$status" ]; then
        wrong "pipit $*: exit status $got, not $status"
    elif [ "$(wc -l <err)" != 1 ] || ! grep -q '^pipit: .*[.]$' err; then
        wrong "pipit $*: not one sentence"
    elif ! grep -qF -e "$text" err; then
        wrong "pipit $*: the sentence has no '$text'"
    fi
}

# What the next commands read.
input=/dev/null

# done_well ARGUMENT...: ends with status 0 and says nothing on stderr.
done_well() {
    timeout 30 "$pipit" "$@" >out 2>err <"$input"
    got=$?
    { [ "$got" = 0 ] && [ ! -s err ]; } || wrong "pipit $*: exit status $got"
}

# --- help ---------------------------------------------------------------------------------------------

for command in "" call answer message options subscribe register serve ladder devices; do
    # shellcheck disable=SC2086
    done_well $command --help
    grep -q "  pipit $command" out || wrong "pipit $command --help has no example"
    grep -q "Exit status" out || wrong "pipit $command --help does not tell the exit statuses"
    [ "$(awk 'length($0) > 80' out | wc -l)" = 0 ] || wrong "pipit $command --help is wider than 80 columns"
done
done_well --version

# --- the command line ------------------------------------------------------------------------------------

me="--uri sip:alice@localhost"
refused 2 "which command"
refused 2 "no command 'juggle'" juggle
refused 2 "TARGET is missing" call
refused 2 "TARGET or TEXT is missing" message bob
refused 2 "TARGET is missing" options
refused 2 "TARGET or EVENT is missing" subscribe bob
refused 2 "FILE is missing" ladder
refused 2 "no option '--juggle'" call bob --juggle
refused 2 "one argument too many" call bob carol
refused 2 "a value is missing behind '--server'" call bob --server
refused 2 "takes no value" call bob --json=yes
refused 2 "no number" call bob --duration soon
refused 2 "no whole number" answer --reject 4.5
refused 2 "which server" call bob $me
refused 2 "who are you" call bob --server ws://localhost:1
refused 2 "cannot go together" call bob --echo --tone
refused 2 "--dtmf takes" call bob --dtmf 12x
refused 2 "300 to 699" answer --reject 200
refused 2 "ws:// or wss://" call bob --server http://localhost $me
refused 2 "not udp, tcp or tls" call bob --server "sip:localhost;transport=sctp" $me
refused 2 "named by its URL" call bob --server "sip:localhost;transport=ws" $me
refused 2 "without a user" call bob --server ws://localhost:1 --uri alice
refused 2 "no section [work]" call bob --account work
refused 2 "password file" call bob --password-file missing --server ws://localhost:1 $me
refused 2 "cannot read missing" call bob --config missing
refused 2 "NAME:PASSWORD" serve --user alice
refused 2 "users' file" serve --users missing
refused 2 "PORT or ADDRESS:PORT" serve --ws nowhere
refused 2 "nobody could connect" serve --no-ws --no-wss
refused 5 "no folder" serve --web missing --no-wss --ws 0
refused 5 "cannot read JsSIP" serve --web . --jssip missing --no-wss --ws 0
refused 2 "cannot read missing" ladder missing
refused 2 "which server" call bob --uri sip:alice@localhost
printf 'server = ws://localhost:1\ncolour = blue\n' >config
refused 2 "config, line 2" call bob --config config
printf '[alice\n' >config
refused 2 "[name]" call bob --config config

# --- a switchboard ------------------------------------------------------------------------------------------

timeout 120 "$pipit" serve --json --ws 127.0.0.1:0 --wss 127.0.0.1:0 --domain localhost --user alice:wonderland --user bob:builder \
    >board.jsonl 2>board.err &
processes="$processes $!"
await board.jsonl '"listening"'
ws=ws://127.0.0.1:$(sed -n 's/.*"ws_port":\([0-9]*\).*/\1/p' board.jsonl | head -n 1)
wss=wss://localhost:$(sed -n 's/.*"wss_port":\([0-9]*\).*/\1/p' board.jsonl | head -n 1)
certificate=$(sed -n 's/.*"certificate":"\([^"]*\)".*/\1/p' board.jsonl | head -n 1)
[ -f "$certificate" ] || echo "FAILED: no certificate was made"

refused 4 "refused by 127.0.0.1:1" call bob --server ws://127.0.0.1:1 $me
refused 4 "could not be found" call bob --server ws://host.invalid $me
refused 4 "refused by 127.0.0.1:1" call bob --server "sip:127.0.0.1:1;transport=tcp" $me
refused 4 "could not be found" call bob --server sips:host.invalid $me
refused 4 "--ca" call bob --server "$wss" $me
refused 4 "cannot be read" call bob --server "$wss" --ca missing $me
timeout 120 "$pipit" serve --json --no-ws --wss 127.0.0.2:0 --user x:y >other.jsonl 2>other.err &
processes="$processes $!"
await other.jsonl '"listening"'
other=wss://127.0.0.2:$(sed -n 's/.*"wss_port":\([0-9]*\).*/\1/p' other.jsonl | head -n 1)
refused 4 "127.0.0.2" call bob --server "$other" --ca "$certificate" $me
grep -q "certificate" err || wrong "the certificate's name was not the reason"
refused 4 "cannot connect" call bob --server "wss://${ws#ws://}" --insecure $me
refused 4 "already in use" serve --ws "${ws#ws://}" --no-wss
refused 3 "asks for a password" call bob --server "$ws" $me
PIPIT_PASSWORD=wrong
export PIPIT_PASSWORD
refused 3 "Check the user name" call bob --server "$ws" $me
refused 3 "Check the user name" register --server "$ws" $me
refused 3 "Check the user name" message bob hi --server "$ws" $me
refused 3 "Check the user name" register --server "$ws" --uri sip:nobody@localhost
PIPIT_PASSWORD=wonderland
refused 1 "no such user" call nobody --server "$ws" $me
refused 1 "no such user" call nobody --server "sip:${ws#ws://};transport=tcp" $me
refused 1 "no such user" call nobody --server "sips:${wss#wss://}" --ca "$certificate" $me
timeout 20 "$pipit" register --server "sip:${ws#ws://};transport=tcp" $me >out 2>err || wrong "no registration over TCP"
timeout 20 "$pipit" register --server "sips:${wss#wss://}" --ca "$certificate" $me >out 2>err ||
    wrong "no registration over TLS"
refused 1 "no such user" message nobody hi --server "$ws" $me
refused 1 "Nobody is registered" call bob --server "$ws" $me
refused 1 "this switchboard serves" call bob@example.org --server "$ws" $me
refused 5 "missing.wav" call bob --server "$ws" $me --play missing.wav
refused 5 "no audio file" call bob --server "$ws" $me --play /etc/passwd
refused 5 "--record" call bob --server "$ws" $me --record missing/out.wav
refused 5 "'morse' is unknown" call bob --server "$ws" $me --codecs morse

# --- garbage from the network: a server that is none -----------------------------------------------------------

if command -v python3 >/dev/null; then
    python3 -c '
import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
print(s.getsockname()[1], flush=True)
while True:
    c, _ = s.accept()
    c.sendall(b"\x1b[2J garbage\r\n\r\n" * 9)
    c.close()' >port &
    processes="$processes $!"
    await port '[0-9]'
    refused 4 "cannot connect" call bob --server "ws://127.0.0.1:$(cat port)" $me
    grep -q "$(printf '\033')" err && wrong "an escape sequence of the network reached the terminal"
fi

# --- accounts from a file, and whole calls ------------------------------------------------------------------------

cat >config <<END
# an account for all
server = $ws
uri = sip:alice@localhost
password = wonderland
[secure]
server = $wss
ca = $certificate
[bob]
uri = sip:bob@localhost
password = builder
END
chmod 600 config
unset PIPIT_PASSWORD
done_well register --config config
grep -q "registered sip:alice@localhost for" out || wrong "register does not say what was granted"
timeout 60 "$pipit" answer --config config --account bob --echo --json >bob.jsonl 2>bob.err </dev/null &
bob=$!
processes="$processes $bob"
await bob.jsonl '"waiting"'
done_well message bob "$(printf 'caf\303\251 \033[31m')" --config config
await bob.jsonl new_message
done_well options bob --config config
grep -q "sip:bob@localhost answered in [0-9]* ms" out && grep -q "Allow  *INVITE" out || wrong "options does not say what bob can do"
done_well options bob --config config --json
grep -q '"round_trip_ms":[0-9]*,"status":200,"allow":"INVITE' out || wrong "options --json does not say what bob can do"
refused 1 "(405 Method Not Allowed): it was refused" subscribe bob presence --config config
SIP_PASSWORD=builder timeout 60 "$build/example_presence" "$ws" sip:bob@localhost >bob.presence 2>&1 </dev/null &
processes="$processes $!"
await bob.presence registered
timeout -s INT 2 "$pipit" subscribe bob presence --config config >out 2>err </dev/null
grep -q "sip:bob@localhost is open at the desk" out || wrong "subscribe does not tell the presence"
await bob.presence "nobody asks"
done_well call bob --config config --tone --record echo.wav --duration 2 --dtmf 1#
for word in calling answered connected "set-up time" "codec *opus" "packets" jitter "round trip" "MOS estimate"; do
    grep -q "$word" out || wrong "the output of a call has no '$word'"
done
[ "$(wc -c <echo.wav)" -gt 100000 ] || wrong "nothing was recorded"
export SDL_AUDIODRIVER=dummy
done_well devices
grep -q '^microphone ' out && grep -q '^speaker ' out || wrong "pipit devices names none"
done_well call bob --config config --talk --duration 1
refused 5 "in the cellar" call bob --config config --talk --microphone "in the cellar"
refused 2 "--talk" call bob --config config --speaker default
done_well call bob --config config --tone --record-both both.wav --duration 2
[ "$(wc -c <both.wav)" -gt 200000 ] || wrong "two sides were not recorded"
grep -q '"tone":"1"' bob.jsonl && grep -q '"tone":"#"' bob.jsonl || wrong "the digits did not arrive"
echo wonderland >password
input=password
done_well call bob --server "$wss" --ca "$certificate" $me --password-file - --tone --duration 0.5 --json
input=/dev/null
[ "$(grep -c '"event":"summary"' out)" = 1 ] || wrong "--json gives no summary"
done_well call bob --config config --tone --duration 0.5 --json --trace --codecs PCMU
grep -q '"codec":"PCMU' out || wrong "PCMU was not used"
cp out alice.jsonl
done_well ladder alice.jsonl --ascii
for word in alice switchboard "INVITE SDP" "200 OK (INVITE) SDP" ACK BYE; do
    grep -q "$word" out || wrong "the ladder has no '$word'"
done

# Ctrl-C hangs up.
: >bob.jsonl
timeout 60 "$pipit" call bob --config config --tone --duration 30 --json >out 2>err </dev/null &
call=$!
await out '"confirmed"'
kill -INT "$call"
wait "$call"
got=$?
[ "$got" = 130 ] || wrong "call: exit status $got after SIGINT, not 130"
await bob.jsonl '"ended"'
kill -INT "$bob"
wait "$bob"
got=$?
[ "$got" = 130 ] || wrong "answer: exit status $got after SIGINT, not 130"

# Refusals of a far end, and interruption.
timeout 60 "$pipit" answer --config config --account bob --reject 486 --once --json >bob.jsonl 2>bob.err </dev/null &
bob=$!
await bob.jsonl '"waiting"'
refused 1 "Busy" call bob --config config
wait "$bob" || wrong "answer --reject --once: exit status $?"
grep -rq wonderland board.jsonl out err bob.jsonl alice.jsonl && wrong "a password was shown"

[ "$failures" = 0 ] && echo "cli: every sentence and status as it should be"
exit "$failures"
