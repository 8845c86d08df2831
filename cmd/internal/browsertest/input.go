package browsertest

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var modifiers = map[string]chromedp.Modifier{
	"Alt":     chromedp.ModifierAlt,
	"Control": chromedp.ModifierCtrl,
	"Meta":    chromedp.ModifierMeta,
	"Shift":   chromedp.ModifierShift,
}

// Keys presses keys in the focused element. Use the names of KeyboardEvent.key, such as
// a, Enter or ArrowLeft, after modifiers, such as Shift+ArrowLeft.
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
			p.t.Fatalf("browsertest: unknown key %q", key)
		}
		p.key(r, held)
	}
}

// key presses a key like a keyboard. If the page handles the key event, the key types
// no text.
func (p *Page) key(r rune, held chromedp.Modifier) {
	p.t.Helper()
	k, known := kb.Keys[r]
	if !known {
		k = &kb.Key{Key: string(r), Text: string(r), Unmodified: string(r)}
	}
	event := input.DispatchKeyEventParams{
		Type:                  "keyDown",
		Modifiers:             int64(held),
		Key:                   k.Key,
		Code:                  k.Code,
		Text:                  k.Text,
		UnmodifiedText:        k.Unmodified,
		WindowsVirtualKeyCode: k.Windows,
		NativeVirtualKeyCode:  k.Native,
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

// runeOf returns the rune by which chromedp identifies a key. Of several keys with the
// same name, such as digits, it returns the first.
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

// Type focuses the element that a selector matches, and types a text.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.do("type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Click scrolls to the first element that a selector matches, and clicks its center.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// Box returns the position and size of an element in the window, in CSS pixels.
func (p *Page) Box(selector string) (x, y, width, height float64) {
	p.t.Helper()
	v := p.Eval(fmt.Sprintf(`const b = document.querySelector(%q).getBoundingClientRect();
		return [b.x, b.y, b.width, b.height]`, selector)).([]any)
	return v[0].(float64), v[1].(float64), v[2].(float64), v[3].(float64)
}

// A Pointer is a pointing device. Its text is that of PointerEvent.pointerType.
type Pointer string

// Pointing devices.
const (
	Mouse Pointer = "mouse"
	Pen   Pointer = "pen"
	Touch Pointer = "touch"
)

// Press touches the window with a finger at a position in CSS pixels, or presses the
// main button of another pointer there.
func (p *Page) Press(with Pointer, x, y float64) {
	p.t.Helper()
	if with == Touch {
		p.touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: x, Y: y})
		return
	}
	p.held = true
	p.button(with, chromedp.MousePressed, x, y)
}

// Move moves a pointer to a position. A finger must touch the window.
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

// Release lifts the finger, or releases the button at a position.
func (p *Page) Release(with Pointer, x, y float64) {
	p.t.Helper()
	if with == Touch {
		p.touch(input.DispatchTouchEventTypeTouchEnd)
		return
	}
	p.button(with, chromedp.MouseReleased, x, y)
	p.held = false
}

func (p *Page) button(with Pointer, kind input.DispatchMouseEventType, x, y float64) {
	p.t.Helper()
	p.mouse(with, input.DispatchMouseEventParams{
		Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1,
	})
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
