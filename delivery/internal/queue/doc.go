// Package queue holds frames in memory and in the spool until they are delivered. A
// [Queue] is between the callers and the sender; a [Window] belongs to the sender.
package queue
