package web

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
)

// tokenCookie is the cookie that holds the token.
const tokenCookie = "synlogger_token"

// CheckToken returns an error if a token cannot be used.
func CheckToken(token string) error {
	if token != "" && (len(token) < 16 || strings.ContainsFunc(token, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune(
			"-._~",
			r,
		))
	})) {
		return errors.New("collector: the token: use at least 16 letters, digits and -._~")
	}
	return nil
}

// errToken is the answer to a request without the token.
var errToken = errors.New("a token is required: " +
	"open the address with ?token= that the collector printed, or send Authorization: Bearer")

// guardToken rejects requests without the token. Programs send "Authorization:
// Bearer", browsers a cookie that EntryURL gives them. /healthz needs no token,
// because it reveals nothing of the records.
func (p *Port) guardToken(next http.Handler) http.Handler {
	if p.token == "" {
		return next
	}
	isToken := func(token string) bool {
		return subtle.ConstantTimeCompare([]byte(token), []byte(p.token)) == 1
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			next.ServeHTTP(w, r)
			return
		}
		scheme, bearer, _ := strings.Cut(r.Header.Get("Authorization"), " ") // RFC 9110: the scheme is case-insensitive
		if strings.EqualFold(scheme, "Bearer") && isToken(bearer) {
			next.ServeHTTP(w, r)
			return
		}
		given := r.URL.Query()
		if r.URL.Path == "/" && r.Method == http.MethodGet && isToken(given.Get("token")) {
			// The redirect removes the token from the address and the browser's
			// history.
			given.Del("token")
			http.SetCookie(w, &http.Cookie{
				Name:     tokenCookie,
				Value:    p.token,
				Path:     "/",
				MaxAge:   30 * 86400,
				HttpOnly: true,
				SameSite: http.SameSiteStrictMode,
			})
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Referrer-Policy", "no-referrer")
			http.Redirect(w, r, strings.TrimSuffix("/?"+given.Encode(), "?"), http.StatusSeeOther)
			return
		}
		if cookie, err := r.Cookie(tokenCookie); err == nil && isToken(cookie.Value) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", "Bearer")
		w.Header().Set("Cache-Control", "no-store")
		rest.WriteError(w, http.StatusUnauthorized, errToken)
	})
}
