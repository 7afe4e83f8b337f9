# call.sh - bench/call.c by itself, SIPp beside it, then the table. Sourced by tools/bench.sh, which has built bench_call.
rounds=${BENCH_ROUNDS:-3} # interleaved, of which the median is told
program=build/release/bench_call
work=build/bench_call
figures=$work/figures
port=27000
# All on one core: one that sleeps would charge its waking, tens of microseconds, to whom it wakes.
on_one_core="taskset -c 0"

# One end of SIPp with its own scenario, which does the same: its CPU, us a call.
sipp_end() { # caller or callee, calls at a time, calls, SIPp's own arguments
    end=$1 window=$2 calls=$3
    shift 3
    bash -c 'TIMEFORMAT="%U %S"; time timeout 120 "$@" >/dev/null 2>&1' sh $on_one_core sipp "$@" -t t1 -i 127.0.0.1 -nostdin -m "$calls" 2>&1 |
        awk -v name="call.sipp-$end.$window.all" -v calls="$calls" '{ print name, ($1 + $2) * 1e6 / calls }'
}

run_sipp() { # calls at a time, calls
    sipp_end callee "$1" "$2" -sn uas -p 26999 &
    sleep 0.5
    sipp_end caller "$1" "$2" -sn uac -p 26998 127.0.0.1:26999 -d 0 -l "$1" -r 100000
    wait
}

median() {
    awk -v name="$1" '$1 == name { print $2 }' "$figures" | sort -n | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "-" }'
}

row() { # what, aim, value, its rival's
    awk -v what="$1" -v aim="$2" -v ours="$3" -v theirs="$4" 'BEGIN {
        printf "%-48s %9.1f %9.1f %-6s", what, ours, aim, ours <= aim ? "met" : "missed"
        if (theirs != "") printf " %9.1f %6.2f", theirs, ours / theirs
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
            $on_one_core "$program" time "$port" 20000 "$window"
            run_sipp "$window" "$((window == 1 ? 5000 : 20000))"
        done
    done
    "$program" established "$((port + 1))" 100
    "$program" left "$((port + 2))" 500
} >"$figures"

printf '%-48s %9s %9s %-6s %9s %6s\n' '' pipit aim '' SIPp ratio
row 'caller, 50 calls at a time, us' 5.5 "$(sum call.caller.50)" "$(median call.sipp-caller.50.all)"
row 'callee' 5.5 "$(sum call.callee.50)" "$(median call.sipp-callee.50.all)"
row 'caller, one call after the other, us' 14 "$(sum call.caller.1)" "$(median call.sipp-caller.1.all)"
row 'callee' 14 "$(sum call.callee.1)" "$(median call.sipp-callee.1.all)"
row 'an established call, caller, octets' 1024 "$(median heap.caller.established)" ''
row 'callee' 1024 "$(median heap.callee.established)" ''
row 'left by a call hung up at once, caller, octets' 256 "$(median heap.caller.left)" ''
row 'callee' 256 "$(median heap.callee.left)" ''
