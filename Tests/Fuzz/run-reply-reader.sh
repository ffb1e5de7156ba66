#!/bin/sh
# Fuzzes the feed of the reply reader: run-reply-reader.sh [RUNS] [SEED], 50000 runs and seed 1 unless given.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
client="$here/../../Sources/RedisClient"
# pkg-config's output is meant to be split.
# shellcheck disable=SC2046
exec "$here/fuzz-target" ReplyReaderFuzz "${1:-50000}" "${2:-1}" 4096 \
    "$client/Protocol $client/RedisError.swift $client/RedisValue.swift" \
    -I "$here/../../Sources/CHiredis" $(pkg-config --libs hiredis)
