package api

import (
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
)

// streamsOf returns the streams in the order of the dashboard's tabs with what the
// store has of each, the default stream last.
func Streams(held store.Summary) []record.Stream {
	all := record.Streams()
	for i, n := range held.Streams {
		all[i].Records, all[i].Errors, all[i].Warnings = n.Records, n.Errors, n.Warnings
	}
	return all
}
