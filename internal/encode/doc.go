// Package encode turns log records into GELF frames.
package encode
