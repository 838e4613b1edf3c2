package streamable

import (
	"context"
	"log/slog"
	"net/http"
)

// route sends each path to its handler. A ServeMux would redirect "//mcp", and break POST.
func route(mcp, ready http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch knownPath(r.URL.Path) {
		case "/mcp":
			mcp.ServeHTTP(w, r)
		case "/healthz":
			probe(w, http.StatusOK, "ok")
		case "/readyz":
			ready.ServeHTTP(w, r)
		default:
			refuse(w, nil, http.StatusNotFound, errPath)
		}
	})
}

// knownPath is the path that is served, or "" for any other.
func knownPath(path string) string {
	switch path {
	case "/mcp", "/mcp/":
		return "/mcp"
	case "/healthz", "/readyz":
		return path
	}
	return ""
}

// readiness answers 200 once check passes and 503 until then. The log has the reason.
func readiness(check func(context.Context) error, log *slog.Logger) http.Handler {
	if check == nil {
		check = func(context.Context) error { return nil }
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if err := check(ctx); err != nil {
			log.WarnContext(r.Context(), "not ready", "error", err)
			probe(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		probe(w, http.StatusOK, "ready")
	})
}

func probe(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
