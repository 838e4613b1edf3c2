package tools_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/schemas/testdata/hygiene"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/custom"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// exposing offers a tool for each entry, with the definitions of the account.
func withCustomTools(t *testing.T, entries ...custom.Entry) serverOption {
	t.Helper()
	return func(cfg *tools.Config) {
		made, err := custom.Build(entries, func(target custom.Target) (custom.Definition, bool) {
			def, err := custom.Fetch(context.Background(), cfg.Client, target)
			return def, err == nil
		}, tools.Names())
		if err != nil {
			t.Fatal(err)
		}
		cfg.Custom = made
	}
}

// exposed is a desk with one tool that runs the account's workflow.
func serverWithCustomTool(t *testing.T, workflow simulator.Workflow, entry custom.Entry, opts ...serverOption) *testServer {
	t.Helper()
	account := newAccount()
	entry.Target = custom.Target{Kind: custom.Workflow, ID: account.AddWorkflow(workflow)}
	return newServer(t, account, append([]serverOption{withCustomTools(t, entry)}, opts...)...)
}

func workflowWithInputs(names ...string) simulator.Workflow {
	w := simulator.Workflow{Name: "Odd", Scenario: newAccount().Workflow("Price Monitor").Scenario}
	for _, name := range names {
		required := strings.HasSuffix(name, "!")
		w.Inputs = append(w.Inputs, simulator.Input{Name: strings.TrimSuffix(name, "!"), Required: required})
	}
	return w
}

func toolDefinition(t *testing.T, srv *testServer, name string) (description, schema string) {
	t.Helper()
	tool := srv.mcp.GetTool(name)
	if tool == nil {
		t.Fatalf("there is no tool %s", name)
	}
	return tool.Tool.Description, string(tool.Tool.RawInputSchema)
}

func TestNamesListsAllTools(t *testing.T) {
	t.Parallel()
	var want []string
	for _, tool := range definitions(t, everything) {
		want = append(want, tool.Name)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(tools.Names()))); diff != "" {
		t.Error(diff)
	}
}

func TestCustomToolStartsTheRunOfRunWorkflow(t *testing.T) {
	runSynctestOn(t, func(t *testing.T) *testServer {
		return serverWithCustomTool(t, workflowWithInputs("城市!", "max items", "max-items", "token", "region", "wait_seconds"), custom.Entry{
			Name: "odd_one",
			Inputs: []custom.Input{
				{Name: "max items", Type: custom.Integer, Default: new("3")},
				{Name: "token", Fixed: new("hidden value")},
				{Name: "region", Enum: []string{"DE", "FR"}},
			},
		})
	}, func(t *testing.T, srv *testServer) {
		_, schema := toolDefinition(t, srv, "odd_one")
		for _, broken := range hygiene.Input([]byte(schema)) {
			t.Error(broken)
		}
		if strings.Contains(schema, "hidden") || strings.Contains(schema, "token") {
			t.Errorf("the model sees what is fixed: %s", schema)
		}
		city := regexpKey(t, schema, "城市")
		first := srv.call(context.Background(), "odd_one", `{"`+city+`":"東京","max-items":7,"region":"de","wait_seconds":"4","wait_seconds_2":0}`).task()
		want := simulator.Inputs{{Name: "城市", Value: "東京"}, {Name: "max items", Value: "3"}, {Name: "max-items", Value: "7"}, {Name: "token", Value: "hidden value"}, {Name: "region", Value: "DE"}, {Name: "wait_seconds", Value: "4"}}
		if diff := cmp.Diff(want, srv.account.Tasks()[0].Inputs); diff != "" {
			t.Errorf("inputs (-want +got): %s", diff)
		}
		// The same run by the other tool is the same run.
		again := srv.call(context.Background(), "run_workflow", `{"workflow_id":"`+srv.account.Tasks()[0].WorkflowID+`","wait_seconds":0,"inputs":{"城市":"東京","max items":3,"max-items":7,"token":"hidden value","region":"DE","wait_seconds":4}}`).task()
		if !again.Deduplicated || again.TaskID != first.TaskID || posts(srv.account) != 1 {
			t.Errorf("started again: %+v, %d posts", again, posts(srv.account))
		}
		more := srv.call(context.Background(), "odd_one", `{"`+city+`":"東京","max-items":7,"region":"DE","wait_seconds":4,"wait_seconds_2":0,"allow_duplicate":true}`).task()
		if more.Deduplicated || posts(srv.account) != 2 {
			t.Errorf("allow_duplicate starts nothing: %+v", more)
		}
	})
}

