// Package installer installs a content pack on a Graylog server, verifies the
// installation, compares it with another pack, and removes it.
//
//	pack, err := contentpack.New(contentpack.Config{})
//	if err != nil {
//		return err
//	}
//	c := &installer.Client{URL: "https://graylog.example", Token: token, Wait: 3 * time.Minute}
//	report, err := c.Install(ctx, pack)
//
// Graylog itself installs a pack once for each request, each time with new inputs
// on the same ports, and cannot upgrade a pack. [Client.Install] is idempotent: it
// compares the server with the pack, performs the steps from one to the other, and
// repeats this until the server has the pack:
//
//	server                      steps
//	nothing of the pack         upload, install
//	the pack                    none
//	the pack twice              uninstall one
//	another revision            upload, uninstall the other, install
//	other options               uninstall, delete, upload, install
//	a part was deleted          uninstall, install
//	streams are paused          resume (Graylog 7 installs them paused)
//	inputs stopped or failed    start
//	a port or a title is taken  none, and the error ErrObstacle
//
// [Client.Diff] returns these steps and performs none. [Client.Verify] returns
// findings: what does not run, what somebody has changed, and which records the
// index has refused. [Client.Remove] deletes what Install has created.
//
// Each method returns a [Report], also with an error. Use errors.Is with
// [ErrObstacle], [ErrUnauthorized], [ErrForbidden], [ErrNotGraylog] and
// [ErrUnavailable] to distinguish errors.
package installer
