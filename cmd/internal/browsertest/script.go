package browsertest

import (
	"encoding/json"
	"time"

	"github.com/chromedp/chromedp"
)

// timeout is how long [Page.Until] waits.
var timeout = 30 * time.Second

// Eval runs the body of an asynchronous function in the page and returns its result,
// decoded like in encoding/json: numbers are float64, null and undefined are nil.
func (p *Page) Eval(script string) any {
	p.t.Helper()
	v, err := p.eval(script)
	if err != nil {
		p.t.Fatalf("browsertest: %s: %v", script, err)
	}
	return v
}

func (p *Page) eval(script string) (v any, err error) {
	text, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](
		`(async () => JSON.stringify(await (async () => { `+script+"\n"+` })() ?? null))()`, chromedp.EvalAwaitPromise))
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal([]byte(text), &v)
	return v, err
}

// Until waits until an expression is true. The expression may throw before that, while
// the page is loading for example. After 30 s, Until ends the test and prints the text
// of the page.
func (p *Page) Until(what, expression string) {
	p.t.Helper()
	deadline := time.Now().Add(timeout)
	for {
		v, err := p.eval(`return !!(` + expression + `)`)
		if err == nil && v == true {
			return
		}
		if time.Now().After(deadline) || p.ctx.Err() != nil {
			p.t.Fatalf("browsertest: %s: %s is not true, %v\nThe page shows:\n%s", what, expression, err, p.shown())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// shown returns the first part of the text of the page.
func (p *Page) shown() string {
	v, err := p.eval(`return [...document.body.innerText].slice(0, 2000).join("")`)
	if err != nil {
		return err.Error()
	}
	text, _ := v.(string)
	return text
}
