package browseract_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// The account refuses all that the API's description does not allow, so that a
// call that succeeds was sent as described.
func TestEndpointsAreAskedAsDescribed(t *testing.T) {
	t.Parallel()
	const mapsID = "77577579210625331"
	r := newRig(t, simulator.WithoutGzip())
	task, workflow := r.run(t, "Seven Hours"), r.account.Workflow("Price Monitor").ID
	paused := r.pausedTask(t)
	at := time.Date(2025, 10, 8, 11, 54, 10, 123456789, time.FixedZone("", 2*60*60))
	for _, tt := range []struct {
		name     string
		call     func(context.Context, *browseract.Client) error
		want     string
		wantBody string
	}{
		{
			"the first page of workflows", with((*browseract.Client).Workflows, 1, 20),
			"GET list-workflows limit=20&page=1", "",
		},
		{
			"a page below the first", with((*browseract.Client).Workflows, 0, 20),
			"GET list-workflows limit=20&page=1", "",
		},
		{
			"no limit", with((*browseract.Client).Workflows, 2, 0),
			"GET list-workflows limit=1&page=2", "",
		},
		{
			"a limit above the API's", with((*browseract.Client).Workflows, 1, 1000),
			"GET list-workflows limit=500&page=1", "",
		},
		{
			"a workflow", func(ctx context.Context, c *browseract.Client) error { return second(c.Workflow(ctx, workflow)) },
			"GET get-workflow workflow_id=" + workflow, "",
		},
		{
			"all templates", func(ctx context.Context, c *browseract.Client) error { return second(c.Templates(ctx, "", 1, 500)) },
			"GET list-official-workflow-templates limit=500&page=1", "",
		},
		{
			"templates by keyword", func(ctx context.Context, c *browseract.Client) error {
				return second(c.Templates(ctx, "maps & more", 1, 5))
			},
			"GET list-official-workflow-templates keyword=maps+%26+more&limit=5&page=1", "",
		},
		{
			"a template", func(ctx context.Context, c *browseract.Client) error { return second(c.Template(ctx, mapsID)) },
			"GET get-official-workflow-template workflow_template_id=" + mapsID, "",
		},
		{
			"the regions", func(ctx context.Context, c *browseract.Client) error { return second(c.Regions(ctx)) },
			"GET get-region-list ", "",
		},
		{
			"a task", func(ctx context.Context, c *browseract.Client) error { return second(c.Task(ctx, task)) },
			"GET get-task task_id=" + task, "",
		},
		{
			"a task's status", func(ctx context.Context, c *browseract.Client) error { return second(c.TaskStatus(ctx, task)) },
			"GET get-task-status task_id=" + task, "",
		},
		{
			"all tasks", func(ctx context.Context, c *browseract.Client) error {
				return second(c.Tasks(ctx, browseract.TaskFilter{}, 1, 100))
			},
			"GET list-tasks limit=100&page=1", "",
		},
		{
			"tasks by everything", func(ctx context.Context, c *browseract.Client) error {
				return second(c.Tasks(ctx, browseract.TaskFilter{
					Status: browseract.TaskFailed, WorkflowID: workflow, WorkflowName: "Price", From: at, To: at.Add(time.Hour),
				}, 3, 10))
			},
			"GET list-tasks created_at_from=2025-10-08T09%3A54%3A10.123Z&created_at_to=2025-10-08T10%3A54%3A10.123Z" +
				"&limit=10&page=3&status=failed&workflow_id=" + workflow + "&workflow_name=Price", "",
		},
		{
			"the least of a run", func(ctx context.Context, c *browseract.Client) error {
				return second(c.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: workflow}))
			},
			"POST run-task ", `{"workflow_id":"` + workflow + `"}`,
		},
		{
			"all of a run", func(ctx context.Context, c *browseract.Client) error {
				return second(c.RunWorkflow(ctx, browseract.WorkflowRun{
					WorkflowID: workflow, Inputs: []browseract.Input{{Name: "product_url", Value: "a=b;c"}, {Name: "max_items", Value: "3"}},
					SaveBrowserData: true, ProfileID: "p-1", CallbackURL: "https://hooks.example/a", StatusCallbackURL: "https://hooks.example/b",
				}))
			},
			"POST run-task ", `{"workflow_id":"` + workflow + `","input_parameters":[{"name":"product_url","value":"a=b;c"},{"name":"max_items","value":"3"}],` +
				`"save_browser_data":true,"profile_id":"p-1","callback_url":"https://hooks.example/a","status_change_callback_url":"https://hooks.example/b"}`,
		},
		{
			"the least of a template's run", func(ctx context.Context, c *browseract.Client) error {
				return second(c.RunTemplate(ctx, browseract.TemplateRun{TemplateID: mapsID}))
			},
			"POST run-task-by-template ", `{"workflow_template_id":"` + mapsID + `"}`,
		},
		{
			"all of a template's run", func(ctx context.Context, c *browseract.Client) error {
				return second(c.RunTemplate(ctx, browseract.TemplateRun{
					TemplateID: mapsID, Inputs: []browseract.Input{{Name: "keywords", Value: "<Café>"}}, Region: "UK",
					CallbackURL: "https://hooks.example/a", StatusCallbackURL: "https://hooks.example/b",
				}))
			},
			"POST run-task-by-template ", `{"workflow_template_id":"` + mapsID + `","input_parameters":[{"name":"keywords","value":"\u003cCafé\u003e"}],` +
				`"proxyRegion":"UK","callback_url":"https://hooks.example/a","status_change_callback_url":"https://hooks.example/b"}`,
		},
		{
			"a stop", func(ctx context.Context, c *browseract.Client) error { return second(c.StopTask(ctx, task)) },
			"PUT stop-task task_id=" + task, "",
		},
		{
			"a resume", func(ctx context.Context, c *browseract.Client) error { return c.ResumeTask(ctx, paused) },
			"PUT resume-task task_id=" + paused, "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.call(t.Context(), r.client); err != nil {
				t.Fatal(err)
			}
			all := r.sent("")
			last := all[len(all)-1]
			if got := last.Method + " " + last.Endpoint + " " + last.Query.Encode(); got != tt.want {
				t.Errorf("sent %s\nwant %s", got, tt.want)
			}
			if got := string(last.Body); got != tt.wantBody {
				t.Errorf("sent body %s\nwant %s", got, tt.wantBody)
			}
		})
	}
}

