// Package contentpack is Graylog's side of a Synergos grid: the inputs that
// take the records of the roles, the streams that sort them, and the dashboard
// that shows them, in one content pack for Graylog 4.0 to 7.
//
//	p, err := contentpack.New(contentpack.Options{})
//	if err != nil {
//		return err
//	}
//	c := &contentpack.Client{URL: "https://graylog.example", Token: token, Wait: 3 * time.Minute}
//	report, err := c.Install(ctx, p)
//
// A [Pack] is built from the table of package role, so that a role's port,
// titles and rule are the same here and there. It marshals to the JSON that
// Graylog's page uploads and its auto loader reads. The same options give the
// same bytes: all ids are derived from titles.
//
// # Revisions
//
// Graylog knows a pack by its id and its revision, and takes each pair once.
// The id is the original's, of which this pack is an update; see [ID]. The
// [Revision] tells the packs of the zero Options apart that were released. Packs
// of other options differ in their [Pack.Content], which is in the description
// that Graylog shows: the client reads it from there, and replaces a pack of
// another content, whatever its revision.
//
// # Onto a server and off it
//
// Graylog installs a pack as often as it is told to, each time with new inputs
// that fight for their ports, and knows no upgrade. [Client.Install] looks
// first. It compares what the server has with the pack, plans the steps from
// one to the other, takes them, and looks again, until there is nothing left to
// do:
//
//	nothing there             upload, install
//	the pack there            nothing
//	the pack twice            uninstall one
//	another revision          upload, uninstall the other, install
//	other options             uninstall, delete, upload, install
//	a part of it deleted      uninstall, install
//	streams paused            resume: Graylog 7 installs them so
//	inputs stopped or failed  start
//	ports or titles taken     nothing, and an error
//
// [Client.Diff] shows the plan and takes no step. [Client.Verify] finds what
// does not run or was changed by hand. [Client.Remove] takes away what Install
// brought.
//
// # What differs between servers
//
// The pack has the fields of Graylog 4.0 alone: later ones have defaults, but
// make an older server refuse it. A request to install has another form from
// 7.0 on. From 4.3 on, an upload to a server without the pack's streams takes
// the stream from the first search of the dashboard; that is a search for
// events here, where it does no harm, and all others name the logger, too.
package contentpack
