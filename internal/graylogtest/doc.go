// Package graylogtest lets tests ask a real Graylog whether it does what this
// module says that it does.
//
// A test that needs one is named TestRealGraylog… and begins with [Open], which
// skips it unless GRAYLOG_URL says where Graylog is; GRAYLOG_USER and
// GRAYLOG_PASSWORD are admin and admin unless they say otherwise. Such a test
// stands beside what it proves; make graylog-test runs them all, one package
// after the other, since a frame can cost other messages of the same batch.
//
// Inputs, streams and indices that a test makes are gone when it ends, and may
// be made again on a server that holds data. They listen on 127.0.0.1, so that
// Graylog has to run on the test's own machine.
package graylogtest
