# Not built by the checks of this repository, which have no container engine.
# docker build -t corshark . && docker run --rm -v "$PWD:/data" corshark report /data/capture.pcap
# Capturing inside needs --cap-add NET_RAW, and --network host to see the host's traffic.
FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libpcap0.8 && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/target/release/corshark /usr/local/bin/corshark
USER nobody
ENTRYPOINT ["corshark"]
