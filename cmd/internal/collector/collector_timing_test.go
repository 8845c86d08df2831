package collector

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

// BenchmarkIngest measures records a second from a TCP connection into the
// store, one record an iteration: -benchtime=1000000x fills a store. The
// records are of the size that the handlers send.
func BenchmarkIngest(b *testing.B) {
	for _, dir := range []string{"temporary", "disk"} {
		b.Run(dir, func(b *testing.B) {
			opts := Options{MaxRecords: 10_000_000}
			if dir == "disk" {
				opts.Dir = b.TempDir()
			}
			c := start(b, opts)
			chunk, n := benchFrames()
			conn := dial(b, c, "TTP Logs")
			b.SetBytes(int64(len(chunk) / n))
			b.ReportAllocs()
			b.ResetTimer()
			began := time.Now()
			sent := 0
			for ; sent < b.N; sent += n {
				if _, err := conn.Write(chunk); err != nil {
					b.Fatal(err)
				}
			}
			for c.Stats().Stored < int64(sent) {
				time.Sleep(time.Millisecond)
			}
			b.ReportMetric(float64(sent)/time.Since(began).Seconds(), "records/s")
		})
	}
}

// benchFrames returns a few frames in a row, and how many.
func benchFrames() ([]byte, int) {
	var b bytes.Buffer
	const n = 100
	for i := range n {
		fmt.Fprintf(&b, `{"version":"1.1","host":"hospital-1","short_message":"Aligned model with participant number %d","timestamp":%d.%06d,"level":6,`+
			`"_level_name":"INFO","_level_number":20,"_logger":"TTP_hospital-1","_event":"Aligned model with participant number %d","_seq":%d,`+
			`"_ID_path":"/synergos/ttp/align.py","_ID_class":"Alignment","_ID_function":"align","_epoch":%d,"_loss":0.%d,"_project":"covid"}`+"\x00",
			i, time.Now().Unix(), i, i, i, i, i+1)
	}
	return b.Bytes(), n
}
