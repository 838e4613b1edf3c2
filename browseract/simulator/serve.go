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

// A call is a request that passed every check. Its methods serve the endpoints.
type call struct {
	account   *Account
	workspace *workspace
	query     url.Values
	body      []byte
}

// ServeHTTP answers as BrowserAct does, or as a fault wants it.
func (a *Account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	req := a.receive(r)
	e := a.matchFaults(req.Endpoint, req.Key)
	ans := a.outcome(r, req, e)
	for _, mutate := range e.mutate {
		ans.body = mutate(ans.body)
	}
	ans.header = e.header
	a.mu.Lock()
	req.Status = ans.status
	a.mu.Unlock()
	a.write(w, r, ans, e)
}

// outcome returns the true answer or a fault's. It panics to break the connection.
func (a *Account) outcome(r *http.Request, req *Request, e effect) answer {
	var ans answer
	if e.after {
		ans = a.answer(r, req)
	}
	if !sleep(r.Context(), e.delay) || e.abort {
		panic(http.ErrAbortHandler)
	}
	switch {
	case e.instead != nil:
		ans = e.instead.answer()
	case !e.after:
		ans = a.answer(r, req)
	}
	return a.render(ans)
}

// answer checks the request and serves it.
func (a *Account) answer(r *http.Request, req *Request) answer {
	if req.Endpoint == filesEndpoint {
		return a.file(r.URL)
	}
	e, known := endpoints()[req.Endpoint]
	ws := a.workspaces[req.Key]
	switch {
	case ws == nil:
		return answer{status: a.authStatus, code: codeUnauthorized, msg: "Invalid authorization"}
	case !known:
		return refuseHTTP(http.StatusNotFound, "Not Found")
	case r.Method != e.method:
		return refuseHTTP(http.StatusMethodNotAllowed, "Method Not Allowed")
	case len(req.Body) > maxBody:
		return refuseHTTP(http.StatusRequestEntityTooLarge, "Content Too Large")
	}
	if refused, ok := e.check(r, req.Body); !ok {
		return refused
	}
	return e.serve(&call{a, ws, req.Query, req.Body})
}

// Request is a request that the account received.
type Request struct {
	Time     time.Time // by the account's clock
	Endpoint string    // as in Fault; empty for an unknown path
	Method   string
	Host     string
	Path     string
	Query    url.Values
	Header   http.Header // without Authorization
	Key      string      // the bearer token, or empty
	Body     []byte
	Status   int // of the answer; 0 before it and if the connection was broken
}

// maxJournal bounds the memory of an account that runs for days.
const maxJournal = 20_000

// Requests returns the latest 20,000 requests, oldest first.
func (a *Account) Requests() []Request {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := make([]Request, len(a.journal))
	for i, r := range a.journal {
		list[i] = *r
	}
	return list
}

// receive reads and records a request. It panics if the client breaks it off.
func (a *Account) receive(r *http.Request) *Request {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	req := &Request{
		Time: a.clock.now(), Endpoint: a.endpointOf(r), Method: r.Method, Host: r.Host, Path: r.URL.Path,
		Query: r.URL.Query(), Header: r.Header.Clone(), Body: body,
	}
	if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		req.Key = key
	}
	req.Header.Del("Authorization")
	a.record(req)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return req
}

func (a *Account) record(req *Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.journal) >= maxJournal {
		a.journal = slices.Delete(a.journal, 0, maxJournal/10)
	}
	a.journal = append(a.journal, req)
}

// endpointOf returns the name of the requested endpoint, or nothing.
func (a *Account) endpointOf(r *http.Request) string {
	if r.Host == filesHost {
		return filesEndpoint
	}
	dir, name := path.Split(r.URL.Path)
	if _, ok := endpoints()[name]; ok && dir == basePath+"/" {
		return name
	}
	return ""
}
