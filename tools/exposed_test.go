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
func exposing(t *testing.T, entries ...custom.Entry) deskOption {
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
func exposed(t *testing.T, workflow simulator.Workflow, entry custom.Entry, opts ...deskOption) *desk {
	t.Helper()
	account := simulator.New()
	entry.Target = custom.Target{Kind: custom.Workflow, ID: account.AddWorkflow(workflow)}
	return newDesk(t, account, append([]deskOption{exposing(t, entry)}, opts...)...)
}

func odd(names ...string) simulator.Workflow {
	w := simulator.Workflow{Name: "Odd", Scenario: simulator.New().Workflow("Price Monitor").Scenario}
	for _, name := range names {
		required := strings.HasSuffix(name, "!")
		w.Inputs = append(w.Inputs, simulator.Input{Name: strings.TrimSuffix(name, "!"), Required: required})
	}
	return w
}

func toolNamed(t *testing.T, d *desk, name string) (description, schema string) {
	t.Helper()
	tool := d.mcp.GetTool(name)
	if tool == nil {
		t.Fatalf("there is no tool %s", name)
	}
	return tool.Tool.Description, string(tool.Tool.RawInputSchema)
}

func TestNamesAreThoseOfAllTools(t *testing.T) {
	t.Parallel()
	var want []string
	for _, tool := range definitions(t, everything) {
		want = append(want, tool.Name)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(tools.Names()))); diff != "" {
		t.Error(diff)
	}
}

