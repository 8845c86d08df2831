package collector

import (
	"encoding/binary"
	"hash/crc32"
)

// castagnoli is the polynomial of all checksums.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A summer computes checksums. It keeps its memory from one to the next.
type summer struct{ text []byte }

// row returns the checksum of a row with its id.
func (s *summer) row(id int64, r *row) int64 {
	b := s.text[:0]
	for _, n := range [...]int64{id, r.received, r.timestamp, int64(r.level), int64(r.streams), int64(r.remotePort)} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	for _, text := range [...]string{
		r.remoteIP, r.input, r.source, r.logger, r.message, r.fullMessage, r.fields, r.findings,
	} {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
		b = append(b, text...)
	}
	s.text = b
	return int64(crc32.Checksum(b, castagnoli))
}

// sum returns the checksum of what is known of a block without its parts.
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
