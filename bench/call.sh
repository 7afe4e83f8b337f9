# call.sh - bench/call.c by itself, SIPp beside it, then the table. Sourced by tools/bench.sh, which has built bench_call.
rounds=${BENCH_ROUNDS:-3} # interleaved, of which the median is told
program=build/release/bench_call
work=build/bench_call
figures=$work/figures
port=27000

# SIPp's own scenarios, with 180 besides, over one TCP connection: CPU of the caller and of the callee, us a call.
run_sipp() {
    sipp -sn uas -t t1 -i 127.0.0.1 -p 26999 -nostdin -m "$2" >/dev/null 2>"$work/sipp-callee.log" &
    callee=$!
    sleep 1
    /usr/bin/env bash -c "TIMEFORMAT='%U %S'; time sipp -sn uac -t t1 -i 127.0.0.1 -p 26998 127.0.0.1:26999 -nostdin -d 0 -l $1 -r 100000 -m $2 >/dev/null 2>&1" 2>&1 |
        awk -v calls="$2" -v window="$1" '{ print "call.sipp-caller." window ".all", ($1 + $2) * 1e6 / calls }'
    kill "$callee" 2>/dev/null || true
    wait "$callee" 2>/dev/null || true
}

median() {
    awk -v name="$1" '$1 == name { print $2 }' "$figures" | sort -n | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "-" }'
}

row() { # what, aim, value, its rival's
    awk -v what="$1" -v aim="$2" -v ours="$3" -v theirs="$4" 'BEGIN {
        printf "%-48s %9.1f %9.1f %-6s", what, ours, aim, ours <= aim ? "met" : "missed"
        if (theirs != "") printf " %9.1f", theirs
        printf "\n" }'
}

sum() {
    awk -v a="$(median "$1.user")" -v b="$(median "$1.kernel")" 'BEGIN { print a + b }'
}

mkdir -p "$work"
{
    for round in $(seq "$rounds"); do
        for window in 50 1; do
            port=$((port + 1))
            "$program" time "$port" 20000 "$window"
            run_sipp "$window" 5000
        done
    done
    "$program" established "$((port + 1))" 100
    "$program" left "$((port + 2))" 500
} >"$figures"

printf '%-48s %9s %9s %-6s %9s\n' '' pipit aim '' SIPp
row 'caller, 50 calls at a time, us' 5.5 "$(sum call.caller.50)" "$(median call.sipp-caller.50.all)"
row 'callee' 5.5 "$(sum call.callee.50)" ''
row 'caller, one call after the other, us' 14 "$(sum call.caller.1)" "$(median call.sipp-caller.1.all)"
row 'callee' 14 "$(sum call.callee.1)" ''
row 'an established call, caller, octets' 1024 "$(median heap.caller.established)" ''
row 'callee' 1024 "$(median heap.callee.established)" ''
row 'left by a call hung up at once, caller, octets' 256 "$(median heap.caller.left)" ''
row 'callee' 256 "$(median heap.callee.left)" ''
