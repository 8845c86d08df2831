package censor

import (
	"regexp"
	"strings"
	"testing"
)

// TestPatterns checks what the ready-made patterns hide. Brackets enclose the parts
// that must be hidden.
func TestPatterns(t *testing.T) {
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_"
	for name, texts := range map[string][]string{
		"bearer": {
			"Bearer [abc.def-123_~+/==]", "Authorization: bearer [s3cr3t], next", `{"a":"BEARER [x]"}`,
			"Bearer%20[x]&y", "a Bearer\t[x] and Bearer [y]",
			`bearer="[x]"`, "forbearer x", "Bearer", "Bearer ", "Bearer: ", "bearerx y", "no such word", "",
		},
		"basic": {
			"Basic [dXNlcjpodW50ZXIy]", "basic [dXNlcjpodW50ZXIyMQ==]", "Authorization: BASIC [OnB3]",
			"Basic training started", "basic dXNlcg==", "Basic",
			"basic needs, then Basic [dXNlcjpwdw]", "Basic [OkD_-w==]", "Basic basic [dXNlcjpodW50ZXIy]",
			"basic=basic=[dXNlcjpodW50ZXIy]", "basic:x:basic%20[dXNlcjpwdw]", "basic a:basic [dXNlcjpwdw]",
		},
		"jwt": {"[" + jwt + "]", "token=[" + jwt + "];x", "eyJhbGci", "eyJhbGci.x", "[eyJhbGci.x.]", "xeyJhbGci.x.y",
			"eyJ eyJ"},
		"url": {
			"postgres://user:[hunter2]@db:5432/x", "amqp://:[pw]@host", "https://host:8080/a@b", "https://user@host/",
			"https://host/a?b=c:d@e", "://", "x://u:[p:w@d]@h",
			"a://u:[p]@h and b://v:[q]@h", "redis://user:@host",
		},
		"email": {
			"[alice@example.com]", "to [alice.b+c@mail.example.co.uk], cc <[bob@x.de]>.",
			"user=[a@b.de]&x=[%20c%40d.org];", "mailto:[a@b.de]?x", "[дима@почта.рф] x",
			"a@b", "@example.com", "a@", "@", "module@v1.2.3", "x@1.2.3.4", "a@b.c", "go/pkg@v0.0.0-2020.rc1/file.go",
			"[a_b@xn--80a.xn--p1ai]", "[o'neil@x.ie]",
			"a@b..de", "[a@b.de]@[c@d.de]", "git@host:org/repo", "[Müller@Bücher.example]", "[a@b.museum].",
		},
		"iban": {
			"[DE89370400440532013000]", "IBAN [DE89 3704 0044 0532 0130 00] was paid", "[de89370400440532013000]",
			"[GB29-NWBK-6016-1331-9268-19]", "[GB29\u00a0NWBK\u00a06016\u00a01331\u00a09268\u00a019].",
			"DE88370400440532013000", "XDE89370400440532013000", "DE893704004405320130001", "DE8937040044053201300",
			"[NO9386011117947]", "[MT84MALT011000012345MTLCAST001S]", "[BE68 5390 0754 7034] 12",
			"no iban here, not even DE89", "sha de89370400440532013000ff", "[FR1420041010050500013M02606]:x", "DE8",
		},
		"card": {
			"[4111111111111111]", "[4111 1111 1111 1111] ok", "card [5500-0000-0000-0004].", "[378282246310005]",
			"4111111111111112", "14111111111111111", "1700000000123456789",
			"x4111111111111111", "4111111111111111x", "4111 1111", "[6011000990139424],[30569309025904]",
		},
	} {
		var p Pattern
		if err := p.UnmarshalText([]byte(strings.ToUpper(name))); err != nil || p.String() != name {
			t.Fatalf("%s: %v, %v", name, p, err)
		}
		r := &Rules{values: []Pattern{p}}
		for _, text := range texts {
			plain := strings.NewReplacer("[", "", "]", "").Replace(text)
			want := regexp.MustCompile(`\[.*?\]`).ReplaceAllString(text, Mark)
			if got := r.Text(plain); got != want {
				t.Errorf("%s: Text(%q) = %q, want %q", name, plain, got, want)
			}
			if got := r.Text(want); strings.ReplaceAll(got, Mark, "") != strings.ReplaceAll(want, Mark, "") {
				t.Errorf("%s: Text(%q) = %q, want it unchanged", name, want, got)
			}
		}
	}
	var p Pattern
	if err := p.UnmarshalText([]byte("mail")); err == nil || !strings.Contains(err.Error(), `"mail"`) ||
		!strings.Contains(err.Error(), "bearer, basic, jwt, url, email, iban, card") {
		t.Errorf("UnmarshalText of an unknown name: %v", err)
	}
}

// FuzzPatterns checks that no text makes a pattern panic or hang, that a pattern is not
// skipped for a text in which it finds something, and that visible parts are unchanged.
func FuzzPatterns(f *testing.F) {
	for _, text := range []string{"Bearer x", "a@b.de %40", "DE89 3704 0044 0532 0130 00", "4111-1111", "eyJa.b.c",
		"x://u:p@h", "Basic dTpw", "\xff@\xff.de", "bearer:=\"'%20"} {
		f.Add(text)
	}
	r := &Rules{values: append(Patterns(), Regexp("digits", regexp.MustCompile(`\b(\d*)x`)))}
	f.Fuzz(func(t *testing.T, text string) {
		for i := range r.values {
			p := &r.values[i]
			if p.needs&^charsOf(text) != 0 && p.find != nil {
				if start, end := p.find(text, 0); start >= 0 {
					t.Fatalf("%s is skipped for %q, although it finds %q", p, text, text[start:end])
				}
			}
			shown := strings.Split(p.hide(text), Mark)
			rest := text
			for _, part := range shown {
				_, after, ok := strings.Cut(rest, part)
				if !ok && !strings.Contains(text, Mark) {
					t.Fatalf("%s: the visible part %q is not in %q", p, part, text)
				}
				rest = after
			}
		}
		r.Text(text)
	})
}
