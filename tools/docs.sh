#!/bin/sh
# The reference from the public headers: build/docs/html. A warning is an error.
set -eu
cd "$(dirname "$0")/.."
rm -rf build/docs
mkdir -p build/docs
awk -f tests/parity/page.awk tests/parity/jssip.tsv >build/docs/parity.md
doxygen docs/Doxyfile 2>build/docs/warnings.txt >/dev/null || { cat build/docs/warnings.txt; exit 1; }
[ ! -s build/docs/warnings.txt ] || { cat build/docs/warnings.txt; exit 1; }
echo "docs: build/docs/html/index.html"
