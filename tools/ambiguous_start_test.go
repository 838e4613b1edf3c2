package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

var inputParameters = regexp.MustCompile(`"input_parameters":"((?:[^"\\]|\\.)*)"`)

// withInputParameters makes list-tasks return the inputs of tasks in another form, made of the
// text k=v;k=v.
func withInputParameters(form func(text string) string) simulator.Fault {
	return simulator.Fault{Endpoint: "list-tasks", Mutate: func(raw []byte) []byte {
		return inputParameters.ReplaceAllFunc(raw, func(member []byte) []byte {
			var text string
			_ = json.Unmarshal(member[len(`"input_parameters":`):], &text)
			return []byte(form(text))
		})
	}}
}

func quote(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

func inputName(text string) string {
	name, _, _ := strings.Cut(text, "=")
	return name
}

// asObject is {"k":"v"} of the text k=v.
func asObject(text string) string {
	name, value, _ := strings.Cut(text, "=")
	return `{` + quote(name) + `:` + quote(value) + `}`
}

// oddLists are how a list may hide which task is the start's.
var listVariants = map[string]struct {
	form func(text string) string
	opts []simulator.Option
}{
	"as sent":    {form: func(text string) string { return `"input_parameters":` + quote(text) }},
	"left out":   {form: func(string) string { return `"x":0` }},
	"null":       {form: func(string) string { return `"input_parameters":null` }},
	"empty":      {form: func(string) string { return `"input_parameters":""` }},
	"empty list": {form: func(string) string { return `"input_parameters":[]` }},
	"masked":     {form: func(string) string { return `"input_parameters":"***"` }},
	"masked values": {form: func(text string) string {
		return `"input_parameters":` + quote(inputName(text)+"=******")
	}},
	"in lower case":   {form: func(text string) string { return `"input_parameters":` + quote(strings.ToLower(text)) }},
	"in upper case":   {form: func(text string) string { return `"input_parameters":` + quote(strings.ToUpper(text)) }},
	"cut":             {form: func(text string) string { return `"input_parameters":` + quote(text[:len(text)-4]) }},
	"cut with a mark": {form: func(text string) string { return `"input_parameters":` + quote(text[:len(text)-4]+"…") }},
	"names only":      {form: func(text string) string { return `"input_parameters":` + quote(inputName(text)) }},
	"quoted": {form: func(text string) string {
		return `"input_parameters":` + quote(strings.Replace(text, "=", `="`, 1)+`"`)
	}},
	"an object":     {form: func(text string) string { return `"input_parameters":` + asObject(text) }},
	"a JSON string": {form: func(text string) string { return `"input_parameters":` + quote(asObject(text)) }},
	"a list in a string": {form: func(text string) string {
		name, value, _ := strings.Cut(text, "=")
		return `"input_parameters":` + quote(`[{"name":`+quote(name)+`,"value":`+quote(value)+`}]`)
	}},
	"values without names": {form: func(text string) string { return `"input_parameters":[` + quote(text) + `]` }},

	"shown 90 s late":           {opts: []simulator.Option{simulator.WithListLag(90 * time.Second)}},
	"Date an hour ahead":        {opts: []simulator.Option{simulator.WithHeaderOffset(time.Hour)}},
	"Date 8 hours behind":       {opts: []simulator.Option{simulator.WithHeaderOffset(-8 * time.Hour)}},
	"Date minutes ahead":        {opts: []simulator.Option{simulator.WithHeaderOffset(7 * time.Minute)}},
	"this clock an hour ahead":  {opts: []simulator.Option{simulator.WithDateOffset(-time.Hour)}},
	"this clock minutes behind": {opts: []simulator.Option{simulator.WithDateOffset(9 * time.Minute)}},
	"times 5 hours behind":      {opts: []simulator.Option{simulator.WithDateOffset(-5 * time.Hour), simulator.WithHeaderOffset(5 * time.Hour)}},
	"times 8 hours ahead":       {opts: []simulator.Option{simulator.WithDateOffset(8 * time.Hour), simulator.WithHeaderOffset(-8 * time.Hour)}},
	"late, and the Date off":    {opts: []simulator.Option{simulator.WithListLag(90 * time.Second), simulator.WithHeaderOffset(-3 * time.Hour)}},
	"late, and masked":          {form: func(string) string { return `"input_parameters":"***"` }, opts: []simulator.Option{simulator.WithListLag(90 * time.Second)}},
}

func TestAmbiguousStartIsPaidOnceWithSlowListsAndWrongClocks(t *testing.T) {
	for name, odd := range listVariants {
		for _, running := range []time.Duration{8 * time.Second, 5 * time.Hour} {
			for fault, unclear := range map[string]simulator.Fault{
				"broken off": {After: true, Abort: true},
				"no answer":  {After: true, Delay: time.Hour},
			} {
				for _, kind := range []string{"run_workflow", "run_template"} {
					t.Run(fmt.Sprintf("%s/%v/%s/%s", name, running, fault, kind), func(t *testing.T) {
						skipInRace(t)
						runSynctest(t, func(t *testing.T, srv *testServer) {
							arguments := srv.addWithInput(kind, "q", "Laptops 15 inch", running)
							if odd.form != nil {
								srv.account.Inject(withInputParameters(odd.form))
							}
							for _, endpoint := range []string{"run-task", "run-task-by-template"} {
								once := unclear
								once.Endpoint, once.Times = endpoint, 1
								srv.account.Inject(once)
							}
							srv.call(context.Background(), kind, arguments)
							for _, gap := range []time.Duration{3 * time.Second, 72 * time.Second} {
								time.Sleep(gap)
								a := srv.call(context.Background(), kind, arguments)
								if n := len(srv.account.Tasks()); n != 1 {
									t.Fatalf("%d runs were paid: %s", n, a.Text)
								}
							}
						}, append(odd.opts, simulator.WithConcurrency(100))...)
					})
				}
			}
		}
	}
}

// addWithInput adds a workflow or template with one input, and returns the arguments of a
// run of it.
func (srv *testServer) addWithInput(kind, name, value string, running time.Duration) (arguments string) {
	inputs := []simulator.Input{{Name: name, Required: true}}
	scenario := simulator.Scenario{Running: running}
	if kind == "run_template" {
		id := srv.account.AddTemplate(simulator.Template{Name: "One Input", Inputs: inputs, Scenario: scenario})
		return fmt.Sprintf(`{"template_id":%q,"inputs":{%q:%q}}`, id, name, value)
	}
	id := srv.account.AddWorkflow(simulator.Workflow{Name: "One Input", Inputs: inputs, Scenario: scenario})
	return fmt.Sprintf(`{"workflow_id":%q,"inputs":{%q:%q}}`, id, name, value)
}

func TestMissingStartIsSentAgainAfterTwoMinutes(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Abort: true, Times: 1})
		p := srv.run("Never Ends", "").problem()
		var a answer
		for range maxRounds {
			if p.Code != "start_unknown" || !p.Retryable || p.RetryAfter < 1 {
				t.Fatalf("got %+v", p)
			}
			time.Sleep(time.Duration(p.RetryAfter) * time.Second)
			if a = srv.run("Never Ends", ""); !a.IsError {
				break
			}
			p = a.problem()
		}
		srv.checkOneTask(t, a)
		if passed := time.Since(epoch); posts(srv.account) != 2 || passed < 2*time.Minute || passed > 3*time.Minute {
			t.Errorf("%d starts were sent, the last after %v", posts(srv.account), passed)
		}
	})
}

