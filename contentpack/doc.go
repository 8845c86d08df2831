// Package contentpack creates the content pack that sets up Graylog 4.0 to 7 for
// the records of a Synergos grid: an input and a stream for each role, and a
// dashboard.
//
//	pack, err := contentpack.New(contentpack.Config{})
//	if err != nil {
//		return err
//	}
//	text, err := pack.MarshalJSON()
//
// The JSON can be uploaded in Graylog at System, Content Packs, or put into its
// content_packs_dir. Package installer installs a [Pack] through the REST API.
//
// Ports, titles and rules come from the table of package role. The same options
// give the same bytes, because all ids are derived from titles.
//
// # Revisions
//
// Graylog identifies a pack by its id and revision, and accepts each pair once.
// [ID] is the id of the original's pack, which this pack updates. [Revision]
// distinguishes the released packs of the zero [Config]. Packs of other options
// can have the same revision and another [Pack.Content], which Graylog shows in
// the pack's description. The installer reads it there.
//
// # Compatibility
//
// The pack only has the fields of Graylog 4.0. Fields of later versions have
// defaults, but an older server rejects a pack that contains them. From 4.3 to 7,
// uploading a pack can remove the streams of the dashboard's first search unless
// the server already has streams with these titles (graylog2-server:
// ContentPackPersistenceService). So the query of each widget names the loggers.
package contentpack
