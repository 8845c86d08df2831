package collector

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aimakerspace/synlogger/role"
)

// lineRunes is how much of a message stands on the line of its record.
const lineRunes = 300

// briefTexts is how much the page has of each text.
const briefTexts = 10_000

//go:embed assets
var assets embed.FS

// page.html gets every text through html/template, which escapes it for the
// place it stands in, and in a bdi element, so that a text from right to left
// turns nothing around that is not its own.
var pageTemplate = template.Must(template.New("page.html").Funcs(template.FuncMap{
	"num":    func(n any) string { return grouped(fmt.Sprint(n)) },
	"rate":   func(r float64) string { return grouped(strconv.FormatFloat(r, 'f', 0, 64)) },
	"size":   byteSize,
	"plural": plural,
	"iso":    func(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z07:00") },
	"clock":  clock,
}).ParseFS(assets, "assets/page.html"))

// A pageData is what page.html shows.
type pageData struct {
	Stats        Stats
	RefusedTotal int64
	Live         bool // it keeps itself up to date
	Error        string
	First        bool // nothing has arrived yet
	GoLines      string
	ShellLine    string
	Dashboard    bool
	Tiles        []Stream

	Searched   bool
	Query      Query
	StreamName string // of Query.Stream
	Levels     []pageLevel
	Title      string
	Records    []pageRecord
	Older      string // where the next records are
}

// A pageLevel is an entry of the list of levels.
type pageLevel struct {
	Value, Title string
	Selected     bool
}

// A pageRecord is a record as the page shows it.
type pageRecord struct {
	Record
	Line     string // the message on one line
	Text     string // the message, if the line does not show it all
	FullText string
	Rows     []fieldRow
	Cut      bool // there is more of it
}

// A fieldRow is a field with its type in the index.
type fieldRow struct{ Name, Value, Type string }

// LevelClass is the class of the level's badge.
func (r pageRecord) LevelClass() string { return "l" + strconv.Itoa(max(r.Level, -1)) }

// JSON is where the record is found alone.
func (r pageRecord) JSON() string {
	return fmt.Sprintf("api/records/%d", r.ID)
}

func (c *Collector) servePage(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), requestTime)
	defer cancel()
	data, status := c.pageData(ctx, r)
	var page bytes.Buffer
	if err := pageTemplate.Execute(&page, data); err != nil {
		writeFailure(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // an error is the browser's, which is gone
}

// pageParams are those of the page: a search's, and what dashboard.js reads.
var pageParams = append(append([]param(nil), selecting...),
	param{name: "tab", kind: "string"}, param{name: "last", kind: "string"},
	param{name: "since", kind: "string"}, param{name: "until", kind: "string"})

// pageData collects what the page shows, and the status to show it with.
func (c *Collector) pageData(ctx context.Context, r *http.Request) (pageData, int) {
	p := pageData{Stats: c.Stats()}
	for _, n := range p.Stats.Refused {
		p.RefusedTotal += n
	}
	values, err := parseParams(r, pageParams)
	if err == nil {
		p.Query = values.query()
		q := p.Query
		p.Searched = !q.From.IsZero() || !q.To.IsZero() || q.Stream != "" || q.Text != "" || q.Level != "" || q.After > 0 || q.Before > 0
		if p.Searched {
			err = c.fillSearch(ctx, &p)
		} else {
			c.fillDashboard(&p)
		}
	}
	p.Levels = pageLevels(p.Query.Level)
	if err != nil {
		p.Searched, p.Title, p.Error = true, "Search", err.Error()
		return p, statusOf(err)
	}
	p.Live = p.Query.Before == 0
	return p, http.StatusOK
}

func (c *Collector) fillSearch(ctx context.Context, p *pageData) error {
	f, err := newFilter(p.Query)
	if err != nil {
		return err
	}
	p.Title = "All records"
	if p.Query.Stream != "" {
		i, err := streamIndex(p.Query.Stream)
		if err != nil {
			return err
		}
		p.StreamName, p.Title = p.Stats.Streams[i].Name, p.Stats.Streams[i].Title
	}
	records, _, err := c.store.search(ctx, f, view{cut: briefTexts})
	if err != nil {
		return err
	}
	p.Records = pageRecordsOf(records)
	if n := len(records); n == f.limit {
		v := url.Values{"before": {strconv.FormatInt(records[n-1].ID, 10)}}
		for name, value := range map[string]string{"stream": p.Query.Stream, "q": p.Query.Text, "level": p.Query.Level} {
			if value != "" {
				v.Set(name, value)
			}
		}
		p.Older = "?" + v.Encode()
	}
	return nil
}

// fillDashboard collects what stands around the dashboard, which asks for its
// own data.
func (c *Collector) fillDashboard(p *pageData) {
	p.Dashboard = true
	for _, st := range p.Stats.Streams {
		if st.Name != DefaultStream || st.Records > 0 {
			p.Tiles = append(p.Tiles, st)
		}
	}
	if p.First = p.Stats.Records == 0 && p.Stats.Received == 0; p.First {
		p.GoLines, p.ShellLine = c.firstLines()
	}
}

// inputAddr returns the address of an input by its title, "" if there is none.
func (c *Collector) inputAddr(title string) string {
	for _, in := range c.inputs {
		if in.Title == title {
			return in.Addr
		}
	}
	return ""
}

// firstLines returns what to paste to see a first record: Go, and shell.
func (c *Collector) firstLines() (goLines, shellLine string) {
	ttp, err := role.Lookup("TTP")
	addr := c.inputAddr(ttp.Input)
	if err != nil || addr == "" {
		return "", ""
	}
	host, port, _ := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	server := host
	if port != strconv.Itoa(ttp.Port) {
		server = net.JoinHostPort(host, port)
	}
	goLines = fmt.Sprintf(`import (
	"log/slog"

	"github.com/aimakerspace/synlogger/role"
)

h := role.TTP(role.Config{Server: %q, Name: "hospital-1"})
defer h.Close()
slog.SetDefault(slog.New(h))
slog.Info("Hello World!", "owner", "me")`, server)
	shellLine = fmt.Sprintf(`printf '{"version":"1.1","host":"me","short_message":"Hello World!","level":6,"_logger":"%shospital-1"}\0' | nc -w 1 %s %s`,
		ttp.Prefix, host, port)
	return goLines, shellLine
}

func pageLevels(selected string) []pageLevel {
	chosen := -1
	if n, err := severity(selected); err == nil {
		chosen = n
	}
	levels := []pageLevel{}
	for n := 2; n < len(severities); n++ { // nobody sends emergencies and alerts
		name := strings.ToLower(severities[n])
		title := strings.ToUpper(name[:1]) + name[1:] + " and worse"
		levels = append(levels, pageLevel{Value: name, Title: title, Selected: n == chosen})
	}
	return levels
}

func pageRecordsOf(records []Record) []pageRecord {
	views := make([]pageRecord, len(records))
	for i, r := range records {
		v := pageRecord{Record: r}
		var whole, cut bool
		v.Line, whole = cutRunes(strings.Join(strings.Fields(r.Message), " "), lineRunes)
		if !whole || strings.Contains(r.Message, "\n") {
			v.Text, cut = cutText(r.Message)
			v.Cut = v.Cut || cut
		}
		v.FullText, cut = cutText(r.FullMessage)
		v.Cut = v.Cut || cut
		v.Rows, cut = fieldRows(r)
		v.Cut = v.Cut || cut
		views[i] = v
	}
	return views
}

// fieldRows returns the fields of a record under the names a search in Graylog
// knows them by, and whether there is more of them.
func fieldRows(r Record) (rows []fieldRow, cut bool) {
	add := func(name, value, kind string) { rows = append(rows, fieldRow{name, value, kind}) }
	names := make([]string, 0, len(r.Fields))
	for name := range r.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	room := briefTexts
	for _, name := range names {
		if room <= 0 {
			return rows, true
		}
		switch v := r.Fields[name].(type) {
		case string:
			text, whole := cutRunes(v, room)
			room -= len(text)
			cut = cut || !whole
			add(name, text, "text")
		case float64:
			add(name, strconv.FormatFloat(v, 'g', -1, 64), "float")
		default:
			add(name, fmt.Sprint(v), "int")
		}
	}
	add("source", r.Source, "text")
	add("timestamp", r.Timestamp.Format("2006-01-02T15:04:05.000Z"), "date")
	if r.Level >= 0 {
		add("level", strconv.Itoa(r.Level), "int")
	}
	add("gl2_remote_ip", r.RemoteIP, "text")
	add("gl2_remote_port", strconv.Itoa(r.RemotePort), "int")
	add("gl2_source_input", r.Input, "text")
	add("streams", strings.Join(r.Streams, ", "), "text")
	return rows, cut || len(r.Fields) == 0 && r.Logger != ""
}

// cutText cuts a text for the page. The store has cut it before, so a text at
// the limit counts as cut.
func cutText(text string) (string, bool) {
	short, whole := cutRunes(text, briefTexts)
	return short, !whole || utf8.RuneCountInString(text) == briefTexts
}

// cutRunes returns the first n characters of a text, and whether that is all.
func cutRunes(text string, n int) (string, bool) {
	for i := range text {
		if n == 0 {
			return text[:i] + "…", false
		}
		n--
	}
	return text, true
}

// clock returns a time as people on this machine read it, with the date unless
// it is today.
func clock(t time.Time) string {
	t = t.Local()
	if now := time.Now(); t.YearDay() != now.YearDay() || t.Year() != now.Year() {
		return t.Format("Jan 02 15:04:05")
	}
	return t.Format("15:04:05.000")
}

func plural(n any, word string) string {
	if fmt.Sprint(n) == "1" {
		return word
	}
	return word + "s"
}

// grouped puts a comma before every three digits from the end.
func grouped(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func byteSize(n int64) string {
	size, units := float64(n), []string{"B", "kB", "MB", "GB", "TB"}
	for len(units) > 1 && size >= 999.5 {
		size, units = size/1000, units[1:]
	}
	digits := 0
	if size < 10 && units[0] != "B" {
		digits = 1
	}
	return strconv.FormatFloat(size, 'f', digits, 64) + " " + units[0]
}

// serveAsset serves the page's own files, but not its template.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	kinds := map[string]string{
		".css": "text/css; charset=utf-8",
		".js":  "text/javascript; charset=utf-8",
		".svg": "image/svg+xml",
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	kind, ok := kinds[path.Ext(name)]
	text, err := assets.ReadFile(name)
	if !ok || err != nil {
		writeError(w, http.StatusNotFound, fmt.Errorf("no page %s", r.URL.Path))
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(text)
}
