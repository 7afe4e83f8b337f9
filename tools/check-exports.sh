#!/bin/sh
# usage: check-exports.sh BUILD: the shared library exports what the public headers declare, and nothing else.
build=$1
cd "$(dirname "$0")/.." || exit 2
nm -D --defined-only "$build/libpipit.so" | awk '{print $3}' | sed 's/@.*//' | sort -u >"$build/exported.txt"
cat include/pipit/*.h | tr '\n' ' ' | grep -oE 'PIPIT_API[^;]*\)' | grep -oE '\bpipit_[a-z0-9_]+\(' | tr -d '(' | sort -u >"$build/declared.txt"
if ! diff "$build/declared.txt" "$build/exported.txt" >"$build/exports.diff"; then
    echo "declared (<) and exported (>) differ:"
    cat "$build/exports.diff"
    exit 1
fi
echo "exports: $(wc -l <"$build/exported.txt") functions, all declared"
