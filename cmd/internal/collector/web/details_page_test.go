package web_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/gelf"
)

// rowOf returns the value and the type of a field in the details.
func rowOf(page *browsertest.Page, name string) any {
	return page.Eval(script(`((name) => {
		const tr = [...document.querySelectorAll(".drawer .fields tbody tr")].find((tr) =>
		tr.querySelector("th bdi").textContent === name);
		return tr ? [tr.querySelector("td bdi").textContent, tr.querySelector(".type").textContent] : null;
	})`, name))
}

// press presses a button of the details, given its key.
func press(page *browsertest.Page, key string) {
	page.Eval(script(`((key) => document.querySelector('.drawer [data-key="' + key + '"]').click())`, key))
}

func TestDetailsPage(t *testing.T) {
	t.Parallel()
	c := collectortest.Start(t, collector.Config{})
	collectortest.LogAs(t, c, "TTP", "ttp-1", func(log *slog.Logger) {
		for i := range 3 {
			log.Info(fmt.Sprint("before ", i))
		}
		log.Warn(
			"Aligned \"two\" models",
			"round",
			3,
			"loss",
			0.5,
			"whole",
			1.0,
			"big",
			int64(1)<<60,
			"path",
			`C:\logs`,
			"two lines",
			"a\nb",
			"long",
			strings.Repeat("x", 40_000),
		)
	})
	collectortest.LogAs(t, c, "Worker", "bank", func(log *slog.Logger) {
		for i := range 3 {
			log.Info(fmt.Sprint("after ", i))
		}
	})
	collectortest.Send(t, c, "Test Logs",
		`{"version":"1.1","host":"other","short_message":"of another library","full_message":"line 1\nline 2",
			"_logger":"DIR_x","_id":5,"_ok":true,"_none":null,"_a b":1}`)
	collectortest.Await(t, c, search.Query{}, 8)

	page, console := openSearch(t, c, "", 8)
	page.Allow("clipboard-read", "clipboard-write")
	page.Click(".records tr:nth-child(4) .text")
	page.Until("the details", `document.querySelectorAll(".drawer .fields tbody tr").length > 10`)
	for name, want := range map[string][]any{
		"round":         {"3", "int"},
		"loss":          {"0.5", "float"},
		"whole":         {"1", "float"},
		"big":           {"1152921504606846976", "int"},
		"path":          {`C:\logs`, "text"},
		"two_lines":     {"a\nb", "text"},
		"logger":        {"TTP_ttp-1", "text"},
		"level":         {"4 WARNING", "int"},
		"streams":       {"TTP Stream", "text"},
		"gl2_remote_ip": {"127.0.0.1", "text"},
	} {
		if diff := cmp.Diff(any(want), rowOf(page, name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if long := rowOf(page, "long").([]any)[0].(string); len(long) != 10_000 {
		t.Errorf("a long text shows %d characters, want the first 10,000", len(long))
	}
	near := page.Eval(`return [...document.querySelectorAll(".near li")].map((li) =>
		li.querySelector(".text, .here > span").textContent)`)
	if near := fmt.Sprint(near); !strings.Contains(near, "before 0") || !strings.Contains(near, "before 2") ||
		!strings.Contains(near, "after 2") || !strings.Contains(near, "this record") {
		t.Errorf("the nearest records are %v", near)
	}
	page.Eval(`const s = document.querySelector('.drawer [data-key="among"]'); s.value = "logger";
		s.dispatchEvent(new Event("change"))`)
	page.Until("neighbours of the same logger", `document.querySelectorAll(".near li").length === 4`)
	page.Picture(filepath.Join(pictures, "details.png"))

	// The copied JSON is the API's record. The copied GELF stores the same record
	// again.
	press(page, "json")
	page.Until("copied", `document.querySelector('.drawer [data-key="json"]').textContent === "Copied"`)
	var r record.Record
	if err := json.Unmarshal([]byte(page.Eval(`return navigator.clipboard.readText()`).(string)), &r); err != nil ||
		r.ID != 4 || len(r.Fields["long"].(string)) != 32_766 {
		t.Errorf("copied as JSON: %v, id %d", err, r.ID)
	}
	press(page, "gelf")
	page.Until("copied", `document.querySelector('.drawer [data-key="gelf"]').textContent === "Copied"`)
	m, findings, err := gelf.Decode([]byte(page.Eval(`return navigator.clipboard.readText()`).(string)))
	if err != nil || len(findings) > 0 || m.Message != `Aligned "two" models` || m.Fields["big"] != int64(1)<<60 ||
		m.Fields["two_lines"] != "a\nb" {
		t.Errorf("copied as GELF: %v, %v, %+v", err, findings, m.Message)
	}

	// Navigation: a nearby record, the next record of the list, the previous one.
	page.Eval(`document.querySelector(".near button").click()`)
	page.Until("the first", `document.querySelector("#drawer h2").textContent === "Record 1"`)
	press(page, "next")
	page.Until("the next", `document.querySelector("#drawer h2").textContent === "Record 2"`)
	press(page, "previous")
	page.Until("the one before", `document.querySelector("#drawer h2").textContent === "Record 1"`)

	// The findings of a record are shown with their reasons.
	page.Click(".records tr:last-child .text")
	page.Until("the findings", `document.querySelectorAll(".findings li").length > 0`)
	said := page.Eval(`return document.querySelector(".findings").innerText`).(string)
	for _, want := range []string{"_none", "_a b", "_ok"} {
		if !strings.Contains(said, want) {
			t.Errorf("nothing is said of %s:\n%s", want, said)
		}
	}
	if got := page.Eval(`return document.querySelectorAll(".drawer pre.text")[1].textContent`); got != "line 1\nline 2" {
		t.Errorf("full_message is %v", got)
	}
	tag := page.Eval(`return document.querySelector(".records tr:last-child .tag").textContent`)
	if !strings.Contains(tag.(string), "not as sent") {
		t.Errorf("the tag of the list is %v", tag)
	}
	page.Picture(filepath.Join(pictures, "findings.png"))

	// Each value can be required or excluded.
	for _, tt := range []struct {
		key, query string
		records    int
	}{
		{"+ logger", `logger:"TTP_ttp-1"`, 4},
		{"- logger", `NOT logger:"TTP_ttp-1"`, 4},
		{"+ path", `path:"C:\\logs"`, 1},
		{"- level", `NOT level:4`, 7},
		{"+ message", `message:"Aligned \"two\" models"`, 1},
		{"+ two_lines", `two_lines:a?b`, 1},
		{"+ big", "big:1152921504606846976", 1},
		{"+ streams", `streams:"TTP Stream"`, 4},
		{"- loss", "NOT loss:0.5", 7},
	} {
		page.Open(c.PageURL() + "search?record=4")
		page.Until("the details", `document.querySelectorAll(".drawer .fields tbody tr").length > 10`)
		press(page, tt.key)
		untilRecords(page, tt.records)
		if got := address(page, "q"); got != tt.query {
			t.Errorf("%s makes the query %v, want %s", tt.key, got, tt.query)
		}
	}
	page.Open(c.PageURL() + "search?record=4")
	page.Until("the details", `document.querySelectorAll(".drawer .fields tbody tr").length > 10`)
	press(page, "column loss")
	page.Until("a column", `document.querySelector(".records tr[aria-current] .c-loss")?.textContent === "0.5"`)
	press(page, "facet round")
	page.Until("a facet", `[...document.querySelectorAll(".facet > summary")].some((e) => e.textContent === "round")`)
	if got := page.Eval(`return document.querySelector('.drawer [data-key="+ long"]')`); got != nil {
		t.Error("a value that is cut can be searched for")
	}
	console()

	// A link to a deleted record reports that the record no longer exists.
	page.Open(c.PageURL() + "search?record=99")
	page.Until("gone", `document.querySelector(".drawer .alarm")?.textContent.includes("no record 99")`)
}
