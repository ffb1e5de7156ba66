# One compilation for all images: everything before the last stage is the same for every PRODUCT.
FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libhiredis-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.* ./
COPY Sources Sources
COPY Services Services
# The manifest names test and benchmark targets; their folders must exist, their files do not matter here.
COPY Tests Tests
COPY Benchmarks Benchmarks
RUN --mount=type=cache,id=outboard-build,target=/src/.build,sharing=locked \
    set -e; mkdir -p /out; \
    for product in outboard outboard-core request-counter latency visitors top-paths errors; do \
        swift build -c release --static-swift-stdlib --product "$product"; \
        install -s "$(swift build -c release --static-swift-stdlib --show-bin-path)/$product" /out/; \
    done

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libhiredis0.14 ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home outboard
COPY --from=build /out/outboard /usr/local/bin/outboard
USER 10001:10001
ARG PRODUCT
COPY --from=build /out/${PRODUCT} /usr/local/bin/service
ENTRYPOINT ["/usr/local/bin/service"]
HEALTHCHECK --interval=2s --timeout=5s --start-period=30s --retries=3 CMD ["/usr/local/bin/service", "health"]
