package simulator_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

func TestConnectionsAreKeptAliveAndCompressed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		for range 5 {
			req := r.request(http.MethodGet, "list-official-workflow-templates", pairsOf("limit", "500"), "")
			req.Header.Set("Accept-Encoding", "gzip")
			if got := r.send(req); got.header.Get("Content-Encoding") != "gzip" || got.raw[:2] != "\x1f\x8b" {
				t.Errorf("answer with %v starts with %q, want gzip", got.header, got.raw[:2])
			}
		}
		if n := r.net.Dials(); n != 1 {
			t.Errorf("%d connections, want 1", n)
		}
		if got := r.get("list-official-workflow-templates", "limit", "500").items(); len(got) != 41 {
			t.Errorf("%d templates through a client that decompresses, want 41", len(got))
		}
	})
}

func TestWithoutGzipNothingIsCompressed(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.WithoutGzip())
	req := r.request(http.MethodGet, "list-workflows", pairsOf("limit", "500"), "")
	req.Header.Set("Accept-Encoding", "gzip")
	if got := r.send(req); got.header.Get("Content-Encoding") != "" || got.object == nil {
		t.Errorf("got %v %.20q, want JSON", got.header, got.raw)
	}
}

func TestRefusedDialsLookLikeThoseOfASocket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		r.net.Refuse(2)
		for range 2 {
			_, err := r.try(r.request(http.MethodGet, "get-region-list", nil, ""))
			var op *net.OpError
			if !errors.Is(err, syscall.ECONNREFUSED) || !errors.As(err, &op) || op.Op != "dial" {
				t.Errorf("error %v, want a refused dial", err)
			}
		}
		if got := r.get("get-region-list"); got.status != http.StatusOK || len(r.Requests()) != 1 {
			t.Errorf("third dial answered %d after %d requests, want 200 and 1", got.status, len(r.Requests()))
		}
	})
}

// TestClosedServerRefusesAndLeavesNothingBehind relies on synctest to fail where
// a goroutine of the bubble never ends.
func TestClosedServerRefusesAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		r.get("get-region-list") // leaves a connection
		r.Inject(simulator.Fault{Delay: 24 * time.Hour, After: true})
		broken := make(chan error)
		go func() {
			_, err := r.try(r.request(http.MethodPost, "run-task", nil, `{"workflow_id":"`+r.Workflow("Never Ends").ID+`"}`))
			broken <- err
		}()
		synctest.Wait()
		began := time.Now()
		r.net.Close()
		if err := <-broken; err == nil || time.Since(began) != 0 {
			t.Errorf("an open request ended after %v with error %v, want one at once", time.Since(began), err)
		}
		if _, err := r.try(r.request(http.MethodGet, "get-region-list", nil, "")); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("error %v, want a refused dial", err)
		}
	})
}

// TestAccountServesManyAtOnce is there for the race detector.
func TestAccountServesManyAtOnce(t *testing.T) {
	t.Parallel()
	r := start(t, simulator.WithConcurrency(100))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			r.Inject(simulator.Fault{Endpoint: "get-task", Skip: i, Times: 1, Header: http.Header{"X-Fault": {fmt.Sprint(i)}}})
			id := r.post("run-task", r.ask("Price Monitor")).object["id"].(string)
			for range 3 {
				r.task(id)
				r.get("list-tasks", "limit", "500")
			}
			r.put("stop-task", id)
		})
	}
	all.Wait()
	ids := map[string]bool{}
	for _, task := range r.Tasks() {
		ids[task.ID] = true
		if task.Status != "canceled" {
			t.Errorf("a task is %s, want canceled", task.Status)
		}
	}
	if len(ids) != 8 {
		t.Errorf("%d ids, want 8", len(ids))
	}
}

func TestAbortBehavesAlikeOverSockets(t *testing.T) {
	t.Parallel()
	a := simulator.New()
	a.Inject(simulator.Fault{Abort: true, After: true, Times: 1})
	s := httptest.NewServer(a)
	defer s.Close()
	r := &rig{a, t, &simulator.Server{URL: s.URL, Transport: &http.Transport{}}, simulator.Key}
	defer r.net.Transport.CloseIdleConnections()
	body := `{"workflow_id":"` + r.Workflow("Never Ends").ID + `"}`
	if _, err := r.try(r.request(http.MethodPost, "run-task", nil, body)); err == nil || len(r.Tasks()) != 1 {
		t.Errorf("error %v with %d tasks, want a broken connection and 1", err, len(r.Tasks()))
	}
}
