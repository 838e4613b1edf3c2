package streamable

import (
	"context"
	"net/http"
	"strings"
)

// maxKeyLength is far above every known key, in bytes.
const maxKeyLength = 1024

type keyKey struct{}

// BearerFromContext returns the key that the request itself carried as
// "Authorization: Bearer <key>", or "" where it carried none. No other header
// and no query string is looked at.
func BearerFromContext(ctx context.Context) string {
	key, _ := ctx.Value(keyKey{}).(string)
	return key
}

// takeKey moves the key from the header into the request's context. No header is fine:
// tools say what is missing. One without a usable key is 401: to ignore it would run the
// call as another caller's.
func takeKey(w http.ResponseWriter, r *http.Request, next http.Handler) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		next.ServeHTTP(w, r)
		return
	}
	key, ok := parseBearer(headers)
	if !ok {
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(w, nil, http.StatusUnauthorized, errKey)
		return
	}
	next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), keyKey{}, key)))
}

// parseBearer refuses what cannot be a key: spaces, control characters, and the
// "${API_KEY}" of a client that did not fill in its variable.
func parseBearer(headers []string) (key string, ok bool) {
	if len(headers) > 1 {
		return "", false
	}
	scheme, key, _ := strings.Cut(headers[0], " ")
	key = strings.Trim(key, " ")
	if !strings.EqualFold(scheme, "Bearer") || key == "" || len(key) > maxKeyLength || strings.HasPrefix(key, "$") {
		return "", false
	}
	return key, !strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' })
}
