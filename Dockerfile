# Built from a clone, the program knows its version by the tag; the flags are
# those of .release/make, so it is the program of the release byte for byte.
FROM --platform=$BUILDPLATFORM golang:1.26.8@sha256:0f063af2d465d8dcae54cce04278ada488b96f77b42449c8d071e47d016cc65a AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG TARGETOS TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w -buildid=" -o browseract-mcp .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    go -C .release run ./licenses /licenses

# Certificates, time zones and a user; no shell, and nothing else to keep patched.
FROM gcr.io/distroless/static-debian12:nonroot@sha256:afa5c872c891853ca7fcf1f12c3edb23f7eeef36189728842dd51042ff57f7ab
LABEL org.opencontainers.image.title="browseract-mcp" \
      org.opencontainers.image.description="MCP server for BrowserAct browser automations" \
      org.opencontainers.image.url="https://www.browseract.com" \
      org.opencontainers.image.source="https://github.com/browseract/browseract-mcp" \
      org.opencontainers.image.documentation="https://github.com/browseract/browseract-mcp#readme" \
      org.opencontainers.image.licenses="MIT" \
      io.modelcontextprotocol.server.name="io.github.browseract/browseract-mcp"
COPY --from=build /src/browseract-mcp /browseract-mcp
COPY --from=build /licenses /licenses
USER 65532:65532
ENTRYPOINT ["/browseract-mcp"]
