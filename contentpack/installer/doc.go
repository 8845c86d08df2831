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
//	another program's pack      upload, install, uninstall the other
//	the pack twice              uninstall one
//	other options               change the inputs
//	another revision            upload, change the dashboard
//	a part was deleted          create it
//	a part was changed          none, and a note; Client.Reset changes the dashboard
//	streams are paused          resume (Graylog 7 installs them paused)
//	inputs stopped or failed    start
//	a port or a title is taken  none, and the error ErrObstacle
//	a permission is missing     none, and the error ErrForbidden
//
// [Client.Diff] returns these steps and performs none. [Client.Verify] returns
// findings: what does not run, what people have changed, and which records the index
// has refused. [Client.Remove] deletes what Install has created.
//
// Each method returns a [Report], also with an error. Use errors.Is with
// [ErrObstacle], [ErrUnauthorized], [ErrForbidden], [ErrInvalidURL], [ErrNotGraylog]
// and [ErrUnavailable] to distinguish errors.
package installer
