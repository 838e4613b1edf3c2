package main

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

// An account is a simulated BrowserAct behind an API that often fails.
type account struct {
	*httptest.Server

	chance  *chance
	current atomic.Pointer[simulator.Account]
}

// speed lets a run of a minute end within half a second.
const speed = 120

func openAccount(c *chance) *account {
	a := &account{chance: c}
	a.renew()
	a.Server = httptest.NewServer(a)
	return a
}

// renew forgets every task, so that the account itself does not grow.
func (a *account) renew() {
	a.current.Store(simulator.New(simulator.WithKeys(drive.Key), simulator.WithSpeed(speed), simulator.WithConcurrency(200)))
}

// workflow returns the id of a workflow by its name.
func (a *account) workflow(name string) string { return a.current.Load().Workflow(name).ID }

// ServeHTTP answers as the account does, and now and then as no API should.
func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch a.chance.below(40) {
	case 0:
		w.Header().Set("Retry-After", "1")
		http.Error(w, `{"code":429,"msg":"too many requests"}`, http.StatusTooManyRequests)
	case 1:
		http.Error(w, "<html>bad gateway</html>", http.StatusBadGateway)
	case 2:
		panic(http.ErrAbortHandler) // the connection breaks
	case 3:
		_, _ = w.Write([]byte(`{"page":1,"items":[{"id":`))
	case 4:
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write([]byte(`{"items":[`)) // and the rest never comes
	case 5:
		a.current.Load().ServeHTTP(w, r)
		panic(http.ErrAbortHandler) // it took effect, and no reply says so
	case 6:
		select {
		case <-time.After(time.Duration(a.chance.below(1500)) * time.Millisecond):
			a.current.Load().ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	default:
		a.current.Load().ServeHTTP(w, r)
	}
}

// A chance is a source of chance for many goroutines.
type chance struct {
	seed uint64
	turn atomic.Uint64
}

// below returns a number from 0 to n-1.
func (c *chance) below(n int) int {
	return rand.New(rand.NewPCG(c.seed, c.turn.Add(1))).IntN(n)
}

// pick returns one of a list.
func (c *chance) pick(list []string) string { return list[c.below(len(list))] }
