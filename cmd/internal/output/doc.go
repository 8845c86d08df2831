// Package output prints the results of the commands: lines for people and JSON
// for scripts.
package output
