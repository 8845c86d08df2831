package browsertest

import (
	"encoding/json"
	"time"

	"github.com/chromedp/chromedp"
)

// timeout is how long [Page.Until] waits.
var timeout = 30 * time.Second

// Eval runs the body of an asynchronous function in the page and returns what it
// returns, as encoding/json would decode it: a number is a float64, and nothing
// is nil.
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

// Until waits for an expression to be true. It may fail until then, as while a
// page is still loading. If it does not become true, the test ends and says what
// the page showed.
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

// shown is the beginning of what the page says.
func (p *Page) shown() string {
	v, err := p.eval(`return [...document.body.innerText].slice(0, 2000).join("")`)
	if err != nil {
		return err.Error()
	}
	text, _ := v.(string)
	return text
}
