# The command synlogger in an image that has nothing else but the certificates of
# public authorities. deploy/compose.yaml uses it for the service setup, and
# deploy/compose.sysmetric.yaml and deploy/kubernetes for the agent.
#
# It has no HEALTHCHECK, because it also runs commands that end. A service that runs
# sysmetric or collect declares the health check [CMD, /synlogger, healthcheck].
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY . .
ENV GOMODCACHE=/cache/modules GOCACHE=/cache/build
RUN --mount=type=cache,target=/cache \
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w' -o /synlogger ./cmd/synlogger \
 && mkdir /spool

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /synlogger /synlogger
# A volume that is mounted here gets its owner.
COPY --from=build --chown=65532:65532 /spool /spool
USER 65532:65532
ENTRYPOINT ["/synlogger"]