// regexpKey finds the key whose description is the name.
func regexpKey(t *testing.T, schema, name string) string {
	t.Helper()
	before, _, found := strings.Cut(schema, `":{"type":"string","description":"`+name+`"`)
	if !found {
		t.Fatalf("no key for %s in %s", name, schema)
	}
	return before[strings.LastIndex(before, `"`)+1:]
}

func TestCustomTemplateToolStartsTheRunOfRunTemplate(t *testing.T) {
	runSynctestOn(t, func(t *testing.T) *testServer {
		account := newAccount()
		return newServer(t, account, withCustomTools(t, custom.Entry{Target: custom.Target{Kind: custom.Template, ID: googleMaps}, Name: "maps"}))
	}, func(t *testing.T, srv *testServer) {
		first := srv.call(context.Background(), "maps", `{"keywords":"coffee","wait_seconds":0}`).task()
		again := srv.call(context.Background(), "run_template", `{"template_id":"`+googleMaps+`","inputs":{"keywords":"coffee"},"wait_seconds":0}`).task()
		if first.TemplateID != googleMaps || !again.Deduplicated || again.TaskID != first.TaskID || posts(srv.account) != 1 {
			t.Errorf("got %+v, then %+v", first, again)
		}
	})
}

func TestCustomToolErrorsNameItsArguments(t *testing.T) {
	t.Parallel()
	srv := serverWithCustomTool(t, workflowWithInputs("Start Date!", "城市!", "note"), custom.Entry{Name: "odd_one", Inputs: []custom.Input{{Name: "note", Type: custom.Boolean}}})
	for arguments, want := range map[string]string{
		`{}`:                            "Start_Date",
		`{"Start Date":"x"}`:            "Start_Date",
		`{"Start_Date":["x"]}`:          "Start_Date",
		`{"Start_Date":1,"note":"yes"}`: "note",
		`{"Start_Date":1,"note":"yes","workflow_id":"1"}`: "workflow_id",
	} {
		a := srv.call(context.Background(), "odd_one", arguments)
		a.checkMessages(arguments)
		if p := a.problem(); p.Code != "invalid_arguments" || !strings.Contains(p.Message, want) {
			t.Errorf("%s: got %+v, want %q", arguments, p, want)
		}
	}
	if posts(srv.account) != 0 {
		t.Error("something was started")
	}
}

func TestChangedDefinitionIsAWarning(t *testing.T) {
	runSynctestOn(t, func(t *testing.T) *testServer {
		return serverWithCustomTool(t, workflowWithInputs("city!"), custom.Entry{Name: "odd_one", SourceName: "Even", Inputs: []custom.Input{
			{Name: "city"}, {Name: "gone", Default: new("1")}, {Name: "secret_name", Fixed: new("value")},
		}})
	}, func(t *testing.T, srv *testServer) {
		got := srv.call(context.Background(), "odd_one", `{"city":"Rome","wait_seconds":0}`)
		got.checkMessages()
		warnings := strings.Join(got.task().Warnings, "\n")
		for _, want := range []string{`"gone"`, `"Odd"`, `"Even"`} {
			if !strings.Contains(warnings, want) {
				t.Errorf("no warning has %q: %s", want, warnings)
			}
		}
		if strings.Contains(got.Text, "secret_name") || len(srv.account.Tasks()[0].Inputs) != 1 {
			t.Errorf("got %s, sent %v", got.Text, srv.account.Tasks()[0].Inputs)
		}
	})
}

