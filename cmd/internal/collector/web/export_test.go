package web

// Names of the package that the tests use.
var (
	LimitConns  = limitConns
	MarkServing = markServing
	MaxConns    = maxConns
	PageViews   = pageViews
	ServeAsset  = serveAsset
)
