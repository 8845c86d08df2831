package browsertest

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var modifiers = map[string]chromedp.Modifier{
	"Alt": chromedp.ModifierAlt, "Control": chromedp.ModifierCtrl, "Meta": chromedp.ModifierMeta, "Shift": chromedp.ModifierShift,
}

// Keys presses keys one after the other, where the focus is. They have the names
// of KeyboardEvent.key, such as a, Enter or ArrowLeft, with modifiers before
// them: Shift+ArrowLeft.
func (p *Page) Keys(keys ...string) {
	p.t.Helper()
	for _, key := range keys {
		name, held := key, chromedp.ModifierNone
		for {
			before, after, found := strings.Cut(name, "+")
			if m, ok := modifiers[before]; !found || !ok {
				break
			} else {
				held |= m
			}
			name = after
		}
		r, ok := runeOf(name)
		if !ok {
			p.t.Fatalf("browsertest: there is no key %q", key)
		}
		p.key(r, held)
	}
}

// key presses a key as a keyboard does: the text of a key that the page takes for
// itself goes nowhere.
func (p *Page) key(r rune, held chromedp.Modifier) {
	p.t.Helper()
	k, known := kb.Keys[r]
	if !known {
		k = &kb.Key{Key: string(r), Text: string(r), Unmodified: string(r)}
	}
	event := input.DispatchKeyEventParams{
		Type: "keyDown", Modifiers: int64(held), Key: k.Key, Code: k.Code, Text: k.Text, UnmodifiedText: k.Unmodified,
		WindowsVirtualKeyCode: k.Windows, NativeVirtualKeyCode: k.Native,
	}
	if k.Shift {
		event.Modifiers |= int64(chromedp.ModifierShift)
	}
	if !k.Print && k.Key != "Enter" {
		event.Type, event.Text, event.UnmodifiedText = "rawKeyDown", "", ""
	}
	call(p, "key "+k.Key, input.DispatchKeyEvent, event)
	event.Type, event.Text, event.UnmodifiedText = "keyUp", "", ""
	call(p, "key "+k.Key, input.DispatchKeyEvent, event)
}

// runeOf returns what chromedp calls a key. Of those with the same name, as on
// the number pad, it is the first.
func runeOf(name string) (rune, bool) {
	if rs := []rune(name); len(rs) == 1 {
		return rs[0], true
	}
	var found rune
	for r, key := range kb.Keys {
		if key.Key == name && (found == 0 || r < found) {
			found = r
		}
	}
	return found, found != 0
}

// Type gives the focus to what a selector finds, and types a text into it.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.do("type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Click clicks with the mouse into the middle of what a selector finds first,
// and scrolls there.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Box returns where in the window an element is, in CSS pixels.
func (p *Page) Box(selector string) (x, y, width, height float64) {
	p.t.Helper()
	v := p.Eval(fmt.Sprintf(`const b = document.querySelector(%q).getBoundingClientRect(); return [b.x, b.y, b.width, b.height]`, selector)).([]any)
	return v[0].(float64), v[1].(float64), v[2].(float64), v[3].(float64)
}

// Pointer is what a user points with.
type Pointer string

// The pointers that there are.
const (
	Mouse Pointer = "mouse"
	Pen   Pointer = "pen"
	Touch Pointer = "touch"
)

// Press puts a finger, or the main button of another pointer, down at a place in
// the window.
func (p *Page) Press(with Pointer, x, y float64) {
	p.t.Helper()
	if with == Touch {
		p.touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: x, Y: y})
		return
	}
	p.held = true
	p.mouse(with, input.DispatchMouseEventParams{Type: chromedp.MousePressed, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1})
}

// Move moves a pointer to a place. A finger must be down.
func (p *Page) Move(with Pointer, x, y float64) {
	p.t.Helper()
	if with == Touch {
		p.touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: x, Y: y})
		return
	}
	move := input.DispatchMouseEventParams{Type: chromedp.MouseMoved, X: x, Y: y}
	if p.held {
		move.Button = input.MouseButtonLeft
	}
	p.mouse(with, move)
}

// Release lifts the finger, or the button at a place.
func (p *Page) Release(with Pointer, x, y float64) {
	p.t.Helper()
	if with == Touch {
		p.touch(input.DispatchTouchEventTypeTouchEnd)
		return
	}
	p.mouse(with, input.DispatchMouseEventParams{Type: chromedp.MouseReleased, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1})
	p.held = false
}

func (p *Page) mouse(with Pointer, params input.DispatchMouseEventParams) {
	p.t.Helper()
	params.PointerType = input.DispatchMouseEventPointerType(with)
	if p.held {
		params.Buttons = 1
	}
	call(p, string(with), input.DispatchMouseEvent, params)
}

func (p *Page) touch(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
	p.t.Helper()
	if points == nil {
		points = []*input.TouchPoint{}
	}
	call(p, "touch", input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
}
