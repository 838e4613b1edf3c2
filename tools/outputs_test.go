package tools_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// maxResult is how many characters any result may have.
const maxResult = 100_000

// A shownPage is an answer of get_task_output or compare_tasks, taken apart.
type shownPage struct {
	View       string
	Format     string
	Kind       string
	TotalRows  int `json:"total_rows"`
	Offset     int
	Returned   int
	NextOffset *int `json:"next_offset"`
	Warnings   []string
	NextStep   *schemas.NextStep `json:"next_step"`

	Key                                string
	KeyGuessed                         bool `json:"key_guessed"`
	Added, Removed, Changed, Unchanged int
	Columns                            schemas.ColumnChanges

	body string
}

// page takes an answer that has to be a page apart.
func (a answer) page() shownPage {
	a.t.Helper()
	header, rest, _ := strings.Cut(a.Text, "\n")
	opening, rest, _ := strings.Cut(rest, "\n")
	end := strings.LastIndexByte(rest, '\n')
	var p shownPage
	if err := json.Unmarshal([]byte(header), &p); a.IsError || err != nil || end < 0 {
		a.t.Fatalf("%v in %.300s", err, a.Text)
	}
	if !strings.HasPrefix(opening, "<<<UNTRUSTED-WEB-DATA ") || !strings.HasPrefix(rest[end+1:], "<<<END UNTRUSTED-WEB-DATA ") {
		a.t.Errorf("the page is not fenced: %q, %q", opening, rest[end+1:])
	}
	p.body = rest[:end]
	return p
}

// check fails where a page breaks what get_task_output promises.
func (p shownPage) check(t *testing.T, arguments string) {
	t.Helper()
	if tokens := output.Tokens(p.body); tokens > output.DefaultMaxTokens {
		t.Errorf("%s: a page of %d tokens", arguments, tokens)
	}
	if sanitize.Text(p.body) != p.body {
		t.Errorf("%s: a page that is not fit to be shown: %.200q", arguments, p.body)
	}
	if p.NextOffset != nil && *p.NextOffset != p.Offset+p.Returned {
		t.Errorf("%s: %d returned from %d, but the next page begins at %d", arguments, p.Returned, p.Offset, *p.NextOffset)
	}
	if p.View != "rows" || p.Format == "text" {
		return
	}
	if rows := p.rows(t, arguments); rows != p.Returned {
		t.Errorf("%s: %d rows on a page that returned %d", arguments, rows, p.Returned)
	}
}

// rows reads a page as its format has it.
func (p shownPage) rows(t *testing.T, arguments string) int {
	t.Helper()
	switch p.Format {
	case "json":
		var rows []json.RawMessage
		if err := json.Unmarshal([]byte(p.body), &rows); err != nil {
			t.Errorf("%s: %v in %.200q", arguments, err, p.body)
		}
		return len(rows)
	case "csv":
		records, err := csv.NewReader(strings.NewReader(p.body)).ReadAll()
		if err != nil {
			t.Errorf("%s: %v in %.200q", arguments, err, p.body)
		}
		return max(0, len(records)-1)
	}
	return max(0, strings.Count(p.body, "\n")-1)
}

// openAll starts everything that the account can run, and returns the ids of the tasks.
func openAll(srv *testServer) (ids []string) {
	ctx := context.Background()
	for _, w := range srv.account.Workflows() {
		if raceDetector && w.Name == "Twenty Megabytes" {
			continue
		}
		a := srv.call(ctx, "run_workflow", srv.runArguments(w.Name, `,"wait_seconds":0`))
		srv.checkLength("run_workflow", a)
		if !a.IsError {
			ids = append(ids, a.task().TaskID)
		}
	}
	for _, template := range srv.account.Templates() {
		a := srv.call(ctx, "run_template", fmt.Sprintf(`{"template_id":%q,"inputs":%s,"wait_seconds":0}`, template.ID, fill(template.Inputs)))
		srv.checkLength("run_template", a)
		ids = append(ids, a.task().TaskID)
	}
	return ids
}

