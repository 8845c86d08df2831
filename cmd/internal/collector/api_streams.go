package collector

// streamsOf returns the streams in the order of the dashboard's tabs with what the
// store has of each, the default stream last.
func streamsOf(held summary) []Stream {
	all := streams()
	for i, n := range held.streams {
		all[i].Records, all[i].Errors, all[i].Warnings = n.records, n.errors, n.warnings
	}
	return all
}
