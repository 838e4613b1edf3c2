package streamable

import "net/http"

const (
	corsRequestHeaders  = "Authorization, Content-Type, Accept, MCP-Protocol-Version, Mcp-Method, Mcp-Name, traceparent"
	corsResponseHeaders = "Retry-After, WWW-Authenticate"
	corsMaxAge          = "600" // seconds that a browser may remember a preflight
	allowedMethods      = "POST, OPTIONS"
)

// allowOrigin lets the page of origin read the answer. The origin is echoed,
// never "*", and Allow-Credentials is never sent: keys travel in a header that
// the page sets itself, so cookies and the browser's passwords stay out of it.
func allowOrigin(h http.Header, origin string) {
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", corsResponseHeaders)
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
