package censor_test

import (
	"fmt"
	"regexp"

	"github.com/aimakerspace/synlogger/censor"
)

func ExampleNew() {
	rules, err := censor.New([]string{"password", "db.user", "*_token"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rules.HidesKey(nil, "Password"), rules.HidesKey([]string{"db"}, "user"), rules.HidesKey(nil, "user"))
	fmt.Println(string(rules.AppendJSON(nil, []byte(`{"access_token":"abc","n":1}`), nil)))
	// Output:
	// true true false
	// {"access_token":"*CENSORED*","n":1}
}

func ExampleRules_Text() {
	rules, err := censor.New(nil, []censor.Pattern{censor.Bearer, censor.Email})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rules.Text("to alice@example.com, Authorization: Bearer 4711"))
	// Output:
	// to *CENSORED*, Authorization: Bearer *CENSORED*
}

func ExampleRegexp() {
	pin := censor.Regexp("pin", regexp.MustCompile(`PIN (\d+)`))
	rules, err := censor.New(nil, []censor.Pattern{pin})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rules.Text("the PIN 4711 was entered at 10:15"))
	// Output:
	// the PIN *CENSORED* was entered at 10:15
}
