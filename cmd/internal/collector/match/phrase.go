package match

import (
	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// hasPhrase reports whether the words stand in a text in a row. No words stand
// nowhere.
func hasPhrase(text string, words []string) bool {
	if len(words) == 0 {
		return false
	}
	var few [8]bool
	stand := few[:] // by the number of a word: it stands here, and those before it where they should
	if len(words) > len(few) {
		stand = make([]bool, len(words))
	}
	last := len(words) - 1
	index.EachWord(text, nil, func(t []byte) bool {
		for i := last; i > 0; i-- {
			stand[i] = stand[i-1] && string(t) == words[i]
		}
		stand[0] = string(t) == words[0]
		return !stand[last]
	})
	return stand[last]
}

// hasTokenLike reports whether a word of a text matches a pattern.
func hasWordLike(text string, p pattern) bool {
	found := false
	index.EachWord(text, nil, func(t []byte) bool { found = p.matches(string(t)); return !found })
	return found
}
