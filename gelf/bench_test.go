package gelf

import (
	"bytes"
	"io"
	"testing"
)

// benchFrame is a typical frame with eight additional fields.
var benchFrame = []byte(`{"version":"1.1","host":"hospital-1","short_message":"Participant has been registered",` +
	`"timestamp":1700000000.123456,"level":6,"_level_name":"INFO","_level_number":20,"_logger":"TTP_hospital-1",` +
	`"_event":"Participant has been registered","_seq":123456,"_project_id":"covid-2020",` +
	`"_ID_path":"/synergos/ttp/registration.py","_elapsed":0.015625}`)

func BenchmarkDecode(b *testing.B) {
	b.SetBytes(int64(len(benchFrame)))
	b.ReportAllocs()
	for b.Loop() {
		if _, f, err := Decode(benchFrame); err != nil || len(f) > 0 {
			b.Fatal(f, err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}

func BenchmarkDecodeParallel(b *testing.B) {
	b.SetBytes(int64(len(benchFrame)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, _, err := Decode(benchFrame); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}

// loop is a stream that repeats its data.
type loop struct {
	data []byte
	at   int
}

func (l *loop) Read(p []byte) (int, error) {
	n := copy(p, l.data[l.at:])
	if l.at += n; l.at == len(l.data) {
		l.at = 0
	}
	return n, nil
}

func BenchmarkReader(b *testing.B) {
	stream := bytes.Repeat(append(bytes.Clone(benchFrame), 0), 1000)
	r := NewReader(io.Reader(&loop{data: stream}))
	b.SetBytes(int64(len(benchFrame) + 1))
	b.ReportAllocs()
	for b.Loop() {
		if f, err := r.Next(); err != nil || len(f) != len(benchFrame) {
			b.Fatal(len(f), err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "frames/s")
}
