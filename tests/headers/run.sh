#!/bin/sh
# Each public header compiles alone, as C11 and as C++11, with every warning an error.
cd "$(dirname "$0")/../.." || exit 2
count=0
for header in include/pipit/*.h; do
    name=pipit/$(basename "$header")
    echo "#include <$name>" | cc -std=c11 -pedantic -Wall -Wextra -Werror -Iinclude -Ibuild/release/include -x c -fsyntax-only - || exit 1
    echo "#include <$name>" | c++ -std=c++11 -pedantic -Wall -Wextra -Werror -Iinclude -Ibuild/release/include -x c++ -fsyntax-only - || exit 1
    count=$((count + 1))
done
echo "headers: $count, each alone in C11 and C++11"
