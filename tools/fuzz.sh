# Sourced by ./run fuzz [TARGET [SECONDS]]: every target, or one. New finds stay in build/fuzz/corpus, crashes in build/fuzz/finds.
seconds=${2:-20}
mkdir -p build/fuzz/finds
found=0
for program in build/fuzz/fuzz_${1:-*}; do
    [ -x "$program" ] || continue
    target=${program##*/fuzz_}
    mkdir -p "build/fuzz/corpus/$target"
    dictionary=
    [ -f "fuzz/$target.dict" ] && dictionary=-dict=fuzz/$target.dict
    if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=build/fuzz/finds/ \
        $dictionary "build/fuzz/corpus/$target" "fuzz/corpus/$target" >"build/fuzz/$target.log" 2>&1; then
        runs=$(sed -n 's/stat::number_of_executed_units: //p' "build/fuzz/$target.log")
        printf 'ok      %-24s %10s runs in %s s\n' "$target" "$runs" "$seconds"
    else
        found=$((found + 1))
        printf 'FAILED  %-24s see build/fuzz/%s.log\n' "$target" "$target"
    fi
done
echo "$found finds"
[ "$found" = 0 ]
