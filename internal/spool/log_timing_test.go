package spool

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// blockOf returns about size bytes of frames of 300 bytes.
func blockOf(size int) []byte {
	frame := []byte(strings.Repeat("x", 299) + "\x00")
	return bytes.Repeat(frame, size/len(frame))
}

// BenchmarkAppend appends blocks, syncs after some of them, and releases all of them
// from time to time.
func BenchmarkAppend(b *testing.B) {
	for _, every := range []int{0, 1, 16} {
		b.Run(fmt.Sprintf("64KiB/syncEvery=%d", every), func(b *testing.B) {
			l := open(b, Config{Dir: b.TempDir(), MaxBytes: 1 << 40})
			p := blockOf(blockSize)
			b.SetBytes(int64(len(p)))
			b.ReportAllocs()
			var blocks []Block
			n := 0
			for b.Loop() {
				block, err := l.Append(p)
				if err != nil {
					b.Fatal(err)
				}
				if n++; every > 0 && n%every == 0 {
					if err := l.Sync(); err != nil {
						b.Fatal(err)
					}
				}
				blocks = append(blocks, block)
				if len(blocks) < 4096 {
					continue
				}
				for _, block := range blocks {
					if err := l.Release(block, block.Frames); err != nil {
						b.Fatal(err)
					}
				}
				blocks = blocks[:0]
			}
		})
	}
}

func BenchmarkReadRelease(b *testing.B) {
	l := open(b, Config{Dir: b.TempDir(), MaxBytes: 1 << 40})
	p := blockOf(blockSize)
	b.SetBytes(int64(len(p)))
	b.ReportAllocs()
	var dst []byte
	var blocks []Block
	for b.Loop() {
		if len(blocks) == 0 {
			b.StopTimer()
			for range 1024 {
				block, err := l.Append(p)
				if err != nil {
					b.Fatal(err)
				}
				blocks = append(blocks, block)
			}
			b.StartTimer()
		}
		var err error
		if dst, _, err = l.Read(blocks[0], dst[:0]); err != nil {
			b.Fatal(err)
		}
		if err := l.Release(blocks[0], blocks[0].Frames); err != nil {
			b.Fatal(err)
		}
		blocks = blocks[1:]
	}
}

func BenchmarkRecover256MiB(b *testing.B) {
	o := Config{Dir: b.TempDir()}
	l := open(b, o)
	p := blockOf(blockSize)
	for l.Size() < 256<<20 {
		if _, err := l.Append(p); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(l.Size())
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		l, err := Open(o)
		if err != nil {
			b.Fatal(err)
		}
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
