// Package doctor finds out why records do not reach Graylog. A [Doctor] follows a
// record from the configuration to its stream and reports for each step what it
// found and what to do. It makes TLS connections with the handler's own
// configuration, see [delivery.TLS.ClientConfig].
package doctor
