package encode

import (
	"fmt"
	"strings"

	"github.com/aimakerspace/synlogger/internal/field"
)

// A detail is the text of an error for the verb %+v.
type detail struct{ field, text string }

// addDetail keeps the text of an error for the verb %+v, such as a stack, if it is
// longer than the error's message. It becomes part of full_message.
func (e *Frame) addDetail(name int, err error) {
	if text := details(err, 0); text != "" {
		if e.Censor != nil && strings.Contains(text, "(PANIC=") {
			return // fmt prints the value of a panic, which may have to be hidden
		}
		if _, ok := err.(fmt.Formatter); !ok {
			text = err.Error() + "\n" + text
		}
		e.details = append(e.details, detail{string(e.buf[name : len(e.buf)-len(`":`)]), e.Censor.Text(text)})
	}
}

// details returns the texts for %+v of the outermost errors in a tree that implement
// [fmt.Formatter], if they differ from the errors' messages.
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

// fullMessage returns the details of all errors. If there are several, each follows the
// name of its field.
func (e *Frame) fullMessage() string {
	if len(e.details) == 1 {
		return e.details[0].text
	}
	var texts []string
	for _, d := range e.details {
		texts = append(texts, d.field+": "+d.text)
	}
	return strings.Join(texts, "\n\n")
}