// The tool was made before the workflow got another input.
func TestNewRequiredInputIsRefusedBeforePayment(t *testing.T) {
	t.Parallel()
	account := newAccount()
	id := account.AddWorkflow(workflowWithInputs("city!", "date!"))
	made, err := custom.Build([]custom.Entry{{Target: custom.Target{Kind: custom.Workflow, ID: id}, Name: "odd_one"}},
		func(custom.Target) (custom.Definition, bool) { return custom.Definition{Name: "Odd"}, true }, nil)
	if err != nil {
		t.Fatal(err)
	}
	srv := newServer(t, account, func(cfg *tools.Config) { cfg.Custom = made })
	if got := srv.call(context.Background(), "odd_one", `{}`); !strings.Contains(got.problem().Message, `new required input "city"`) || posts(account) != 0 {
		t.Errorf("got %s", got.Text)
	}
}

func TestCustomToolWithoutDefinitionTakesAnyInputs(t *testing.T) {
	t.Parallel()
	account := newAccount()
	id := account.AddWorkflow(workflowWithInputs("城市!"))
	made, err := custom.Build([]custom.Entry{{Target: custom.Target{Kind: custom.Workflow, ID: id}, Name: "odd_one"}},
		func(custom.Target) (custom.Definition, bool) { return custom.Definition{}, false }, nil)
	if err != nil {
		t.Fatal(err)
	}
	srv := newServer(t, account, func(cfg *tools.Config) { cfg.Custom = made })
	srv.call(context.Background(), "odd_one", `{"inputs":{"城市":"Rome"},"wait_seconds":0}`).task()
	if got := account.Tasks()[0].Inputs; len(got) != 1 || got[0].Value != "Rome" {
		t.Errorf("got %v", got)
	}
	if got := srv.call(context.Background(), "odd_one", `{"inputs":{"stadt":"Rome"}}`).problem(); !strings.Contains(got.Message, `There is no input "stadt"`) {
		t.Errorf("got %s", got.Message)
	}
}

func TestCustomToolAppliesItsCreditLimit(t *testing.T) {
	for _, tool := range []string{"dear", "run_workflow"} {
		t.Run(tool, func(t *testing.T) {
			runSynctestOn(t, func(t *testing.T) *testServer {
				account := newAccount()
				w := account.Workflow("Never Ends")
				return newServer(t, account, withPolicy(runs.Policy{Mode: runs.BudgetEnforce, MaxCreditsPerRun: 1000}),
					withCustomTools(t, custom.Entry{Target: custom.Target{Kind: custom.Workflow, ID: w.ID}, Name: "dear", MaxCredits: 5}))
			}, func(t *testing.T, srv *testServer) {
				srv.account.Inject(simulator.Fault{Endpoint: "get-task", Mutate: func(raw []byte) []byte {
					return []byte(strings.Replace(string(raw), `"credit":null`, `"credit":6`, 1))
				}})
				arguments := srv.runArguments("Never Ends", `,"wait_seconds":50`)
				if tool == "dear" {
					arguments = strings.TrimSuffix(srv.requiredInputs("Never Ends"), "}") + `}`
				}
				task := srv.call(context.Background(), tool, arguments).task()
				if task.Status != "canceled" || !strings.Contains(strings.Join(task.Warnings, " "), " 5 ") {
					t.Errorf("got %s %q", task.Status, task.Warnings)
				}
			})
		})
	}
}

