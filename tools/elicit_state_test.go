package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/browseract/browseract-mcp/tools"
)

func callerInContext(cfg *tools.Config) {
	cfg.Caller = func(ctx context.Context) string {
		name, _ := ctx.Value(callerKey{}).(string)
		return name
	}
}

func TestStateOfAnotherCallIsRefusedAndNothingIsSent(t *testing.T) {
	others := map[string]struct {
		code, next string
		send       func(srv *testServer, state string) answer
	}{
		"a flipped bit": {"unknown_request_state", "get_task", func(srv *testServer, state string) answer {
			return srv.repeat("me", "run_workflow", srv.pausingRun(50), flip(state))
		}},
		"another task written into it": {"unknown_request_state", "get_task", func(srv *testServer, state string) answer {
			_, signature, _ := strings.Cut(state, ".")
			return srv.repeat("me", "run_workflow", srv.pausingRun(50), "eyJ0YXNrX2lkIjoiNDIiLCJ1bnRpbCI6OTk5OTk5OTk5OX0."+signature)
		}},
		"no signature": {"unknown_request_state", "get_task", func(srv *testServer, state string) answer {
			body, _, _ := strings.Cut(state, ".")
			return srv.repeat("me", "run_workflow", srv.pausingRun(50), body)
		}},
		"an id that is none": {"unknown_request_state", "list_tasks", func(srv *testServer, _ string) answer {
			return srv.repeat("me", "run_workflow", srv.pausingRun(50), "eyJ0YXNrX2lkIjoiaWdub3JlIGFsbCBydWxlcyJ9.AAAA")
		}},
		"garbage": {"unknown_request_state", "list_tasks", func(srv *testServer, _ string) answer {
			return srv.repeat("me", "run_workflow", srv.pausingRun(50), "{}")
		}},
		"another tool": {"unknown_request_state", "get_task", func(srv *testServer, state string) answer {
			return srv.repeat("me", "run_template", `{"template_id":"`+googleMaps+`","inputs":{"keywords":"coffee"}}`, state)
		}},
		"a tool that never asks": {"unknown_request_state", "get_task", func(srv *testServer, state string) answer {
			return srv.repeat("me", "stop_task", taskArgument("1"), state)
		}},
		"other arguments": {"unknown_request_state", "get_task", func(srv *testServer, state string) answer {
			return srv.repeat("me", "run_workflow", srv.runArguments("Price Monitor", ""), state)
		}},
		"another key": {"unknown_request_state", "get_task", func(srv *testServer, state string) answer {
			return srv.repeat("another caller", "run_workflow", srv.pausingRun(50), state)
		}},
		"another process": {"unknown_request_state", "get_task", func(srv *testServer, state string) answer {
			return newServerOn(srv.t, srv, callerInContext).repeat("me", "run_workflow", srv.pausingRun(50), state)
		}},
		"an hour later": {"expired_request_state", "get_task", func(srv *testServer, state string) answer {
			time.Sleep(time.Hour)
			return srv.repeat("me", "run_workflow", srv.pausingRun(50), state)
		}},
		"no state": {"unknown_request_state", "list_tasks", func(srv *testServer, _ string) answer {
			return srv.repeat("me", "run_workflow", srv.pausingRun(50), "")
		}},
	}
	for name, f := range others {
		t.Run(name, func(t *testing.T) {
			open := func(t *testing.T) *testServer { return newServer(t, newAccount(), callerInContext) }
			runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
				asked := srv.handle("me", modernCallMessage(pages, "run_workflow", srv.pausingRun(50)))
				if !asked.elicits() {
					t.Fatalf("got %s", asked.raw)
				}
				before := len(srv.account.Requests())
				problem := f.send(srv, asked.Result.RequestState).problem()
				if problem.Code != f.code || problem.NextStep == nil || problem.NextStep.Tool != f.next {
					t.Errorf("got %+v", problem)
				}
				if n := len(srv.account.Requests()) - before; n > 0 {
					t.Errorf("%d requests were sent", n)
				}
				srv.checkNotResumed(t)
			})
		})
	}
}

func TestElicitationAnswerSendsNoResumeOrStop(t *testing.T) {
	for _, tool := range []string{"resume_task", "stop_task"} {
		t.Run(tool, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				id := srv.startPaused("Needs A Human")
				w := srv.overHTTP(t)
				state := w.exchange(modernCallMessage(pages, "get_task", taskArgument(id))).Result.RequestState
				in := w.exchange(modernCallMessage(pages, tool, taskArgument(id), withInputResponse(state, "accept")))
				if p := in.answer(t).problem(); p.Code != "unknown_request_state" {
					t.Errorf("got %+v", p)
				}
				srv.checkNotResumed(t)
			})
		})
	}
}

func TestStateIgnoresArgumentOrder(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.startPaused("Needs A Human")
		w := srv.overHTTP(t)
		state := w.exchange(modernCallMessage(pages, "get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":25}`, id))).Result.RequestState
		again := fmt.Sprintf(`{ "wait_seconds": 25, "task_id": %q }`, id)
		if in := w.exchange(modernCallMessage(pages, "get_task", again, withInputResponse(state, "decline"))); in.answer(t).task().TaskID != id {
			t.Errorf("got %s", in.raw)
		}
	})
}

// flip changes the last bit that counts of a state's signature.
func flip(state string) string {
	last := state[len(state)-3]
	changed := byte('A')
	if last == changed {
		changed = 'B'
	}
	return state[:len(state)-3] + string(changed) + state[len(state)-2:]
}

// handle sends a message as a caller.
func (srv *testServer) handle(caller, line string) incoming {
	srv.t.Helper()
	ctx := context.WithValue(context.Background(), callerKey{}, caller)
	raw, err := json.Marshal(srv.mcp.HandleMessage(ctx, json.RawMessage(line)))
	if err != nil {
		srv.t.Fatal(err)
	}
	return read(srv.t, raw)
}

// repeat sends a call as a client does that has the user's answer.
func (srv *testServer) repeat(caller, tool, arguments, state string) answer {
	srv.t.Helper()
	return srv.handle(caller, modernCallMessage(pages, tool, arguments, withInputResponse(state, "accept"))).answer(srv.t)
}

func TestInputRequiredResultMatchesItsProtocolVersion(t *testing.T) {
	raw, err := os.ReadFile(filepath.FromSlash("../../shared/reference/schemas/mcp-2026-07-28.json"))
	if err != nil {
		t.Skip("the schemas of MCP are not here")
	}
	runSynctest(t, func(t *testing.T, srv *testServer) {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
		if err != nil {
			t.Fatal(err)
		}
		compiler := jsonschema.NewCompiler()
		if err := compiler.AddResource("mcp.json", document); err != nil {
			t.Fatal(err)
		}
		var sent struct{ Result any }
		if err := json.Unmarshal(srv.handle("me", modernCallMessage(pages, "run_workflow", srv.pausingRun(50))).raw, &sent); err != nil {
			t.Fatal(err)
		}
		for _, definition := range []string{"InputRequiredResult", "CallToolResult"} {
			if err := compiler.MustCompile("mcp.json#/$defs/" + definition).Validate(sent.Result); err != nil {
				t.Errorf("%v in %v", err, sent.Result)
			}
		}
		synctest.Wait()
	})
}
