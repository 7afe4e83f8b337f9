#!/bin/sh
# usage: examples.sh BUILD: every example as a user would run it, against a switchboard on loopback.
set -eu
build=$1
board_name=examples
. "$(dirname "$0")/../support/board.sh"

timeout 60 "$build/example_answer" "$server" sip:bob@localhost 1 >"$work/answer" 2>&1 &
answer=$!
await "$work/switchboard" '"registered"'
timeout 30 "$build/example_call" "$server" sip:alice@localhost bob >"$work/call" 2>&1 || fail "call.c: exit $?"
grep -q answered "$work/call" || fail "call.c said nothing of an answer"
wait "$answer" || fail "answer.c: exit $?"

timeout 60 "$build/example_message" "$server" sip:bob@localhost >"$work/listen" 2>&1 &
listener=$!
await_registrations 3
timeout 20 "$build/example_message" "$server" sip:alice@localhost bob "Hello Bob" >"$work/message" 2>&1 || fail "message.c: exit $?"
await "$work/listen" 'Hello Bob'
kill "$listener" 2>/dev/null || true

timeout 60 "$build/example_presence" "$server" sip:bob@localhost >"$work/watched" 2>&1 &
watched=$!
await "$work/watched" registered
timeout 30 "$build/example_presence" "$server" sip:alice@localhost bob >"$work/watching" 2>&1 || fail "presence.c: exit $?"
grep -q 'open: on the phone' "$work/watching" || fail "presence.c did not hear of the phone"
wait "$watched" || fail "presence.c, watched: exit $?"

timeout 60 "$build/example_answer" "$server" sip:bob@localhost 1 >"$work/answer_epoll" 2>&1 &
answer=$!
await "$work/answer_epoll" registered
timeout 30 "$build/example_epoll_loop" "$server" sip:alice@localhost bob >"$work/epoll_loop" 2>&1 || fail "epoll_loop.c: exit $?"
grep -q 'answered by sip:bob' "$work/epoll_loop" || fail "epoll_loop.c said nothing of an answer"
wait "$answer" || fail "answer.c to epoll_loop.c: exit $?"

timeout 60 "$build/example_own_media" "$server" sip:bob@localhost >"$work/own_media_bob" 2>&1 &
bob=$!
await "$work/own_media_bob" registered
timeout 30 "$build/example_own_media" "$server" sip:alice@localhost bob >"$work/own_media" 2>&1 || fail "own_media.c: exit $?"
grep -q 'their media are at 192.0.2.1' "$work/own_media" || fail "own_media.c did not read a description"
wait "$bob" || fail "own_media.c, called: exit $?"

timeout 60 "$build/example_answer" "$server" sip:carol@localhost 1 >"$work/answer_click" 2>&1 &
answer=$!
timeout 60 "$build/example_click_to_call" "$server" sip:bob@localhost >"$work/clicked" 2>&1 &
clicked=$!
await "$work/answer_click" registered
await "$work/clicked" registered
timeout 30 "$build/example_click_to_call" "$server" sip:alice@localhost bob carol >"$work/click" 2>&1 || fail "click_to_call.c: exit $?"
grep -q '^200 OK' "$work/click" || fail "click_to_call.c was not told of the answer"
wait "$clicked" || fail "click_to_call.c, asked: exit $?"
wait "$answer" || fail "answer.c to click_to_call.c: exit $?"

timeout 60 "$build/example_conference" "$server" sip:carol@localhost >"$work/conference" 2>&1 &
room=$!
await "$work/conference" registered
timeout 30 "$build/example_call" "$server" sip:alice@localhost carol >"$work/guest" 2>&1 &
guest=$!
timeout 30 "$build/example_call" "$server" sip:bob@localhost carol >"$work/other_guest" 2>&1 || fail "call.c to conference.c: exit $?"
wait "$guest" || fail "another call.c to conference.c: exit $?"
kill "$room" 2>/dev/null || true
grep -q '2 in the room' "$work/conference" || fail "conference.c did not have both in its room"
await "$work/conference" '0 in the room'

timeout 60 "$build/example_voice_agent" "$server" sip:bob@localhost 1 >"$work/voice_agent" 2>&1 &
bob=$!
await "$work/voice_agent" registered
PIPIT_PASSWORD=secret timeout 30 "$build/pipit" call bob --server "$server" --uri sip:alice@localhost --play "$(dirname "$0")/../../examples/speech/alice.wav" \
    --record-both "$work/both.wav" --duration 16 >"$work/caller" 2>&1 || fail "the call to voice_agent.c: exit $?"
wait "$bob" || fail "voice_agent.c: exit $?"
grep -q 'the answer was said' "$work/voice_agent" || fail "voice_agent.c has not answered"

timeout 20 "$build/example_own_loop" "$server" sip:alice@localhost >"$work/own_loop" 2>&1 || fail "own_loop.c: exit $?"
timeout 20 "$build/example_own_socket" >"$work/own_socket" 2>&1 || fail "own_socket.c: exit $?"
timeout 30 "$build/example_peer" >"$work/peer" 2>&1 || fail "peer.c: exit $?"
grep -q 'crosses its own' "$work/peer" || fail "peer.c: the offers did not cross"
grep -q '"type":"inbound-rtp"' "$work/peer" || fail "peer.c counted no sound"
echo "examples: call, answer, message, presence, own_media, click_to_call, conference, voice_agent, epoll_loop, own_loop, own_socket and peer work"
