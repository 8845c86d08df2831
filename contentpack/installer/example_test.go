package installer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/installer"
)

// This example installs the usual pack when a system starts.
func ExampleClient_Install() {
	pack, err := contentpack.New(contentpack.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	c := &installer.Client{
		URL:      "https://graylog.example",
		Token:    os.Getenv("GRAYLOG_TOKEN"),
		Wait:     3 * time.Minute,
		Progress: func(line string) { fmt.Println(line) },
	}
	report, err := c.Install(context.Background(), pack)
	for _, f := range report.Findings {
		fmt.Printf("%s: %s. %s\n", f.Where, f.Found, f.Advice)
	}
	switch {
	case errors.Is(err, installer.ErrObstacle):
		fmt.Println("nothing was changed")
	case err != nil:
		fmt.Println(err)
	}
}

// This example checks an installation.
func ExampleClient_Verify() {
	pack, err := contentpack.New(contentpack.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	c := &installer.Client{Token: os.Getenv("GRAYLOG_TOKEN"), FailuresWithin: time.Hour}
	report, err := c.Verify(context.Background(), pack)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("no problems:", report.OK())
}

// This example prints what Install would change.
func ExampleClient_Diff() {
	pack, err := contentpack.New(contentpack.Config{Ports: map[string]int{"TTP": 19300}})
	if err != nil {
		fmt.Println(err)
		return
	}
	c := &installer.Client{Token: os.Getenv("GRAYLOG_TOKEN")}
	report, err := c.Diff(context.Background(), pack)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, step := range report.Steps {
		fmt.Println("would", step)
	}
	for _, d := range report.Differences {
		fmt.Printf("%s: %s, wanted %s\n", d.Where, d.Have, d.Want)
	}
}

// This example removes the pack.
func ExampleClient_Remove() {
	c := &installer.Client{User: "admin", Password: os.Getenv("GRAYLOG_PASSWORD")}
	report, err := c.Remove(context.Background())
	fmt.Println(len(report.Steps), err)
}
