package encode

import (
	"fmt"
	"strings"

	"github.com/aimakerspace/synlogger/internal/field"
)

// A detail is what an error says beyond its text.
type detail struct{ field, text string }

// detail keeps what an error says beyond its text, such as the stack that
// Format writes for %+v. It goes to full_message.
func (e *Frame) detail(name int, err error) {
	if text := details(err, 0); text != "" {
		if e.Censor != nil && strings.Contains(text, "(PANIC=") {
			return // fmt's text of a panic may say what is hidden
		}
		if _, ok := err.(fmt.Formatter); !ok {
			text = err.Error() + "\n" + text
		}
		e.details = append(e.details, detail{string(e.buf[name : len(e.buf)-len(`":`)]), e.Censor.Text(text)})
	}
}

// details returns what the outermost errors of a tree that have a Format method
// write for %+v, if that is more than their text.
func details(err error, depth int) string {
	if depth == field.MaxDepth {
		return ""
	}
	if _, ok := err.(fmt.Formatter); ok {
		if text := fmt.Sprintf("%+v", err); text != err.Error() {
			return text
		}
		return ""
	}
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		if inner := err.Unwrap(); inner != nil {
			return details(inner, depth+1)
		}
	case interface{ Unwrap() []error }: // of errors.Join
		var texts []string
		for _, inner := range err.Unwrap() {
			if text := details(inner, depth+1); text != "" {
				texts = append(texts, text)
			}
		}
		return strings.Join(texts, "\n\n")
	}
	return ""
}

// full returns the text of full_message: the details of all errors, each behind
// the name of its field if there are several.
func (e *Frame) full() string {
	if len(e.details) == 1 {
		return e.details[0].text
	}
	var texts []string
	for _, d := range e.details {
		texts = append(texts, d.field+": "+d.text)
	}
	return strings.Join(texts, "\n\n")
}
