// Package graylogtest connects tests to a real Graylog.
//
// The name of such a test begins with TestRealGraylog, and its first call is
// [Open], which skips the test unless GRAYLOG_URL is set. GRAYLOG_USER (default:
// admin) and GRAYLOG_PASSWORD log in, or GRAYLOG_TOKEN does; see graylog.Settings.
// make graylog-test runs all of these tests, one package after the other, because
// a bad frame can make Graylog lose other messages of the same batch.
//
// Inputs, streams and indices that a test creates are deleted when it ends. They
// listen on 127.0.0.1, so Graylog must run on the test's machine.
package graylogtest
