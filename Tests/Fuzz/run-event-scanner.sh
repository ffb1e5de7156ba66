#!/bin/sh
# Fuzzes the event scanner with libFuzzer and the address sanitizer.
#
#   run-event-scanner.sh [RUNS] [SEED]      50000 runs and seed 1 unless given
#
# Exits with 0 if nothing was found. Otherwise the input that broke a property lies in the folder that is printed; put it
# into EventScannerFuzz/corpus with the fix, and it is tried first from then on.
set -eu

runs="${1:-50000}"
seed="${2:-1}"
here="$(cd "$(dirname "$0")" && pwd)"
sources="$here/../../Sources/Outboard"
work="$(mktemp -d "${TMPDIR:-/tmp}/event-scanner-fuzz.XXXXXX")"

# What the fuzzer finds on its way goes into a copy: the corpus in the repository grows by hand only.
cp -R "$here/EventScannerFuzz/corpus" "$work/corpus"
find "$sources" "$here/EventScannerFuzz" -name '*.swift' > "$work/sources"
# The linker has much to say about symbols of the sanitizer; it is shown only if it fails.
if ! swiftc -swift-version 6 -O -enforce-exclusivity=checked -parse-as-library -sanitize=fuzzer,address \
    -package-name outboard -module-name EventScannerFuzz -o "$work/fuzz" "@$work/sources" \
    > "$work/build.log" 2>&1; then
    grep -v 'Cannot export local symbol' "$work/build.log" >&2
    echo "event scanner: the fuzz target does not compile" >&2
    exit 70
fi

if "$work/fuzz" -runs="$runs" -seed="$seed" -max_len=2048 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -dict="$here/EventScannerFuzz/json.dict" -artifact_prefix="$work/" "$work/corpus" > "$work/log" 2>&1; then
    grep -E '^(Done|stat::number_of_executed_units)' "$work/log"
    rm -rf "$work"
else
    code=$?
    tail -n 60 "$work/log" >&2
    echo "event scanner: fuzzing found something, see $work" >&2
    exit "$code"
fi
