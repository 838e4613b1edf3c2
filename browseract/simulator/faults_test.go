package simulator_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

func TestFaultsShowBeforeOrAfterTheTaskIsCreated(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		fault  simulator.Fault
		status int // 0: no answer
		body   string
		tasks  int
	}{
		{"none", simulator.Fault{}, 200, `{"id":"`, 1},
		{"broken before", simulator.Fault{Abort: true}, 0, "", 0},
		{"broken after", simulator.Fault{Abort: true, After: true}, 0, "", 1},
		{"gateway before", simulator.Fault{Status: 502}, 502, "<html>", 0},
		{"gateway after", simulator.Fault{Status: 504, After: true}, 504, "<title>504 Gateway Timeout</title>", 1},
		{"error under 200", simulator.Fault{Code: 10118, Msg: "Running tasks number exceeds."}, 200, `{"code":10118,"msg":"Running`, 0},
		{"error under 500", simulator.Fault{Status: 500, Code: 500, Msg: "oops", After: true}, 500, `{"code":500`, 1},
		{"body", simulator.Fault{Status: 400, Body: "no"}, 400, "no", 0},
		{"truncated", simulator.Fault{Truncate: 6}, 0, `{"id":`, 1},
		{"mutated", simulator.Fault{Mutate: func(b []byte) []byte { return append([]byte("x"), b...) }}, 200, `x{"id":`, 1},
		{"delayed", simulator.Fault{Delay: time.Minute}, 200, `{"id":"`, 1},
		{"stalled", simulator.Fault{Stall: time.Minute}, 200, `{"id":"`, 1},
		{"for another endpoint", simulator.Fault{Endpoint: "get-task", Abort: true}, 200, `{"id":"`, 1},
		{"for another key", simulator.Fault{Key: "app-other", Abort: true}, 200, `{"id":"`, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := start(t)
				r.Inject(tt.fault)
				got, err := r.try(r.request(http.MethodPost, "run-task", nil, `{"workflow_id":"`+r.Workflow("Never Ends").ID+`"}`))
				if (err != nil) != (tt.status == 0) || err == nil && got.status != tt.status || !strings.HasPrefix(got.raw, tt.body) && !strings.Contains(got.raw, tt.body) {
					t.Errorf("got %d %q and error %v, want %d %q", got.status, got.raw, err, tt.status, tt.body)
				}
				if n := len(r.Tasks()); n != tt.tasks {
					t.Errorf("%d tasks, want %d", n, tt.tasks)
				}
				if took := time.Since(r.Requests()[0].Time); took != tt.fault.Delay+tt.fault.Stall {
					t.Errorf("took %v, want %v", took, tt.fault.Delay+tt.fault.Stall)
				}
			})
		})
	}
}

func TestFaultSkipsAndCounts(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.Inject(simulator.Fault{Endpoint: "get-region-list", Skip: 1, Times: 2, Status: 503, Header: http.Header{"Retry-After": {"7"}}})
	remove := r.Inject(simulator.Fault{Skip: 4, Status: 429})
	var statuses []int
	for range 6 {
		got := r.get("get-region-list")
		statuses = append(statuses, got.status)
		if retry := got.header.Get("Retry-After"); (retry == "7") != (got.status == 503) {
			t.Errorf("%d came with Retry-After %q", got.status, retry)
		}
	}
	remove()
	statuses = append(statuses, r.get("get-region-list").status)
	want := []int{200, 503, 503, 200, 429, 429, 200}
	for i := range want {
		if statuses[i] != want[i] {
			t.Fatalf("got %v, want %v", statuses, want)
		}
	}
}

func TestFaultsApplyTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		r.Inject(simulator.Fault{Delay: time.Second})
		r.Inject(simulator.Fault{Status: 500, Delay: time.Second, After: true})
		r.Inject(simulator.Fault{Status: 400, Header: http.Header{"X-Seen": {"yes"}}})
		began := time.Now()
		got := r.post("run-task", r.ask("Never Ends"))
		if got.status != 500 || got.header.Get("X-Seen") != "yes" || time.Since(began) != 2*time.Second || len(r.Tasks()) != 1 {
			t.Errorf("answered %d %v after %v with %d tasks, want the first answer, every header, both delays and a task",
				got.status, got.header, time.Since(began), len(r.Tasks()))
		}
	})
}

func TestDelayEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		after bool
		tasks int
	}{{"before the task", false, 0}, {"after the task", true, 1}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := start(t)
				r.Inject(simulator.Fault{Delay: time.Hour, After: tt.after})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				req := r.request(http.MethodPost, "run-task", nil, `{"workflow_id":"`+r.Workflow("Never Ends").ID+`"}`)
				if _, err := r.try(req.WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error %v, want the deadline", err)
				}
				synctest.Wait()
				if n := len(r.Tasks()); n != tt.tasks {
					t.Errorf("%d tasks, want %d", n, tt.tasks)
				}
				time.Sleep(2 * time.Hour)
				if n := len(r.Tasks()); n != tt.tasks {
					t.Errorf("two hours later %d tasks, want %d", n, tt.tasks)
				}
			})
		})
	}
}

func TestTruncatedAnswerAnnouncesItsWholeLength(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.Inject(simulator.Fault{Truncate: 10, Times: 1})
	short, err := r.try(r.request(http.MethodGet, "get-region-list", nil, ""))
	whole := r.get("get-region-list")
	if !errors.Is(err, io.ErrUnexpectedEOF) || short.raw != whole.raw[:10] {
		t.Errorf("got %q and error %v, want the first 10 bytes and an unexpected EOF", short.raw, err)
	}
}

func TestMisspeltEndpointOfAFaultPanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	simulator.New().Inject(simulator.Fault{Endpoint: "run_task"})
}
