#!/bin/sh
# Fuzzes the event scanner: run-event-scanner.sh [RUNS] [SEED], 50000 runs and seed 1 unless given.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
exec "$here/fuzz-target" EventScannerFuzz "${1:-50000}" "${2:-1}" 2048 "$here/../../Sources/Outboard"
