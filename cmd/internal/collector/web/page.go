package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/ingest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/role"
)

// assets are the files of the pages.
//
//go:embed assets
var assets embed.FS

var pageTemplate = template.Must(template.ParseFS(assets, "assets/page.html"))

// A pageView is a page of the collector. Its script fills it with data of the REST
// API.
type pageView struct{ Name, Title, Path string }

var pageViews = []pageView{
	{"dashboard", "Dashboard", "./"},
	{"search", "Search", "search"},
	{"status", "Store", "status"},
}

// pattern returns the pattern of the view's path for a mux.
func (v pageView) pattern() string {
	if v.Path == "./" {
		return "/{$}"
	}
	return "/" + v.Path
}

// imported matches an import in a script of the page.
var imported = regexp.MustCompile(`(?m)^(?:import|export) .* from "\./([^"]+)";$`)

// modules returns the paths of the scripts that the view's script imports, directly or
// indirectly.
func (v pageView) modules() []string {
	var found []string
	queue := []string{v.Name + ".js"}
	for len(queue) > 0 {
		text, err := assets.ReadFile("assets/" + queue[0])
		queue = queue[1:]
		if err != nil {
			continue // the browser reports the missing script
		}
		for _, m := range imported.FindAllSubmatch(text, -1) {
			if p := "assets/" + string(m[1]); !slices.Contains(found, p) {
				found = append(found, p)
				queue = append(queue, string(m[1]))
			}
		}
	}
	return found
}

// A pageData is the data of page.html.
type pageData struct {
	View, Title string
	Modules     []string // imports of the script, which the browser then loads in parallel
	Views       []pageView
	Streams     []record.Stream
	Levels      []string
	FirstTab    string // the tab of the dashboard that opens by default

	Empty bool     // no record has arrived yet
	Paste []string // code that logs a first record, in Go and as a shell command
}

// pageLevels are the levels to choose from. Emergencies and alerts are not among them
// because nobody sends them.
var pageLevels = severityNames(2)

func severityNames(from int) []string {
	var names []string
	for _, name := range index.LevelNames[from:] {
		names = append(names, strings.ToLower(name))
	}
	return names
}

func (s *site) serveView(v pageView) http.HandlerFunc {
	modules := v.modules()
	return func(w http.ResponseWriter, _ *http.Request) {
		stats := s.collector.Stats()
		data := pageData{
			View:     v.Name,
			Title:    v.Title,
			Modules:  modules,
			Views:    pageViews,
			Streams:  stats.Streams,
			Levels:   pageLevels,
			FirstTab: firstTab(stats.Streams),
			Empty:    stats.Records == 0 && stats.Received == 0,
			Paste:    pasteBlocks(stats.Inputs),
		}
		var page bytes.Buffer
		if err := pageTemplate.Execute(&page, data); err != nil {
			api.WriteFailure(w, err)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page.Bytes()) // an error means that the browser has gone
	}
}

// firstTab returns the stream of the first tab that has records, "" if none has.
func firstTab(streams []record.Stream) string {
	for _, st := range streams {
		if st.Records > 0 && st.Name != record.DefaultStream {
			return st.Name
		}
	}
	return ""
}

// pasteBlocks returns code that logs a first record, in Go and as a shell command.
func pasteBlocks(inputs []ingest.InputStats) []string {
	ttp, err := role.Lookup("TTP")
	i := slices.IndexFunc(inputs, func(in ingest.InputStats) bool { return in.Title == ttp.Input })
	if err != nil || i < 0 {
		return nil
	}
	addr := inputs[i].Addr
	host, port, _ := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	server := host
	if port != strconv.Itoa(ttp.Port) {
		server = net.JoinHostPort(host, port)
	}
	const module = "github.com/aimakerspace/synlogger"
	goLines := fmt.Sprintf(`h := role.TTP(role.Config{Server: %q, Name: "hospital-1"}) // %s/role
defer h.Close()
slog.SetDefault(slog.New(h))

slog.Info("Hello World!", "owner", "me")`, server, module)
	shellLine := fmt.Sprintf(`printf '{"version":"1.1","host":"me","short_message":"Hello World!",`+
		`"level":6,"_logger":"%shospital-1"}\0' | nc -w 1 %s %s`,
		ttp.Prefix, host, port)
	return []string{goLines, shellLine}
}

// serveAsset serves the files of the pages, except their template.
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
		rest.WriteError(w, http.StatusNotFound, fmt.Errorf("no page %s", r.URL.Path))
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(text)
}
