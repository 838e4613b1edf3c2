package streamable

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const (
	corsRequestHeaders  = "Authorization, Content-Type, Accept, MCP-Protocol-Version, Mcp-Method, Mcp-Name, traceparent"
	corsResponseHeaders = "Retry-After, WWW-Authenticate"
	corsMaxAge          = "600" // seconds that a browser may remember a preflight
	allowedMethods      = "POST, OPTIONS"
)

// originSet is an allow-list of web origins.
type originSet []*regexp.Regexp

// parseOrigins refuses what no browser sends as an Origin, such as a path.
func parseOrigins(list []string) (set originSet, err error) {
	for _, raw := range list {
		pattern, err := parseOrigin(strings.ToLower(raw))
		if err != nil {
			return nil, fmt.Errorf("allowed origin %q: %w", raw, err)
		}
		set = append(set, pattern)
	}
	return set, nil
}

func parseOrigin(origin string) (*regexp.Regexp, error) {
	if origin == "*" {
		return regexp.MustCompile(""), nil
	}
	scheme, host, _ := strings.Cut(origin, "://")
	if scheme == "" || host == "" || strings.ContainsAny(host, "/?#@ ") {
		return nil, errors.New(`give scheme and host as in "https://app.example.com", without a path`)
	}
	if name := strings.TrimPrefix(host, "*."); name == "" || strings.Contains(name, "*") {
		return nil, errors.New(`a wildcard stands for the first labels only, as in "https://*.example.com"`)
	}
	pattern := strings.Replace(regexp.QuoteMeta(origin), `://\*`, `://[^/:@?# ]+`, 1)
	return regexp.Compile("^" + pattern + "$")
}

// checkOrigin answers 403 to pages that are not allowed and lets the browser
// read the answers of those that are. A request without Origin is from no page.
func checkOrigin(set originSet, loopbackPages bool) middleware {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		w.Header().Add("Vary", "Origin")
		origins := r.Header.Values("Origin")
		if len(origins) == 0 {
			next.ServeHTTP(w, r)
			return
		}
		if len(origins) > 1 || !set.allow(origins[0], loopbackPages && overLoopback(r)) {
			refuse(w, nil, http.StatusForbidden, errOrigin)
			return
		}
		// The origin is echoed, never "*", and Allow-Credentials is never sent: keys travel
		// in a header that the page sets itself, so cookies stay out of it.
		w.Header().Set("Access-Control-Allow-Origin", origins[0])
		w.Header().Set("Access-Control-Expose-Headers", corsResponseHeaders)
		next.ServeHTTP(w, r)
	}
}

func (set originSet) allow(origin string, loopback bool) bool {
	origin = strings.ToLower(origin)
	return loopback && isLoopbackOrigin(origin) ||
		slices.ContainsFunc(set, func(pattern *regexp.Regexp) bool { return pattern.MatchString(origin) })
}

func isLoopbackOrigin(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		return false
	}
	// An origin is a scheme and a host; anything after them was not sent by a browser.
	return isLoopbackName(u.Hostname()) && origin == u.Scheme+"://"+u.Host
}

// answerPreflight answers OPTIONS, which comes after the origin was allowed.
func answerPreflight(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.Method != http.MethodOptions {
		next.ServeHTTP(w, r)
		return
	}
	h := w.Header()
	h.Set("Allow", allowedMethods)
	if h.Get("Access-Control-Allow-Origin") != "" {
		h.Set("Access-Control-Allow-Methods", http.MethodPost)
		h.Set("Access-Control-Allow-Headers", corsRequestHeaders)
		h.Set("Access-Control-Max-Age", corsMaxAge)
	}
	w.WriteHeader(http.StatusNoContent)
}
