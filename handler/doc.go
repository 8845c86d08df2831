// Package handler sends the records of [log/slog] to Graylog.
package handler
