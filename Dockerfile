# The command synlogger in an image with nothing else but the certificates of
# public authorities: for the setup service of deploy/compose.yaml and for the
# agent of deploy/compose.sysmetric.yaml.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w' -o /synlogger ./cmd/synlogger \
 && mkdir /spool

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /synlogger /synlogger
# A volume that is mounted here gets its owner.
COPY --from=build --chown=65532:65532 /spool /spool
USER 65532:65532
ENTRYPOINT ["/synlogger"]
