// Package spool keeps GELF frames on disk until they are delivered. It is a bounded
// first-in, first-out log that survives the process that wrote it.
//
// [Log.Append] writes frames, each with the NUL that ends it on the wire, as one
// [Block]. [Log.Read] returns the frames of a block, byte for byte. [Log.Release]
// marks frames as delivered, beginning with the oldest block. After a restart,
// [Log.Pending] returns the blocks that were not released.
//
//	log, err := spool.Open(spool.Config{Dir: dir})
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
// # Guarantees
//
//   - A frame survives the end of the process once Append has returned, and a
//     crash of the machine once [Log.Sync] has. Append does not wait for a Sync.
//   - A frame is returned whole or not at all: each has a checksum. Damage affects
//     the damaged frames only.
//   - A frame that was not released is returned after a restart. A released frame
//     may be returned again after a power failure, or if its release could not be
//     written. So may a frame whose Append failed, if the disk also failed to
//     truncate the file.
//   - One Log at a time uses the directory. Files that do not belong to the spool
//     are not changed, and symbolic links in the directory are not followed.
//   - If the directory or its files are removed or replaced while they are in use,
//     [Log.Check] detects it and writes the segments again.
//   - A full or failing disk causes errors, and the log works again when the disk
//     does. [Stats] counts each failure.
//
// # Format
//
// The directory contains the files lock and cursor, and segments named by
// increasing numbers: 000000000001.spool. Integers are little-endian, and checksums
// are CRC-32C. A segment is a header followed by records:
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
// The only NUL of a frame is its last byte. The marker has a NUL inside, so it is
// never part of a frame, whatever an application logs: the next marker after damage
// is the start of the next record.
//
// A segment grows by whole blocks. It is deleted when all its blocks are released,
// and a restart begins a new segment. The first number leaves room for
// [Log.Prepend]. The cursor contains the position up to which the oldest segment is
// released:
//
//	magic "SYNSPCUR"   8 bytes
//	id of the segment  8 bytes
//	offset in it       8 bytes
//	checksum           4 bytes, of the 24 before it
//
// The cursor applies only to the segment with its id. You can move segments of
// another spool into the directory while no process uses it; they are sent too.
//
// # Why not a library
//
// Every application that uses the handler links this package, so it imports the
// standard library only. The write-ahead log tidwall/wal has no checksum per record,
// rejects a whole log because of one bad byte, and copies the remaining frames to
// remove the first ones.
package spool