// pausedTask is a task that waits for a person, by the wall clock.
func (r *rig) pausedTask(t *testing.T) string {
	t.Helper()
	id := r.account.AddWorkflow(simulator.Workflow{Name: "Waits At Once", Scenario: simulator.Scenario{
		Running: time.Hour, Steps: []simulator.Step{{Goal: "Ask", Human: &simulator.Human{}}},
	}})
	started, err := r.client.RunWorkflow(t.Context(), browseract.WorkflowRun{WorkflowID: id})
	if err != nil {
		t.Fatal(err)
	}
	return string(started.TaskID)
}

func second[T any](_ T, err error) error { return err }

func with[T any](method func(*browseract.Client, context.Context, int, int) (T, error), page, limit int) func(context.Context, *browseract.Client) error {
	return func(ctx context.Context, c *browseract.Client) error { return second(method(c, ctx, page, limit)) }
}

func TestRequestsCarryTheKeyAndTheUserAgent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := newClient(t, r.network.Transport, browseract.WithUserAgent("probe/1.0"))
	if _, err := c.Regions(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := r.sent("get-region-list")[0]
	want := map[string]string{"User-Agent": "probe/1.0", "Accept": "application/json", "Accept-Encoding": "gzip", "Content-Type": ""}
	for name, value := range want {
		if got.Header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), value)
		}
	}
	if got.Key != simulator.Key {
		t.Errorf("key %q, want %q", got.Key, simulator.Key)
	}
}

