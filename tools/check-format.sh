#!/bin/sh
# All C files are as .clang-format lays them out.
cd "$(dirname "$0")/.." || exit 2
files=$(find include src cli switchboard tests fuzz bench examples interop tools -name node_modules -prune -o -name '*.[ch]' -print)
# shellcheck disable=SC2086
clang-format --dry-run --Werror $files && echo "format: $(echo "$files" | wc -l) files"
