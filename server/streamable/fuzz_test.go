package streamable_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/server/streamable"
)

// FuzzHeaders sends a call with any headers: the server always answers, lets
// no page in that is not allowed, and takes no key but the one that was sent.
func FuzzHeaders(f *testing.F) {
	f.Add("http://localhost:3000", "localhost:8080", "Bearer app-1", "application/json, text/event-stream", "2025-11-25", "", "")
	f.Add("https://a.example.org", "127.0.0.1", "bearer  app-1", "*/*;q=0.1", "2026-07-28", "tools/call", "echo")
	f.Add("null", "[::1]", "Basic YTpi", "application/json;q=0", "1999-01-01", "tools/list", "=?base64?ZWNobw==?=")
	f.Add("https://evil.example/.example.org", "evil.example", "Bearer a b", ",;=\x00", "2026-07-28", "\n", "\xff")

	h, err := streamable.NewHandler(newServer(), streamable.Config{AllowedOrigins: []string{"https://*.example.org"}})
	if err != nil {
		f.Fatal(err)
	}
	local := context.WithValue(f.Context(), http.LocalAddrContextKey, net.Addr(&net.TCPAddr{IP: net.IPv6loopback, Port: 8080}))

	f.Fuzz(func(t *testing.T, origin, host, authorization, accept, version, method, name string) {
		r := httptest.NewRequestWithContext(local, http.MethodPost, "/mcp", strings.NewReader(callEcho))
		set(r, "Host", host, "Content-Type", "application/json", "Origin", origin, "Authorization", authorization,
			"Accept", accept, "MCP-Protocol-Version", version, "Mcp-Method", method, "Mcp-Name", name)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)

		switch w.Code {
		case http.StatusOK, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotAcceptable:
		default:
			t.Errorf("got status %d", w.Code)
		}
		if allowed := w.Header().Get("Access-Control-Allow-Origin"); allowed != "" && (allowed != origin || !isOurs(origin)) {
			t.Errorf("the page %q was allowed as %q", origin, allowed)
		}
		if w.Code != http.StatusForbidden && origin != "" && !isOurs(origin) {
			t.Errorf("the page %q got status %d", origin, w.Code)
		}
		if key, ok := strings.CutPrefix(textOf(w.Body.String()), "key="); ok && key != "" && !strings.HasSuffix(strings.TrimRight(authorization, " "), " "+key) {
			t.Errorf("Authorization %q became the key %q", authorization, key)
		}
	})
}

// FuzzMessages sends any body with any headers of a revision: each is answered with
// JSON, or accepted without a word.
func FuzzMessages(f *testing.F) {
	for _, method := range []string{
		"initialize", "ping", "tools/list", "tools/call", "resources/templates/list", "resources/read", "prompts/get",
		"completion/complete", "subscriptions/listen", "server/discover", "logging/setLevel", "tasks/get", "notifications/progress",
	} {
		f.Add(`{"jsonrpc":"2.0","id":1,"method":"`+method+`","params":{"name":"echo","uri":"test://1","cursor":"","protocolVersion":"2025-11-25"}}`, "2025-11-25", method, "")
		f.Add(modern(1, method, `"name":"echo","uri":"test://1","notifications":{"toolsListChanged":true}`), "2026-07-28", method, "echo")
	}
	s := newExtras(f)
	s.AddTools(echo)
	h, err := streamable.NewHandler(s, streamable.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, version, method, name string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/mcp", strings.NewReader(body))
		set(r, "Host", "localhost", "Content-Type", "application/json", "MCP-Protocol-Version", version, "Mcp-Method", method, "Mcp-Name", name)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)

		reply := w.Body.String()
		if last := strings.LastIndex(reply, "data: "); strings.HasPrefix(reply, "event: ") {
			reply = reply[last+len("data: "):]
		}
		switch w.Code {
		case http.StatusOK, http.StatusBadRequest, http.StatusNotFound:
			if !json.Valid([]byte(reply)) {
				t.Errorf("got %d %q, want JSON", w.Code, reply)
			}
		case http.StatusAccepted:
			if reply != "" {
				t.Errorf("got %d %q, want nothing more", w.Code, reply)
			}
		default:
			t.Errorf("got %d %q", w.Code, reply)
		}
	})
}

// isOurs is a rough second opinion on which pages may be allowed: the host that
// the page's browser would resolve is loopback's or below example.org.
func isOurs(origin string) bool {
	_, host, _ := strings.Cut(strings.ToLower(origin), "://")
	if strings.ContainsAny(host, "/@?# ") {
		return false
	}
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	return host == "localhost" || strings.HasPrefix(host, "127.") || strings.HasPrefix(host, "[") || strings.HasSuffix(host, ".example.org")
}

// textOf is the first text of a tool's result, "" for anything else.
func textOf(body string) (text string) {
	_, rest, _ := strings.Cut(body, `"text":`)
	_ = json.NewDecoder(strings.NewReader(rest)).Decode(&text) // "" where there is none
	return text
}
