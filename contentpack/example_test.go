package contentpack_test

import (
	"fmt"
	"os"

	"github.com/aimakerspace/synlogger/contentpack"
)

// This example prints the inputs of a pack with another port for a role.
func ExampleNew() {
	p, err := contentpack.New(contentpack.Config{Ports: map[string]int{"TTP": 19300}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, in := range p.Inputs {
		fmt.Println(in.Title, in.Port)
	}
	// Output:
	// Sysmetrics Logs 9100
	// Director Logs 9200
	// TTP Logs 19300
	// Worker Logs 9400
}

// This example writes a pack to a file for Graylog's web page or auto loader.
func ExamplePack_MarshalJSON() {
	p, err := contentpack.New(contentpack.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := p.MarshalJSON()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(os.WriteFile("synergos.json", text, 0o644))
}

// This example looks for the streams of a record.
func ExampleStream_Matches() {
	p, err := contentpack.New(contentpack.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	record := map[string]string{"logger": "TTP_hospital-1"}
	for _, s := range p.Streams {
		if s.Matches(func(field string) string { return record[field] }) {
			fmt.Println(s.Title)
		}
	}
	// Output:
	// TTP Stream
}

// This example prints the widgets of a tab.
func ExampleDashboard() {
	p, err := contentpack.New(contentpack.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range p.Dashboard.Tabs[2].Widgets {
		fmt.Println(w.Kind, w.Title, w.Query, w.Series)
	}
	// Output:
	// pie TTP Message Sources logger:TTP_* [count()]
	// bar TTP Message Count logger:TTP_* [count()]
	// messages TTP Message Table logger:TTP_* []
}
