package simulator

import (
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

const basePath = "/v2/workflow"

// call is a request that passed every check.
type call struct {
	workspace *workspace
	query     url.Values
	body      []byte
}

// ServeHTTP answers as BrowserAct would, or as a fault wants it.
func (a *Account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req, err := a.receive(r)
	if err != nil {
		panic(http.ErrAbortHandler) // the client broke off
	}
	t := a.trouble(req.Endpoint, req.Key)
	ans := t.change(a.outcome(r, req, &t))
	a.mu.Lock()
	req.Status = ans.status
	a.mu.Unlock()
	switch {
	case t.truncate > 0:
		a.truncate(w, ans, t.truncate)
	case t.stall > 0:
		a.stall(w, r, ans, t.stall)
	default:
		a.write(w, r, ans)
	}
}

// outcome is the true answer or what a fault makes of it. It panics to break
// the connection.
func (a *Account) outcome(r *http.Request, req *Request, t *trouble) answer {
	var ans answer
	if t.after {
		ans = a.reply(r, req)
	}
	if !hold(r.Context(), t.delay) || t.abort {
		panic(http.ErrAbortHandler)
	}
	switch {
	case t.instead != nil:
		return a.faultAnswer(t.instead)
	case t.after:
		return ans
	}
	return a.reply(r, req)
}

// change is the answer with the faults' headers and mutations.
func (t *trouble) change(ans answer) answer {
	for _, mutate := range t.mutate {
		ans.body = mutate(ans.body)
	}
	ans.header = t.header
	return ans
}

// Request is a request that the account received.
type Request struct {
	Time     time.Time // by the account's own clock
	Endpoint string    // as in Fault; empty for a path that is none
	Method   string
	Host     string
	Path     string
	Query    url.Values
	Header   http.Header // without Authorization
	Key      string      // the bearer token that was in it, or empty
	Body     []byte
	Status   int // answered; 0 while open and where the connection was broken
}

// journal keeps the latest requests.
type journal []*Request

// journalSize bounds the memory of an account that runs for days.
const journalSize = 20_000

// Requests returns what was received, oldest first, at most the latest 20,000.
func (a *Account) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := make([]Request, len(a.requests))
	for i, r := range a.requests {
		list[i] = *r
	}
	return list
}

// receive reads a request and writes it down.
func (a *Account) receive(r *http.Request) (*Request, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	req := &Request{
		Time: a.now(), Endpoint: a.endpointOf(r), Method: r.Method, Host: r.Host, Path: r.URL.Path,
		Query: r.URL.Query(), Header: r.Header.Clone(), Body: body,
	}
	if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		req.Key = key
	}
	req.Header.Del("Authorization")
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.requests) >= journalSize {
		a.requests = slices.Delete(a.requests, 0, journalSize/10)
	}
	a.requests = append(a.requests, req)
	return req, err
}

// endpointOf is the name of the endpoint that is asked, or empty.
func (a *Account) endpointOf(r *http.Request) string {
	if r.Host == filesHost {
		return filesEndpoint
	}
	if dir, name := path.Split(r.URL.Path); dir == basePath+"/" {
		if _, ok := a.endpoints[name]; ok {
			return name
		}
	}
	return ""
}

// reply checks the request and lets it take its effect.
func (a *Account) reply(r *http.Request, req *Request) answer {
	if req.Endpoint == filesEndpoint {
		return a.file(r.URL)
	}
	a.mu.Lock()
	ws := a.workspaces[req.Key]
	a.mu.Unlock()
	e, known := a.endpoints[req.Endpoint]
	switch {
	case ws == nil:
		return a.failure(&refusal{status: a.authStatus, code: codeUnauthorized, msg: "Invalid authorization"})
	case !known:
		return a.failure(&refusal{status: http.StatusNotFound, code: http.StatusNotFound, msg: "Not Found"})
	case r.Method != e.method:
		return a.failure(&refusal{status: http.StatusMethodNotAllowed, code: http.StatusMethodNotAllowed, msg: "Method Not Allowed"})
	case len(req.Body) > maxBody:
		return a.failure(&refusal{status: http.StatusRequestEntityTooLarge, code: http.StatusRequestEntityTooLarge, msg: "Content Too Large"})
	}
	if f := e.check(r, req.Body); f != nil {
		return a.failure(f)
	}
	return e.serve(a, &call{workspace: ws, query: req.Query, body: req.Body})
}
