# Sourced by ./run bench [NAME]: programs of bench/, from the release build.
for source in bench/${1:-*}.c; do
    name=$(basename "$source" .c)
    cmake --build build/release --target "bench_$name" >/dev/null
    say "bench $name"
    if [ -f "bench/$name.sh" ]; then
        . "bench/$name.sh"
    else
        "build/release/bench_$name"
    fi
done