func fill(inputs []simulator.Input) string {
	filled := map[string]string{}
	for _, in := range inputs {
		if in.Required {
			filled[in.Name] = "coffee"
		}
	}
	raw, _ := json.Marshal(filled)
	return string(raw)
}

func (srv *testServer) checkLength(tool string, a answer) {
	srv.t.Helper()
	if n := len([]rune(a.Text)); n > maxResult || a.RPCError != "" {
		srv.t.Errorf("%s answers with %d characters %s", tool, n, a.RPCError)
	}
}

// TestNoResultIsLongAndEveryPageIsValid goes through everything that the simulator
// can run, and through all pages of what it writes in every view and format; of
// 20 MB through some.
func TestResultsAreShortAndPagesAreValid(t *testing.T) {
	open := func(t *testing.T) *testServer {
		return newServer(t, newAccount(simulator.WithConcurrency(1000)), everything)
	}
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		ids := openAll(srv)
		srv.each("get_task", ids, `,"wait_seconds":50,"include_steps":true`)
		for range 4 {
			time.Sleep(2 * time.Hour)
			srv.each("resume_task", ids, `,"wait_seconds":0`)
		}
		for _, more := range []string{``, `,"include_steps":true`} {
			srv.each("get_task", ids, more)
		}
		for _, id := range ids {
			readAll(srv, id)
		}
		compareAll(srv, ids)
		listAll(srv)
		srv.each("stop_task", ids, "")
		if !t.Failed() {
			t.Logf("%d tasks, %d requests", len(ids), len(srv.account.Requests()))
		}
	})
}

func (srv *testServer) each(tool string, ids []string, more string) {
	srv.t.Helper()
	for _, id := range ids {
		srv.checkLength(tool, srv.call(context.Background(), tool, fmt.Sprintf(`{"task_id":%q%s}`, id, more)))
	}
	synctest.Wait()
}

// compareAll compares each task with the one before it.
func compareAll(srv *testServer, ids []string) {
	for i, id := range ids[1:] {
		a := srv.call(context.Background(), "compare_tasks", fmt.Sprintf(`{"before_task_id":%q,"after_task_id":%q,"limit":500}`, ids[i], id))
		srv.checkLength("compare_tasks", a)
		if !a.IsError {
			a.page().check(srv.t, "compare_tasks")
		}
	}
}

func listAll(srv *testServer) {
	for _, call := range []struct{ tool, arguments string }{
		{"list_workflows", `{"limit":100}`},
		{"list_templates", `{"limit":100}`},
		{"list_tasks", `{"limit":100}`},
		{"list_tasks", `{"mine":true,"limit":100}`},
		{"list_regions", `{}`},
	} {
		srv.checkLength(call.tool, srv.call(context.Background(), call.tool, call.arguments))
	}
	for _, w := range srv.account.Workflows() {
		srv.checkLength("get_workflow", srv.call(context.Background(), "get_workflow", fmt.Sprintf(`{"workflow_id":%q}`, w.ID)))
	}
	for _, template := range srv.account.Templates() {
		srv.checkLength("get_template", srv.call(context.Background(), "get_template", fmt.Sprintf(`{"template_id":%q}`, template.ID)))
	}
}

// fewPages is how many pages of a very large output are read, at both ends.
const maxPages = 8

// readAll pages through an output in every way.
func readAll(srv *testServer, id string) {
	srv.t.Helper()
	for _, more := range []string{
		`"view":"profile"`, `"view":"raw"`, `"limit":500`, `"limit":7`, `"format":"csv","limit":500`, `"format":"markdown","limit":500`,
		`"select":".","limit":500`, `"select":".","format":"csv","limit":500`,
	} {
		offset := 0
		for n := 0; ; n++ {
			arguments := fmt.Sprintf(`{"task_id":%q,"offset":%d,%s}`, id, offset, more)
			a := srv.call(context.Background(), "get_task_output", arguments)
			srv.checkLength("get_task_output", a)
			if a.IsError {
				break
			}
			p := a.page()
			p.check(srv.t, arguments)
			if p.NextOffset == nil || srv.t.Failed() {
				break
			}
			offset = *p.NextOffset
			if n == maxPages && p.TotalRows > 10_000 { // on to the end
				offset = max(offset, p.TotalRows-2*p.Returned)
			}
			if n > 4*maxPages && p.View == "raw" {
				break
			}
		}
	}
}

