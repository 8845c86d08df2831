package match

import "github.com/aimakerspace/synlogger/cmd/internal/collector/index"

// hasPhrase reports whether text contains words consecutively. It returns false if
// words is empty.
func hasPhrase(text string, words []string) bool {
	if len(words) == 0 {
		return false
	}
	var few [8]bool
	matched := few[:] // matched[i]: the text up to the present word ends with words[:i+1]
	if len(words) > len(few) {
		matched = make([]bool, len(words))
	}
	last := len(words) - 1
	index.EachWord(text, nil, func(t []byte) bool {
		for i := last; i > 0; i-- {
			matched[i] = matched[i-1] && string(t) == words[i]
		}
		matched[0] = string(t) == words[0]
		return !matched[last]
	})
	return matched[last]
}

// hasWordLike reports whether a word of a text matches a pattern.
func hasWordLike(text string, p pattern) bool {
	found := false
	index.EachWord(text, nil, func(t []byte) bool { found = p.matches(string(t)); return !found })
	return found
}