func TestExposedToolStartsTheRunOfItsWorkflow(t *testing.T) {
	bubbleOf(t, func(t *testing.T) *desk {
		return exposed(t, odd("城市!", "max items", "max-items", "token", "region", "wait_seconds"), custom.Entry{
			Name: "odd_one",
			Inputs: []custom.Input{
				{Name: "max items", Type: custom.Integer, Default: new("3")},
				{Name: "token", Fixed: new("hidden value")},
				{Name: "region", Enum: []string{"DE", "FR"}},
			},
		})
	}, func(t *testing.T, d *desk) {
		_, schema := toolNamed(t, d, "odd_one")
		for _, broken := range hygiene.Input([]byte(schema)) {
			t.Error(broken)
		}
		if strings.Contains(schema, "hidden") || strings.Contains(schema, "token") {
			t.Errorf("the model sees what is fixed: %s", schema)
		}
		city := regexpKey(t, schema, "城市")
		first := d.call(context.Background(), "odd_one", `{"`+city+`":"東京","max-items":7,"region":"de","wait_seconds":"4","wait_seconds_2":0}`).task()
		want := simulator.Inputs{{Name: "城市", Value: "東京"}, {Name: "max items", Value: "3"}, {Name: "max-items", Value: "7"}, {Name: "token", Value: "hidden value"}, {Name: "region", Value: "DE"}, {Name: "wait_seconds", Value: "4"}}
		if diff := cmp.Diff(want, d.account.Tasks()[0].Inputs); diff != "" {
			t.Errorf("inputs (-want +got): %s", diff)
		}
		// The same run by the other tool is the same run.
		again := d.call(context.Background(), "run_workflow", `{"workflow_id":"`+d.account.Tasks()[0].WorkflowID+`","wait_seconds":0,"inputs":{"城市":"東京","max items":3,"max-items":7,"token":"hidden value","region":"DE","wait_seconds":4}}`).task()
		if !again.Deduplicated || again.TaskID != first.TaskID || posts(d.account) != 1 {
			t.Errorf("started again: %+v, %d posts", again, posts(d.account))
		}
		more := d.call(context.Background(), "odd_one", `{"`+city+`":"東京","max-items":7,"region":"DE","wait_seconds":4,"wait_seconds_2":0,"allow_duplicate":true}`).task()
		if more.Deduplicated || posts(d.account) != 2 {
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

func TestExposedTemplateIsTheRunOfRunTemplate(t *testing.T) {
	bubbleOf(t, func(t *testing.T) *desk {
		account := simulator.New()
		return newDesk(t, account, exposing(t, custom.Entry{Target: custom.Target{Kind: custom.Template, ID: googleMaps}, Name: "maps"}))
	}, func(t *testing.T, d *desk) {
		first := d.call(context.Background(), "maps", `{"keywords":"coffee","wait_seconds":0}`).task()
		again := d.call(context.Background(), "run_template", `{"template_id":"`+googleMaps+`","inputs":{"keywords":"coffee"},"wait_seconds":0}`).task()
		if first.TemplateID != googleMaps || !again.Deduplicated || again.TaskID != first.TaskID || posts(d.account) != 1 {
			t.Errorf("got %+v, then %+v", first, again)
		}
	})
}

func TestWrongArgumentsOfAnExposedToolAreToldByItsKeys(t *testing.T) {
	t.Parallel()
	d := exposed(t, odd("Start Date!", "城市!", "note"), custom.Entry{Name: "odd_one", Inputs: []custom.Input{{Name: "note", Type: custom.Boolean}}})
	for arguments, want := range map[string]string{
		`{}`:                            "Start_Date is required and was not sent",
		`{"Start Date":"x"}`:            "did you mean Start_Date?",
		`{"Start_Date":["x"]}`:          "must be a string, a number or a boolean",
		`{"Start_Date":1,"note":"yes"}`: "note must be true or false",
		`{"Start_Date":1,"note":"yes","workflow_id":"1"}`: `"workflow_id" is not an argument of this tool`,
	} {
		if got := d.call(context.Background(), "odd_one", arguments); !got.IsError || !strings.Contains(got.Text, want) {
			t.Errorf("%s: got %s, want %q", arguments, got.Text, want)
		}
	}
	if posts(d.account) != 0 {
		t.Error("something was started")
	}
}

func TestDriftIsAWarningOfTheCall(t *testing.T) {
	bubbleOf(t, func(t *testing.T) *desk {
		return exposed(t, odd("city!"), custom.Entry{Name: "odd_one", SourceName: "Even", Inputs: []custom.Input{
			{Name: "city"}, {Name: "gone", Default: new("1")}, {Name: "secret_name", Fixed: new("value")},
		}})
	}, func(t *testing.T, d *desk) {
		got := d.call(context.Background(), "odd_one", `{"city":"Rome","wait_seconds":0}`)
		told := strings.Join(got.task().Warnings, "\n")
		for _, want := range []string{`there is no input "gone" any more`, "an input that the operator has fixed", `now called "Odd", and was called "Even"`} {
			if !strings.Contains(told, want) {
				t.Errorf("no warning tells %q: %s", want, told)
			}
		}
		if strings.Contains(got.Text, "secret_name") || len(d.account.Tasks()[0].Inputs) != 1 {
			t.Errorf("got %s, sent %v", got.Text, d.account.Tasks()[0].Inputs)
		}
	})
}

// The tool was made before the workflow got another input.
func TestNewRequiredInputIsRefusedBeforeAnythingIsPaid(t *testing.T) {
	t.Parallel()
	account := simulator.New()
	id := account.AddWorkflow(odd("city!", "date!"))
	made, err := custom.Build([]custom.Entry{{Target: custom.Target{Kind: custom.Workflow, ID: id}, Name: "odd_one"}},
		func(custom.Target) (custom.Definition, bool) { return custom.Definition{Name: "Odd"}, true }, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t, account, func(cfg *tools.Config) { cfg.Custom = made })
	if got := d.call(context.Background(), "odd_one", `{}`); !strings.Contains(got.problem().Message, `new required input "city"`) || posts(account) != 0 {
		t.Errorf("got %s", got.Text)
	}
}

func TestToolOfAnUnknownDefinitionTakesAnyInputs(t *testing.T) {
	t.Parallel()
	account := simulator.New()
	id := account.AddWorkflow(odd("城市!"))
	made, err := custom.Build([]custom.Entry{{Target: custom.Target{Kind: custom.Workflow, ID: id}, Name: "odd_one"}},
		func(custom.Target) (custom.Definition, bool) { return custom.Definition{}, false }, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t, account, func(cfg *tools.Config) { cfg.Custom = made })
	d.call(context.Background(), "odd_one", `{"inputs":{"城市":"Rome"},"wait_seconds":0}`).task()
	if got := account.Tasks()[0].Inputs; len(got) != 1 || got[0].Value != "Rome" {
		t.Errorf("got %v", got)
	}
	if got := d.call(context.Background(), "odd_one", `{"inputs":{"stadt":"Rome"}}`).problem(); !strings.Contains(got.Message, `There is no input "stadt"`) {
		t.Errorf("got %s", got.Message)
	}
}

func TestCreditsCapIsThatOfTheWorkflow(t *testing.T) {
	for _, tool := range []string{"dear", "run_workflow"} {
		t.Run(tool, func(t *testing.T) {
			bubbleOf(t, func(t *testing.T) *desk {
				account := simulator.New()
				w := account.Workflow("Never Ends")
				return newDesk(t, account, withPolicy(runs.Policy{Mode: runs.BudgetEnforce, MaxCreditsPerRun: 1000}),
					exposing(t, custom.Entry{Target: custom.Target{Kind: custom.Workflow, ID: w.ID}, Name: "dear", MaxCredits: 5}))
			}, func(t *testing.T, d *desk) {
				d.account.Inject(simulator.Fault{Endpoint: "get-task", Mutate: func(raw []byte) []byte {
					return []byte(strings.Replace(string(raw), `"credit":null`, `"credit":6`, 1))
				}})
				arguments := d.runArguments("Never Ends", `,"wait_seconds":50`)
				if tool == "dear" {
					arguments = strings.TrimSuffix(d.requiredInputs("Never Ends"), "}") + `}`
				}
				task := d.call(context.Background(), tool, arguments).task()
				if task.Status != "canceled" || !strings.Contains(strings.Join(task.Warnings, " "), "more than the 5 that this server allows") {
					t.Errorf("got %s %q", task.Status, task.Warnings)
				}
			})
		})
	}
}

func TestCreditsCapThatNothingHoldsIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, simulator.New())
	capped, err := custom.Build([]custom.Entry{{Target: custom.Target{Kind: custom.Workflow, ID: "1"}, MaxCredits: 5, Where: "line 3"}},
		func(custom.Target) (custom.Definition, bool) { return custom.Definition{}, false }, nil)
	if err != nil {
		t.Fatal(err)
	}
	for want, policy := range map[string]runs.Policy{"budget mode is off": {}, "ledger of runs, which is off": {Mode: runs.BudgetWarn}} {
		_, err := tools.New(tools.Config{Client: d.client, Logger: discard(), Caller: oneCaller, Policy: policy, Custom: capped})
		if err == nil || !strings.HasPrefix(err.Error(), "line 3: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestReadOnlyServerExposesNothing(t *testing.T) {
	t.Parallel()
	d := exposed(t, odd("city!"), custom.Entry{Name: "odd_one"}, func(cfg *tools.Config) { cfg.ReadOnly = true })
	if d.mcp.GetTool("odd_one") != nil {
		t.Error("a tool that starts runs is offered")
	}
}

func TestTypicalDurationIsTheEstimateUntilRunsTellBetter(t *testing.T) {
	bubbleOf(t, func(t *testing.T) *desk {
		account := simulator.New()
		w := account.Workflow("Never Ends")
		return newDesk(t, account, exposing(t, custom.Entry{Target: custom.Target{Kind: custom.Workflow, ID: w.ID}, Name: "long_one", TypicalDuration: 10 * time.Minute}))
	}, func(t *testing.T, d *desk) {
		task := d.call(context.Background(), "long_one", strings.TrimSuffix(d.requiredInputs("Never Ends"), "}")+`,"wait_seconds":10}`).task()
		if task.ETASeconds < 580 || task.ETASeconds > 590 {
			t.Errorf("got an estimate of %d s", task.ETASeconds)
		}
	})
}

// The API tells the inputs of each task, and may repeat one in an error.
func TestFixedValuesAreNotToldByOtherTools(t *testing.T) {
	bubbleOf(t, func(t *testing.T) *desk {
		return exposed(t, odd("city", "token", "pages"), custom.Entry{Name: "odd_one", Inputs: []custom.Input{
			{Name: "token", Fixed: new("hidden value " + strings.Repeat("x", 300))}, {Name: "pages", Fixed: new("7")},
		}})
	}, func(t *testing.T, d *desk) {
		task := d.call(context.Background(), "odd_one", `{"city":"Rome","wait_seconds":0}`).task()
		for _, mine := range []string{"true", "false"} {
			got := d.call(context.Background(), "list_tasks", `{"mine":`+mine+`}`).Text
			if strings.Contains(got, "hidden") || strings.Contains(got, "pages=7") || !strings.Contains(got, "city=Rome;token=(fixed);pages=(fixed)") {
				t.Errorf("mine %s: got %s", mine, got)
			}
		}
		if got := d.call(context.Background(), "get_task", taskArgument(task.TaskID)).Text; strings.Contains(got, "hidden") {
			t.Errorf("got %s", got)
		}
		d.account.Inject(simulator.Fault{Endpoint: "run-task", Status: 400, Code: 10999, Msg: "token hidden value " + strings.Repeat("x", 300) + " is no token"})
		if got := d.call(context.Background(), "odd_one", `{"city":"Oslo"}`).problem(); strings.Contains(got.Message, "hidden") {
			t.Errorf("got %s", got.Message)
		}
	})
}

func TestReadOnlyServerStopsNothing(t *testing.T) {
	bubbleOf(t, func(t *testing.T) *desk { return newDesk(t, simulator.New()) }, func(t *testing.T, d *desk) {
		id := d.start("Never Ends")
		w := d.account.Workflow("Never Ends")
		watching := newDeskOn(t, d, withPolicy(runs.Policy{Mode: runs.BudgetEnforce}), func(cfg *tools.Config) { cfg.ReadOnly = true },
			exposing(t, custom.Entry{Target: custom.Target{Kind: custom.Workflow, ID: w.ID}, Name: "dear", MaxCredits: 5}))
		d.account.Inject(simulator.Fault{Endpoint: "get-task", Mutate: func(raw []byte) []byte {
			return []byte(strings.Replace(string(raw), `"credit":null`, `"credit":6`, 1))
		}})
		if task := watching.call(context.Background(), "get_task", taskArgument(id)).task(); task.Status == "canceled" {
			t.Errorf("got %s %q", task.Status, task.Warnings)
		}
	})
}
