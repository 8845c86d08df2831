package contentpack_test

import (
	"fmt"

	"github.com/aimakerspace/synlogger/contentpack"
)

// A pack says where records are taken, which stream each is in, and what is
// shown of them.
func Example() {
	p, err := contentpack.New(contentpack.Options{Ports: map[string]int{"TTP": 19300}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, in := range p.Inputs {
		fmt.Println(in.Title, in.Port)
	}
	record := map[string]string{"logger": "TTP_hospital-1"}
	for _, s := range p.Streams {
		if s.Matches(func(field string) string { return record[field] }) {
			fmt.Println("in", s.Title)
		}
	}
	for _, w := range p.Dashboard.Tabs[2].Widgets {
		fmt.Println(w.Kind, w.Title, w.Query, w.Series)
	}
	// Output:
	// Sysmetrics Logs 9100
	// Director Logs 9200
	// TTP Logs 19300
	// Worker Logs 9400
	// in TTP Stream
	// pie TTP Message Sources logger:TTP_* [count()]
	// bar TTP Message Count logger:TTP_* [count()]
	// messages TTP Message Table logger:TTP_* []
}
