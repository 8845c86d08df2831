// Package graylog is the client of Graylog's REST API, for Graylog 3.3 to 7.
//
//	cfg, err := graylog.Settings{}.Config() // GRAYLOG_URL, GRAYLOG_TOKEN, …
//	if err != nil {
//		return err
//	}
//	c, err := graylog.New(cfg)
//	if err != nil {
//		return err
//	}
//	defer c.Close()
//	system, err := c.Wait(ctx, 3*time.Minute, nil)
//
// [Client.Do] and [Client.Get] send any request. Endpoints that more than one
// package uses have a method, and the types of their responses are here.
//
// A failed request is an [*Error]. Use errors.Is with [ErrUnauthorized],
// [ErrForbidden], [ErrNotFound], [ErrNotGraylog] and [ErrUnavailable] to
// distinguish the reasons.
package graylog
