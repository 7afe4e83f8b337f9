# parse.sh - instructions by callgrind and heap calls of bench/parse.c into one file, then its table with all of it.
# Sourced by tools/bench.sh, which has built bench_parse.
figures=build/release/bench_parse.figures
counts=build/release/callgrind
rm -rf "$counts"
mkdir -p "$counts"
cmake --build build/release --target bench_parse_heap >/dev/null
build/release/bench_parse_heap >"$figures"
if command -v valgrind >/dev/null 2>&1; then
    valgrind -q --tool=callgrind --callgrind-out-file="$counts/out" build/release/bench_parse --count
    for part in "$counts"/out.*; do
        awk '/^desc: Trigger: Client Request:/ { name = $5 " " $6 " " $7 " " $8 }
             /^(summary|totals):/ { total = $2 }
             END { if (name != "") print "instructions", name, total }' "$part"
    done >>"$figures"
fi
build/release/bench_parse "$figures"
