package collector

import "github.com/aimakerspace/synlogger/cmd/internal/collector/store"

// StoreOf returns the store of a collector.
func StoreOf(c *Collector) *store.Store { return c.store }