func TestCatalogueIsReadAsItIs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	ctx := t.Context()
	want := r.account.Workflows()
	all, err := r.client.AllWorkflows(ctx)
	if err != nil || len(all) != len(want) {
		t.Fatalf("%d workflows, %v; want %d", len(all), err, len(want))
	}
	for i, w := range all {
		got := []any{string(w.ID), w.Name, w.Description, w.PublishedAt.IsZero(), w.CreatedAt.IsZero(), w.Inputs == nil}
		if diff := cmp.Diff(got, []any{want[i].ID, want[i].Name, want[i].Description, want[i].Unpublished, false, true}); diff != "" {
			t.Errorf("workflow %d: %s", i, diff)
		}
	}
	w, err := r.client.Workflow(ctx, want[0].ID)
	wantInputs := []browseract.Parameter{{Name: "product_url"}, {Name: "max_items", DefaultEnabled: true}}
	if diff := cmp.Diff(w.Inputs, wantInputs); err != nil || diff != "" || !w.Inputs[0].Required() || w.Inputs[1].Required() {
		t.Errorf("inputs: %s%v", diff, err)
	}
	page, err := r.client.Templates(ctx, "MAPS BUSINESSES", 1, 10)
	if err != nil || page.TotalCount != 1 || len(page.Items) != 1 {
		t.Fatalf("templates: %+v, %v; want the one", page, err)
	}
	listed := page.Items[0]
	got, err := r.client.Template(ctx, string(listed.ID))
	if err != nil || got.ID != "77577579210625331" || got.Name != listed.Name || got.Summary != listed.Summary || got.DetailURL != listed.DetailURL ||
		got.Description == "" || got.CreatedAt.IsZero() || got.PublishedAt.IsZero() || len(got.Inputs) != 3 {
		t.Errorf("template %+v, %v", got, err)
	}
	regions, err := r.client.Regions(ctx)
	if err != nil || len(regions) == 0 || regions[1] != (browseract.Region{Name: "United Kingdom", Code: "UK"}) {
		t.Errorf("regions %v, %v", regions, err)
	}
}

func TestAllWorkflowsReadsEveryPage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for range 2*browseract.MaxLimit + 1 - len(r.account.Workflows()) {
		r.account.AddWorkflow(simulator.Workflow{Name: "One More"})
	}
	all, err := r.client.AllWorkflows(t.Context())
	if err != nil || len(all) != 2*browseract.MaxLimit+1 || len(r.sent("list-workflows")) != 3 {
		t.Errorf("%d workflows in %d requests, %v", len(all), len(r.sent("list-workflows")), err)
	}
}

// A list ends even if the API always counts more pages.
func TestAllWorkflowsEnds(t *testing.T) {
	t.Parallel()
	c := answering(t, 200, `{"items":[{"id":"1"}],"total_pages":2147483647}`)
	if _, err := c.AllWorkflows(t.Context()); !errors.Is(err, browseract.ErrUnreadable) {
		t.Errorf("got %v", err)
	}
}

func TestTasksAreListedAndFiltered(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		first := r.run(t, "Price Monitor", browseract.Input{Name: "product_url", Value: "a"})
		time.Sleep(2 * time.Minute)
		since := time.Now()
		second := r.run(t, "Seven Hours")
		time.Sleep(time.Minute)
		for _, tt := range []struct {
			name   string
			filter browseract.TaskFilter
			want   []browseract.ID
		}{
			{"all, newest first", browseract.TaskFilter{}, []browseract.ID{browseract.ID(second), browseract.ID(first)}},
			{"by status", browseract.TaskFilter{Status: browseract.TaskFinished}, []browseract.ID{browseract.ID(first)}},
			{"by name", browseract.TaskFilter{WorkflowName: "seven"}, []browseract.ID{browseract.ID(second)}},
			{"by workflow", browseract.TaskFilter{WorkflowID: r.account.Workflow("Price Monitor").ID}, []browseract.ID{browseract.ID(first)}},
			{"since", browseract.TaskFilter{From: since}, []browseract.ID{browseract.ID(second)}},
			{"until", browseract.TaskFilter{To: since.Add(-time.Second)}, []browseract.ID{browseract.ID(first)}},
			{"none", browseract.TaskFilter{Status: browseract.TaskPaused}, nil},
		} {
			page, err := r.client.Tasks(t.Context(), tt.filter, 1, 10)
			var got []browseract.ID
			for _, task := range page.Items {
				got = append(got, task.ID)
			}
			if diff := cmp.Diff(got, tt.want); err != nil || diff != "" || page.TotalCount != len(tt.want) {
				t.Errorf("%s: %s, %v", tt.name, diff, err)
			}
		}
	})
}
