package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// BenchmarkAnswer shows what the account itself costs other benchmarks.
func BenchmarkAnswer(b *testing.B) {
	now := time.Now()
	a := simulator.New(simulator.WithClock(func() time.Time { return now }))
	a.Populate(500, 4096)
	h := http.HandlerFunc(a.ServeHTTP)
	post := httptest.NewRequest(http.MethodPost, "/v2/workflow/run-task", body(`{"workflow_id":"`+a.Workflow("Twenty Megabytes").ID+`"}`))
	post.Header.Set("Content-Type", "application/json")
	post.Header.Set("Authorization", "Bearer "+simulator.Key)
	h.ServeHTTP(httptest.NewRecorder(), post)
	now = now.Add(time.Hour)
	tasks := a.Tasks()
	big := tasks[len(tasks)-1].ID
	for _, bb := range []struct{ name, target, accept string }{
		{"list of 500 tasks with 4 KB outputs", "list-tasks?limit=500&created_at_to=" + now.Add(-time.Hour).UTC().Add(-30*time.Second).Format(time.RFC3339), ""},
		{"list of 500, gzip", "list-tasks?limit=500&created_at_to=" + now.Add(-time.Hour).UTC().Add(-30*time.Second).Format(time.RFC3339), "gzip"},
		{"status", "get-task-status?task_id=" + big, ""},
		{"20 MB", "get-task?task_id=" + big, ""},
		{"20 MB gzip", "get-task?task_id=" + big, "gzip"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, "/v2/workflow/"+bb.target, nil)
				r.Header.Set("Authorization", "Bearer "+simulator.Key)
				r.Header.Set("Accept-Encoding", bb.accept)
				w := &discard{header: http.Header{}}
				h.ServeHTTP(w, r)
				b.SetBytes(w.n)
			}
		})
	}
}

type discard struct {
	header http.Header
	n      int64
}

func (d *discard) Header() http.Header            { return d.header }
func (d *discard) WriteHeader(int)                {}
func (d *discard) Write(data []byte) (int, error) { d.n += int64(len(data)); return len(data), nil }

func body(s string) *strings.Reader { return strings.NewReader(s) }
