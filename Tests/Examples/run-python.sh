#!/bin/sh
# The Python examples against the protocol: the plugin and the publisher pass every case of `outboard conformance`, and a
# plugin that leaves a rule out fails the cases of that rule.
#
# Needs python3 and redis-server. Where redis-py is missing it is installed into a virtual environment in .build/.
# OUTBOARD names the built command line (default: .build/debug/outboard).
set -u
cd "$(dirname "$0")/../.." || exit 1
outboard=${OUTBOARD:-.build/debug/outboard}
environment=.build/python
failed=0

stop() {
    echo "Tests/Examples/run-python.sh: $1" >&2
    exit 1
}

[ -x "$outboard" ] || stop "$outboard is not built; run: swift build --product outboard"
command -v python3 >/dev/null || stop "python3 is not in PATH; install it (Debian and Ubuntu: apt-get install python3)"

python=python3
if ! python3 -c 'import redis' 2>/dev/null; then
    python=$environment/bin/python
    if ! "$python" -c 'import redis' 2>/dev/null; then
        rm -rf "$environment"
        python3 -m venv "$environment" ||
            stop "python3 makes no virtual environment; install it (Debian and Ubuntu: apt-get install python3-venv)"
        said=$("$python" -m pip install --quiet --disable-pip-version-check --retries 2 --timeout 15 'redis>=5' 2>&1) || {
            echo "$said" | tail -3 >&2
            stop "pip cannot install redis-py; reach a package index, or install it (Debian and Ubuntu: python3-redis)"
        }
    fi
fi

# passes NAME ARGUMENTS…: what conformance must say yes to.
passes() {
    name=$1
    shift
    echo "== $name"
    "$outboard" conformance "$@" || { echo "FAIL $name"; failed=1; }
}

# fails CASE RULE [--publisher]: what conformance must find in a program that leaves a rule out.
fails() {
    echo "== without the rule '$2', the case '$1' fails"
    if said=$("$outboard" conformance ${3-} --case "$1" -- "$python" Tests/Examples/broken.py "$2" 2>&1) ||
        ! echo "$said" | grep -q "^FAIL  $1 "; then
        echo "$said"
        echo "FAIL nobody found out"
        failed=1
    fi
}

passes "the plugin" -- "$python" Examples/python/plugin.py
passes "the publisher" --publisher -- "$python" Examples/python/publisher.py
fails duplicates fence
fails hole holes
fails resend forget --publisher
fails resend resend --publisher
exit $failed