// epoch is when a bubble begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func TestAllowDuplicateStartsAtOnceAfterAmbiguousStart(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", Abort: true, Times: 1})
		srv.run("Never Ends", "")
		if task := srv.run("Never Ends", `,"wait_seconds":0,"allow_duplicate":true`).task(); task.TaskID != srv.account.Tasks()[0].ID {
			t.Errorf("got %+v", task)
		}
	})
}

// What a candidate was stays known when it has ended: it may have been the run.
func TestErrorNamesCandidateAndItsCertainty(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		srv.account.Inject(withInputParameters(func(string) string { return `"input_parameters":null` }))
		srv.account.Inject(simulator.Fault{Endpoint: "run-task", After: true, Abort: true, Times: 1})
		arguments := srv.addWithInput("run_workflow", "q", "x", 8*time.Second)
		for n := range 3 {
			a := srv.call(context.Background(), "run_workflow", arguments)
			a.checkMessages(fmt.Sprint("call ", n+1))
			p := a.problem()
			id := srv.account.Tasks()[0].ID
			for _, part := range []string{id, "allow_duplicate"} {
				if !strings.Contains(p.Message, part) {
					t.Errorf("the message lacks %q: %s", part, p.Message)
				}
			}
			if p.Code != "start_unknown" || p.Retryable || p.NextStep == nil || p.NextStep.Arguments["task_id"] != id {
				t.Errorf("got %+v", p)
			}
			time.Sleep(time.Minute)
		}
		time.Sleep(20 * time.Minute) // a run that ended so long ago would be started again
		srv.call(context.Background(), "run_workflow", arguments)
		time.Sleep(2 * time.Minute)
		srv.call(context.Background(), "run_workflow", arguments)
		if n := len(srv.account.Tasks()); n != 2 {
			t.Errorf("%d runs, want a second", n)
		}
	})
}

func TestTaskWithOtherInputsIsNotACandidate(t *testing.T) {
	for name, form := range map[string]func(string) string{
		"as sent":       func(text string) string { return `"input_parameters":` + quote(text) },
		"an object":     func(text string) string { return `"input_parameters":` + asObject(text) },
		"a JSON string": func(text string) string { return `"input_parameters":` + quote(asObject(text)) },
		"quoted": func(text string) string {
			return `"input_parameters":` + quote(strings.Replace(text, "=", `="`, 1)+`"`)
		},
		"in lower case": func(text string) string { return `"input_parameters":` + quote(strings.ToLower(text)) },
		"with what was left blank": func(text string) string {
			return `"input_parameters":` + quote(text+";language=en")
		},
	} {
		t.Run(name, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				arguments := srv.addWithInput("run_workflow", "q", "x", 5*time.Hour)
				var in struct {
					WorkflowID string `json:"workflow_id"`
				}
				if err := json.Unmarshal([]byte(arguments), &in); err != nil {
					t.Fatal(err)
				}
				other := browseract.WorkflowRun{WorkflowID: in.WorkflowID, Inputs: []browseract.Input{{Name: "q", Value: "Other"}}}
				if _, err := srv.client.RunWorkflow(context.Background(), other); err != nil {
					t.Fatal(err)
				}
				srv.account.Inject(withInputParameters(form))
				srv.account.Inject(simulator.Fault{Endpoint: "run-task", Abort: true, Times: 1})
				srv.call(context.Background(), "run_workflow", arguments)
				time.Sleep(2 * time.Minute)
				if a := srv.call(context.Background(), "run_workflow", arguments); a.IsError || len(srv.account.Tasks()) != 2 {
					t.Errorf("%d tasks: %s", len(srv.account.Tasks()), a.Text)
				}
			})
		})
	}
}
