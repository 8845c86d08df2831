package store

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// castagnoli is the polynomial of all checksums.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A summer computes checksums. It reuses its memory.
type summer struct{ text []byte }

// row returns the checksum of a row and its id.
func (s *summer) row(id int64, r *index.Row) int64 {
	b := s.text[:0]
	for _, n := range [...]int64{id, r.Received, r.Timestamp, int64(r.Level), int64(r.Streams), int64(r.RemotePort)} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	for _, text := range [...]string{
		r.RemoteIP, r.Input, r.Source, r.Logger, r.Message, r.FullMessage, r.Fields, r.Findings,
	} {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
		b = append(b, text...)
	}
	s.text = b
	return int64(crc32.Checksum(b, castagnoli))
}

// sum returns the checksum of the description of a block.
func (m blockMeta) sum() int64 {
	var b []byte
	for _, n := range [...]int64{m.first, m.last, m.from, m.to} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	return int64(crc32.Checksum(b, castagnoli))
}

// partSum returns the checksum of a part of a block.
func partSum(first int64, name string, data []byte) int64 {
	head := append(binary.LittleEndian.AppendUint64(nil, uint64(first)), name...)
	return int64(crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, data))
}
