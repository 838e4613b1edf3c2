// Package streamable serves MCP over streamable HTTP.
//
// Begin with [NewHandler]: it puts a chain of small checks in front of
// mcp-go's core, one file each, in the order in which a request meets them.
// [Serve] owns the http.Server, its time limits and the graceful stop, and
// [CheckListen] refuses an address where keys would travel in the clear.
//
// The endpoint is stateless: no session outlives its request, so replicas need
// no shared state and no client can reach another's call. It speaks the
// revisions 2025-11-25 and older beside 2026-07-28.
//
// The package knows nothing of the tools behind it and reads no environment.
package streamable

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	defaultMaxBody       = 4 << 20
	defaultMaxConcurrent = 1000
)

// Config says who may call, how much, and what takes part in the stop.
// The zero value serves plain HTTP on loopback to programs on this machine.
type Config struct {
	// Logger receives one debug line a request, without query strings and
	// keys, and every panic. Nil discards.
	Logger *slog.Logger

	// AllowedOrigins are the web origins whose pages may call: exact
	// ("https://app.example.com"), by pattern ("https://*.example.com", any depth, not
	// the bare domain) or "*". Pages of this machine are allowed without being listed
	// while the request arrives over loopback and no proxy is in front. A request
	// without an Origin comes from no page and is let through.
	AllowedOrigins []string

	// AllowedHosts are the names that a Host header may carry, without a port.
	// Empty allows every name on an address beyond loopback. Over loopback the
	// loopback names are always allowed, and no other that is not listed.
	AllowedHosts []string

	// MaxBody is the largest request body in bytes; 0 means 4 MiB. All bodies at a
	// time are held to 32 times as much, and 64 KiB each beside.
	MaxBody int64

	// MaxConcurrent is how many calls may be in flight before the next one is
	// answered 503 with Retry-After; 0 means 1,000. The handshake, lists and
	// notifications are not counted; subscriptions are, by themselves. The last
	// quarter is kept for callers who hold less than a twentieth.
	MaxConcurrent int

	// Ready answers /readyz; its error is logged and not sent. Nil is ready.
	Ready func(context.Context) error

	// Closing is called once when the stop begins, so that open waits can end
	// with their normal result. Nil does nothing.
	Closing func()

	// Detached waits for work that must outlive its call, such as a paid start in
	// flight, or for the end of its context, and reports whether there was work.
	// The stop waits for it, and may call it more than once. Nil waits for nothing.
	Detached func(context.Context) bool

	// CertFile and KeyFile are PEM files; both set serve HTTPS.
	CertFile, KeyFile string

	// BehindTLSProxy says that a proxy in front speaks TLS to the clients.
	BehindTLSProxy bool
}

// NewHandler returns the handler of /mcp, /healthz and /readyz for s. It fails on a
// negative limit and on an allowed origin or host that no request could match.
func NewHandler(s *mcpserver.MCPServer, cfg Config) (http.Handler, error) {
	if cfg.MaxBody < 0 || cfg.MaxConcurrent < 0 {
		return nil, errors.New("a limit on bodies or calls is negative; 0 stands for the default")
	}
	origins, err := parseOrigins(cfg.AllowedOrigins)
	if err != nil {
		return nil, err
	}
	hosts, err := parseHosts(cfg.AllowedHosts)
	if err != nil {
		return nil, err
	}
	log := logger(cfg)

	mcp := chain(
		endpoint{s},      // what is left goes to mcp-go
		checkHost(hosts), // 403
		checkOrigin(origins, !cfg.BehindTLSProxy), // 403, and CORS for allowed pages
		answerPreflight, // 204 to OPTIONS
		requirePost,     // 405
		requireMedia,    // 415, 406
		takeKey,         // 401 for what is no key
		readMessage(cmp.Or(cfg.MaxBody, defaultMaxBody)), // 413, 408, 503, 400
		dropUnused,       // 202, 400
		checkProtocol(s), // 400
		limitCalls(cmp.Or(cfg.MaxConcurrent, defaultMaxConcurrent)), // 503
	)
	return chain(
		route(mcp, readiness(cfg.Ready, log)), // 404
		logRequests(log),
		recoverPanic(log), // 500
		hardenResponse,
	), nil
}

// middleware is one check or one duty in front of next.
type middleware func(w http.ResponseWriter, r *http.Request, next http.Handler)

// chain returns last with the links in front of it, in the order in which they run.
func chain(last http.Handler, links ...middleware) http.Handler {
	for _, link := range slices.Backward(links) {
		next := last
		last = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { link(w, r, next) })
	}
	return last
}

func logger(cfg Config) *slog.Logger {
	return cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler))
}

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
