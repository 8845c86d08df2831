// Package spool keeps GELF frames on disk until they are delivered: a bounded
// log, first in, first out, that outlives the process that wrote it.
//
// [Log.Append] writes frames, each with the NUL that ends it on the wire, as one
// [Block]. [Log.Read] returns the frames of a block again, byte for byte.
// [Log.Release] says how many of them are delivered, from the oldest block on.
// After a restart [Log.Pending] has the blocks that were not released.
//
//	log, err := spool.Open(spool.Options{Dir: dir})
//	if err != nil {
//		return err
//	}
//	defer log.Close()
//	for _, b := range log.Pending() {
//		frames, damaged, err := log.Read(b, nil)
//		…
//		log.Release(b, b.Frames)
//	}
//
// # What it promises
//
//   - A frame survives the death of the process once Append has returned, and
//     that of the machine once [Log.Sync] has. Append does not wait for a Sync.
//   - A frame comes back whole or not at all: each has a checksum of its own.
//     Damage costs the frames it is in and no other.
//   - A frame that was not released comes back. One that was may come again
//     after a power failure, or where its release could not be written down;
//     so may one whose Append failed, if the disk refused to cut it off too.
//   - The directory belongs to one Log at a time. Files that are not the spool's
//     stay as they are, and no symbolic link in it is followed.
//   - If the directory or files in it are removed or replaced while they are in
//     use, [Log.Check] notices it and writes the segments again.
//   - A full or failing disk makes errors, and the log works again when the disk
//     does. Nothing panics, and [Stats] counts each failure.
//
// # On disk
//
// The directory holds a file lock, a file cursor, and segments, which are named
// by increasing number: 000000000001.spool. Integers are little-endian, and
// checksums are CRC-32C. A segment is a header and records:
//
//	magic "SYNSPOOL"   8 bytes
//	version            4 bytes, 1
//	id of the segment  8 bytes, random
//	checksum           4 bytes, of the 20 before it
//
//	marker FF 00 F5 01 4 bytes
//	length             4 bytes, of the frame with its NUL
//	checksum           4 bytes, of length and frame
//	frame
//
// A frame has one NUL, its last byte. The marker has one within, so that it
// cannot be part of a frame, whatever an application logs: the next marker
// after damage is where the next record begins.
//
// A segment grows by whole blocks. It is deleted when all its blocks are
// released, and a restart begins a new one. The first number leaves room for
// [Log.Prepend]. The cursor contains up to where the oldest segment is released:
//
//	magic "SYNSPCUR"   8 bytes
//	id of the segment  8 bytes
//	offset in it       8 bytes
//	checksum           4 bytes, of the 24 before it
//
// It counts for the segment with its id alone: the segments of another spool may
// be moved into the directory while no process uses it, and are sent as well.
//
// # Why not a library
//
// Package handler is linked into its hosts' applications, so that this one
// imports the standard library alone. The write-ahead log that was tried,
// tidwall/wal, has no checksum per record, refuses a log with one bad byte as a
// whole, and copies what remains in order to drop its front.
package spool
