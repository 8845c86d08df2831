package field

import "testing"

// TestDateKind checks the kinds of texts against the type that OpenSearch 2.19 chose for
// each as the first value of a field.
func TestDateKind(t *testing.T) {
	tests := map[Kind][]string{
		KindDate: { // type date
			"2026-01-02", "2026-01", "0000-01-01", "0001-01-01", " 2026-01-02\n", "2026-01-02T03",
			"2026-01-02T03:04", "2026-01-02T03:04:05", "2026-01-02T03:04:05.1", "2026-01-02T03:04:05,1",
			"2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05+08:00", "2026-01-02T03:04:05+0800",
			"2026-01-02T03:04:05+08", "2026-01-02T03:04Z", "2026-01-02T03Z", "2026-01-02T03+08:00", "2026T03",
			"2026-01T03", "9999-12-31T23:59:59.999999999Z",
		},
		KindSlashDate: {"2026/01/02", "2026/01/02 03:04:05"}, // type date with the format yyyy/MM/dd
		// Type date with a format that rejects other dates, a rejected record, or type keyword
		// for a text that resembles a date.
		KindOddDate: {
			"2026/02/30", "2026/13/01", "-2026-01-02", "+12026-01-02", "2026-01-02T", "-0001-01-01",
			"2026-01-02T03:04:05Europe/Paris", "2026-01-02T03:04:05GMT", "2026-01-02T03:04:05-18:01",
			"2026-01-02T03:04:05+08:00:30", "2026-01-02T25:00", "2026-01-02T03:04:05.1234567891Z",
		},
		KindText: { // type keyword
			"2026", "20260102", "2026/01", "2026-01-02 03:04:05", "2026-01-02Z", "2026-1-2", "2026/1/2",
			"2026-13-01", "2026-02-30", "2026-02-32", "12026-01-02", "10000-01-01", "999-01-01", "26-01-02",
			"2026-01-02t03:04:05z", "2026-01-02\u200b", "2026/01/02 +08:00", "2026/01/02 03:04", "03:04:05",
			"1700000000000", "1.5", "NaN", "2026-001", "2026-W01-1", "2026-01-", "2026-", "2026/", "now",
			"2026-01-02/d", "2026-01-02T3:04", "2026/01/02T03:04:05", "2026/01/02 UTC", "2026-01-02+08:00",
			"2026-00-01", "2026-01-00", "12026/01/02", "２０２６-01-02", "-", "+", "/srv/run", "10.0.0.1", "2026-0102",
			"1234-5678-90", "2026Tea",
		},
	}
	for want, texts := range tests {
		for _, text := range texts {
			if got := dateKind(text); got != want {
				t.Errorf("dateKind(%q) = %v, want %v", text, got, want)
			}
			if !MayBeDate(text) && want != KindText {
				t.Errorf("MayBeDate(%q) = false, but its kind is %v", text, want)
			}
		}
	}
}
