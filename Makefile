# `make` lists what there is. `make check` is exactly what CI runs.
SHELL := /bin/sh
SCALE ?=
ARGS ?=
JSON ?=
PRODUCTS := outboard outboard-core request-counter latency visitors top-paths errors
LINTED := $(wildcard Sources Services Tests Benchmarks Examples) Package.swift
SCALES := $(foreach one,$(SCALE),--scale $(one))

.PHONY: help setup up down build test unit integration examples compose-test lint format fuzz model torture bench charts instructions check clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install libhiredis, redis-server and pkg-config where they are missing
	@scripts/setup

up: setup ## Build and run everything here, until Ctrl-C (SCALE=request-counter=3)
	@set -e; for product in $(PRODUCTS); do swift build -c release --product $$product; done
	@exec "$$(swift build -c release --show-bin-path)/outboard" up $(SCALES) $(ARGS)

down: ## Remove the data of `make up`
	@rm -rf .outboard && echo "removed .outboard (stop 'make up' itself with Ctrl-C)"

build: setup ## Build the release programs
	@set -e; for product in $(PRODUCTS); do swift build -c release --product $$product; done

test: setup ## Lint, build, and run all tests but those in containers
	@.ci/run test

unit: setup ## Run the tests that need no Redis
	@swift test --filter '^(OutboardTests|RedisClientTests|ServicesTests)\.'

integration: setup ## Run all tests, on a real redis-server
	@REQUIRE_REDIS=1 swift test

examples: setup ## Build and test what lies outside of the package, and what outboard new writes
	@Examples/build-all

compose-test: ## Build the images and test compose.yaml on a Docker engine
	@.ci/run compose

lint: ## Check the form of all Swift files
	@swift format lint --strict -r -p $(LINTED)

format: ## Mend the form of all Swift files
	@swift format -i -r -p $(LINTED)

fuzz: setup ## Run the fuzz targets for a while
	@set -e; for script in Tests/Fuzz/run-*.sh; do "$$script"; done

bench: setup ## Measure against C on hiredis, redis-benchmark and Foundation (ARGS="--rounds 3 --suite publish")
	@command -v wrk >/dev/null || { echo "Please install wrk, which loads the HTTP server" >&2; exit 1; }
	@set -e; for product in OutboardBench request-counter; do swift build -c release --product $$product; done
	@exec "$$(swift build -c release --show-bin-path)/OutboardBench" $(ARGS)

charts: ## Draw docs/charts from a run of the growth suite (JSON=bench-results/….json)
	@[ -n "$(JSON)" ] || { echo 'Name a run: make bench ARGS="--suite growth" writes one; make charts JSON=bench-results/…' >&2; exit 64; }
	@swift build -c release --product OutboardBench
	@exec "$$(swift build -c release --show-bin-path)/OutboardBench" chart $(JSON)

instructions: setup ## Count instructions and allocations of the hot path and hold them against the thresholds (ARGS=--write)
	@scripts/setup --instructions
	@Benchmarks/InstructionCount/check $(ARGS)

model: ## Check the model of the protocol, and that its mutations are found
	@scripts/setup --model
	@docs/protocol-model/run

torture: build ## Run a bus under faults for long and certify it (ARGS="--seed 7 --seconds 600")
	@"$$(swift build -c release --show-bin-path)/outboard" torture --seconds 600 --rate 5000 $(ARGS)

check: ## What CI runs: test and compose-test
	@.ci/run

clean: ## Remove what was built
	@swift package clean
