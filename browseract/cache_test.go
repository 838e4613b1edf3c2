package browseract_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

type callerKey struct{}

// as is the context of a caller with a key; "" has none.
func as(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, callerKey{}, key)
}

// shared returns a client that many callers share, each with a key of its own.
func shared(t *testing.T, r *rig) *browseract.Client {
	t.Helper()
	c, err := browseract.New(func(ctx context.Context) string { key, _ := ctx.Value(callerKey{}).(string); return key },
		browseract.WithBaseURL(r.network.URL), browseract.WithTransport(r.network.Transport))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWithoutAKeyNothingIsSent(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "app-two\nlines", "app-\x00", "app-\x7f"} {
		onRig(t, func(t *testing.T, r *rig) {
			c, ctx := shared(t, r), as(t.Context(), key)
			_, waited := c.Wait(ctx, browseract.Watch{TaskID: "1"})
			for name, err := range map[string]error{
				"run":            second(c.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: "1"})),
				"template's run": second(c.RunTemplate(ctx, browseract.TemplateRun{TemplateID: "1"})),
				"task":           second(c.Task(ctx, "1")),
				"workflows":      second(c.AllWorkflows(ctx)),
				"stop":           second(c.StopTask(ctx, "1")),
				"resume":         c.ResumeTask(ctx, "1"),
				"wait":           waited,
			} {
				if !errors.Is(err, browseract.ErrNoAPIKey) || errors.As(err, new(*browseract.StartUnknownError)) {
					t.Errorf("%s with key %q: %v", name, key, err)
				}
			}
			if n := r.network.Dials(); n != 0 {
				t.Errorf("%d connections, want none", n)
			}
		})
	}
}

func TestKeysNeverMix(t *testing.T) {
	t.Parallel()
	keys := []string{"app-one", "app-two", "app-three"}
	onRig(t, func(t *testing.T, r *rig) {
		c := shared(t, r)
		r.account.Inject(simulator.Fault{Delay: 100 * time.Millisecond}) // so that their reads overlap
		var group sync.WaitGroup
		for i := range 120 {
			key := keys[i%len(keys)]
			group.Go(func() {
				time.Sleep(time.Duration(i/len(keys)) * time.Second)
				ctx := as(t.Context(), key)
				all, err := c.AllWorkflows(ctx)
				if err != nil || string(all[0].ID) != r.account.WorkflowsOf(key)[0].ID {
					t.Errorf("%s saw the workflows of another: %v", key, err)
					return
				}
				w, err := c.RecentWorkflow(ctx, string(all[1].ID))
				if err != nil || w.ID != all[1].ID {
					t.Errorf("%s: %v", key, err)
				}
				s, err := c.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: string(all[0].ID)})
				if err != nil {
					t.Errorf("%s: %v", key, err)
				}
				if _, err := c.Task(as(ctx, keys[(i+1)%len(keys)]), string(s.TaskID)); !errors.Is(err, &browseract.Error{Code: browseract.CodeNoSuchTask}) {
					t.Errorf("a task of %s is seen by another: %v", key, err)
				}
			})
		}
		group.Wait()
		for _, task := range r.account.Tasks() {
			if own := r.account.WorkflowsOf(task.Key)[0].ID; own != task.WorkflowID {
				t.Errorf("a run of %s went out as %s", task.WorkflowID, task.Key)
			}
		}
	}, simulator.WithKeys(keys...), simulator.WithConcurrency(100))
}

func TestDefinitionsAreCachedForAMinute(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(context.Context, *rig) error{
		"list-workflows": func(ctx context.Context, r *rig) error { return second(r.client.AllWorkflows(ctx)) },
		"get-workflow": func(ctx context.Context, r *rig) error {
			return second(r.client.RecentWorkflow(ctx, r.account.Workflow("Price Monitor").ID))
		},
		"get-official-workflow-template": func(ctx context.Context, r *rig) error {
			return second(r.client.RecentTemplate(ctx, "77577579210625331"))
		},
		"get-region-list": func(ctx context.Context, r *rig) error { return second(r.client.RecentRegions(ctx)) },
	} {
		onRig(t, func(t *testing.T, r *rig) {
			for _, step := range []struct {
				after time.Duration
				want  int // requests so far
			}{{0, 1}, {0, 1}, {59 * time.Second, 1}, {2 * time.Second, 2}, {59 * time.Second, 2}, {2 * time.Second, 3}} {
				time.Sleep(step.after)
				if err := read(t.Context(), r); err != nil || len(r.sent(name)) != step.want {
					t.Errorf("%s: %d requests, want %d; %v", name, len(r.sent(name)), step.want, err)
				}
			}
		})
	}
}

func TestErrorsAreNotCached(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		r.account.Inject(simulator.Fault{Status: 400, Times: 1})
		_, first := r.client.RecentRegions(t.Context())
		regions, next := r.client.RecentRegions(t.Context())
		if first == nil || next != nil || len(regions) == 0 {
			t.Errorf("%v, then %d regions, %v", first, len(regions), next)
		}
	})
}

func TestReadsAtTheSameTimeAreOne(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		r.account.Inject(simulator.Fault{Delay: 2 * time.Second})
		began := time.Now()
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		go func() {
			if _, err := r.client.RecentRegions(ctx); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
				t.Errorf("the first caller left with %v after %v", err, time.Since(began))
			}
		}()
		synctest.Wait()
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if regions, err := r.client.RecentRegions(t.Context()); err != nil || len(regions) == 0 || time.Since(began) != 2*time.Second {
					t.Errorf("another caller got %d regions, %v after %v", len(regions), err, time.Since(began))
				}
			})
		}
		group.Wait()
		if n := len(r.sent("")); n != 1 {
			t.Errorf("%d requests, want one", n)
		}
	})
}

func TestASharedReadEndsWithinTenSeconds(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		r.account.Inject(simulator.Fault{Delay: time.Hour, Times: 2})
		began := time.Now()
		if _, err := r.client.RecentRegions(t.Context()); err == nil || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if _, err := r.client.RecentRegions(t.Context()); err != nil {
			t.Errorf("the next read: %v", err)
		}
	})
}

// The cache is bounded: the definition after 2,000 others empties it.
func TestTheCacheIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := map[string]int{}
		c := newClient(t, answeringWorkflows(asked))
		read := func(id string) {
			if w, err := c.RecentWorkflow(t.Context(), id); err != nil || string(w.ID) != id {
				t.Fatalf("%s: %+v, %v", id, w, err)
			}
		}
		for i := range 2000 {
			read(fmt.Sprint(i))
		}
		read("0")
		if asked["0"] != 1 {
			t.Errorf("2,000 definitions were not remembered")
		}
		read("one more")
		read("0")
		if asked["0"] != 2 {
			t.Errorf("more than 2,000 definitions were remembered")
		}
	})
}