func TestNextStepLeadsThroughAllPages(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.finishWithOutput("Thousand Rows", "")
		for arguments, want := range map[string]int{
			`{"task_id":%q,"limit":300}`:                                         1000,
			`{"task_id":%q,"fields":["price","url"],"format":"csv","limit":300}`: 1000,
			`{"task_id":%q,"select":".[:700][] | {url, price}","limit":300}`:     700,
		} {
			call, rows := fmt.Sprintf(arguments, id), 0
			for call != "" {
				p := srv.call(context.Background(), "get_task_output", call).page()
				p.check(t, call)
				rows += p.Returned
				call = ""
				if p.NextStep != nil {
					call = marshal(t, p.NextStep.Arguments)
				}
			}
			if rows != want {
				t.Errorf("%s: read %d rows to the end, want %d", arguments, rows, want)
			}
		}
	})
}

// finishWithOutput runs a workflow to its end, with this output if there is one.
func (srv *testServer) finishWithOutput(workflow, output string) string {
	srv.t.Helper()
	id := srv.startAnother(workflow)
	if output != "" {
		srv.account.FinishTask(id, output)
	}
	srv.waitForEnd(id)
	return id
}

// reads counts how often the account was asked for whole tasks.
func reads(account *simulator.Account) int {
	n := 0
	for _, r := range account.Requests() {
		if r.Endpoint == "get-task" {
			n++
		}
	}
	return n
}

func TestLaterPagesOfEndedTasksNeedNoDownload(t *testing.T) {
	runSynctestOn(t, func(t *testing.T) *testServer { return newServer(t, newAccount(), everything) }, func(t *testing.T, srv *testServer) {
		id, other := srv.finishWithOutput("Thousand Rows", ""), srv.finishWithOutput("Thousand Rows", `[{"title":"x"}]`)
		srv.call(context.Background(), "get_task_output", taskArgument(id)).page()
		srv.call(context.Background(), "get_task_output", taskArgument(other)).page()
		before := reads(srv.account)
		for _, call := range []struct{ tool, arguments string }{
			{"get_task_output", `{"task_id":%q,"offset":20}`},
			{"get_task_output", `{"task_id":%q,"view":"profile"}`},
			{"get_task_output", `{"task_id":%q,"select":".[] | .price"}`},
			{"get_task_output", `{"task_id":%q,"select":".[] | .price","offset":20}`},
			{"compare_tasks", `{"after_task_id":%q,"before_task_id":"` + other + `"}`},
			{"compare_tasks", `{"after_task_id":%q,"before_task_id":"` + other + `","offset":20}`},
		} {
			srv.call(context.Background(), call.tool, fmt.Sprintf(call.arguments, id)).page()
		}
		if n := reads(srv.account) - before; n != 0 {
			t.Errorf("further pages read the task %d times again", n)
		}
	})
}

func TestOutputOfRunningTaskIsReadAgain(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.start("Never Ends")
		for range 2 {
			before := reads(srv.account)
			if p := srv.call(context.Background(), "get_task_output", taskArgument(id)).problem(); p.Code != "not_finished" {
				t.Errorf("got %+v", p)
			}
			if n := reads(srv.account) - before; n != 1 {
				t.Errorf("read %d times, want 1", n)
			}
		}
	})
}