func TestUnenforceableCreditLimitIsRefused(t *testing.T) {
	t.Parallel()
	srv := newServer(t, newAccount())
	capped, err := custom.Build([]custom.Entry{{Target: custom.Target{Kind: custom.Workflow, ID: "1"}, MaxCredits: 5, Where: "line 3"}},
		func(custom.Target) (custom.Definition, bool) { return custom.Definition{}, false }, nil)
	if err != nil {
		t.Fatal(err)
	}
	for want, policy := range map[string]runs.Policy{"budget mode": {}, "ledger of runs": {Mode: runs.BudgetWarn}} {
		_, err := tools.New(tools.Config{Client: srv.client, Logger: discard(), Caller: oneCaller, Policy: policy, Custom: capped})
		if err == nil || !strings.HasPrefix(err.Error(), "line 3: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestReadOnlyServerHasNoCustomTools(t *testing.T) {
	t.Parallel()
	srv := serverWithCustomTool(t, workflowWithInputs("city!"), custom.Entry{Name: "odd_one"}, func(cfg *tools.Config) { cfg.ReadOnly = true })
	if srv.mcp.GetTool("odd_one") != nil {
		t.Error("a tool that starts runs is offered")
	}
}

func TestTypicalDurationIsTheEstimateUntilRunsEnd(t *testing.T) {
	runSynctestOn(t, func(t *testing.T) *testServer {
		account := newAccount()
		w := account.Workflow("Never Ends")
		return newServer(t, account, withCustomTools(t, custom.Entry{Target: custom.Target{Kind: custom.Workflow, ID: w.ID}, Name: "long_one", TypicalDuration: 10 * time.Minute}))
	}, func(t *testing.T, srv *testServer) {
		task := srv.call(context.Background(), "long_one", strings.TrimSuffix(srv.requiredInputs("Never Ends"), "}")+`,"wait_seconds":10}`).task()
		if task.ETASeconds < 580 || task.ETASeconds > 590 {
			t.Errorf("got an estimate of %d s", task.ETASeconds)
		}
	})
}

// The API returns the inputs of each task, and may repeat one in an error.
func TestFixedInputsAreMaskedInOtherTools(t *testing.T) {
	runSynctestOn(t, func(t *testing.T) *testServer {
		return serverWithCustomTool(t, workflowWithInputs("city", "token", "pages"), custom.Entry{Name: "odd_one", Inputs: []custom.Input{
			{Name: "token", Fixed: new("hidden value " + strings.Repeat("x", 300))}, {Name: "pages", Fixed: new("7")},
		}})
	}, func(t *testing.T, srv *testServer) {
		task := srv.call(context.Background(), "odd_one", `{"city":"Rome","wait_seconds":0}`).task()
		for _, mine := range []string{"true", "false"} {
			got := srv.call(context.Background(), "list_tasks", `{"mine":`+mine+`}`).Text
			if strings.Contains(got, "hidden") || strings.Contains(got, "pages=7") || !strings.Contains(got, "city=Rome;token=(fixed);pages=(fixed)") {
				t.Errorf("mine %s: got %s", mine, got)
			}
		}
		if got := srv.call(context.Background(), "get_task", taskArgument(task.TaskID)).Text; strings.Contains(got, "hidden") {
			t.Errorf("got %s", got)
		}
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Status: 400, Code: 10999, Msg: "token hidden value " + strings.Repeat("x", 300) + " is no token"})
		if got := srv.call(context.Background(), "odd_one", `{"city":"Oslo"}`).problem(); strings.Contains(got.Message, "hidden") {
			t.Errorf("got %s", got.Message)
		}
	})
}

func TestReadOnlyServerSendsNoStop(t *testing.T) {
	runSynctestOn(t, func(t *testing.T) *testServer { return newServer(t, newAccount()) }, func(t *testing.T, srv *testServer) {
		id := srv.start("Never Ends")
		w := srv.account.Workflow("Never Ends")
		watching := newServerOn(t, srv, withPolicy(runs.Policy{Mode: runs.BudgetEnforce}), func(cfg *tools.Config) { cfg.ReadOnly = true },
			withCustomTools(t, custom.Entry{Target: custom.Target{Kind: custom.Workflow, ID: w.ID}, Name: "dear", MaxCredits: 5}))
		srv.account.Inject(simulator.Fault{Endpoint: "get-task", Mutate: func(raw []byte) []byte {
			return []byte(strings.Replace(string(raw), `"credit":null`, `"credit":6`, 1))
		}})
		if task := watching.call(context.Background(), "get_task", taskArgument(id)).task(); task.Status == "canceled" {
			t.Errorf("got %s %q", task.Status, task.Warnings)
		}
	})
}