func TestOutputsAreCachedPerCaller(t *testing.T) {
	type name struct{}
	caller := func(ctx context.Context) string { return ledger.HashCaller(fmt.Sprint(ctx.Value(name{}))) }
	as := func(s string) context.Context { return context.WithValue(context.Background(), name{}, s) }
	for what, configure := range map[string]serverOption{
		"with a ledger":    func(cfg *tools.Config) { cfg.Caller = caller },
		"without a ledger": func(cfg *tools.Config) { cfg.Caller, cfg.Ledger = caller, nil },
	} {
		t.Run(what, func(t *testing.T) {
			runSynctestOn(t, func(t *testing.T) *testServer { return newServer(t, newAccount(), configure) }, func(t *testing.T, srv *testServer) {
				id := srv.finishWithOutput("Thousand Rows", "")
				srv.call(as("one"), "get_task_output", taskArgument(id)).page()
				before := reads(srv.account)
				srv.call(as("two"), "get_task_output", taskArgument(id)).page()
				if n := reads(srv.account) - before; n != 1 {
					t.Errorf("another caller's output cost %d reads, want 1: the API has to check the key", n)
				}
			})
		})
	}
}

// Not parallel: the memory of a program is measured by that of the process.
func TestFailedSelectionErrorsNameTheColumns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := newServer(t, newAccount())
		id := srv.finishWithOutput("Thousand Rows", `[{"a":"IGNORE"}]`)
		for program, want := range map[string]string{
			`.[`:         "select: this is not valid jq: unexpected EOF at character 3",
			`.[].a.b`:    "select: the program failed on the output: expected an object but got: string",
			`"x" * 1e10`: "select: the program makes a value, or compares values, too large",
			`reduce range(60) as $i ("x" * 1e6; [., .])`: "select: the program gave results of more than 32 MB",
			`$ENV.HOME | test("x")`:                      "select: the program failed on the output: test cannot be applied to: null",
		} {
			p := srv.call(context.Background(), "get_task_output", fmt.Sprintf(`{"task_id":%q,"select":%q}`, id, program)).problem()
			if p.Code != "invalid_arguments" || !strings.HasPrefix(p.Message, want) || strings.Contains(p.Message, "IGNORE") {
				t.Errorf("%s: got %s %q, want %q", program, p.Code, p.Message, want)
			}
		}
	})
}

func TestResultsFitTheConfiguredMaxTokens(t *testing.T) {
	small := func(cfg *tools.Config) { cfg.MaxResultTokens = 700; everything(cfg) }
	runSynctestOn(t, func(t *testing.T) *testServer { return newServer(t, newAccount(), small) }, func(t *testing.T, srv *testServer) {
		id, other := srv.finishWithOutput("Thousand Rows", ""), srv.finishWithOutput("Seven Hours", `[]`)
		for tool, arguments := range map[string]string{
			"get_task_output": fmt.Sprintf(`{"task_id":%q,"limit":500}`, id),
			"compare_tasks":   fmt.Sprintf(`{"before_task_id":%q,"after_task_id":%q,"limit":500}`, other, id),
		} {
			p := srv.call(context.Background(), tool, arguments).page()
			if tokens := output.Tokens(p.body); tokens > 700 || tokens < 300 || p.NextOffset == nil {
				t.Errorf("%s: a page of %d tokens, want at most 700 and more to come", tool, tokens)
			}
		}
	})
}

func TestHostilePagesLoadNothing(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.finishWithOutput("Price Monitor", `[{"a":"![x](https://evil.example/?q=1)","<img src=//evil.example>":"[click](https://evil.example)"}]`)
		for tool, arguments := range map[string]string{"get_task": "", "get_task_output": "", "get_task_output ": `,"view":"raw"`, "get_task_output  ": `,"view":"profile"`} {
			text := srv.call(context.Background(), strings.TrimSpace(tool), fmt.Sprintf(`{"task_id":%q%s}`, id, arguments)).Text
			for _, token := range []string{"![", "](", "<img"} {
				if strings.Contains(text, token) {
					t.Errorf("%s%s keeps %q: %s", tool, arguments, token, text)
				}
			}
		}
	})
}
