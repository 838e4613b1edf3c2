package tools_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// pausingRun returns the arguments of a run that pauses for the user.
func (srv *testServer) pausingRun(wait int) string {
	return srv.runArguments("Needs A Human", fmt.Sprintf(`,"wait_seconds":%d`, wait))
}

// startPaused starts a run and waits until it is paused.
func (srv *testServer) startPaused(workflow string) (id string) {
	srv.t.Helper()
	id = srv.start(workflow)
	srv.waitForPause(id)
	return id
}

// checkNotResumed fails the test if the server sent more than one start, a resume or a
// stop.
func (srv *testServer) checkNotResumed(t *testing.T) {
	t.Helper()
	for _, r := range srv.account.Requests() {
		if r.Endpoint == "resume-task" || r.Endpoint == "stop-task" {
			t.Errorf("the server sent %s", r.Endpoint)
		}
	}
	if n := posts(srv.account); n != 1 {
		t.Errorf("%d runs were asked for, want 1", n)
	}
}

func (p *pipe) reply(asked incoming, body string) {
	p.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,%s}`, asked.ID, body))
}

func TestOlderClientIsElicitedDuringTheCall(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		p := srv.overStdio(t)
		p.exchange(initialize("test", pages))
		asked := p.exchange(callMessage("run_workflow", srv.pausingRun(50)))
		id := srv.account.Tasks()[0].ID
		if asked.Method != "elicitation/create" || asked.Params.Mode != "url" || asked.Params.ElicitationID == "" ||
			!strings.Contains(asked.Params.URL, id) || !strings.Contains(asked.Params.Message, id) {
			t.Fatalf("got %s", asked.raw)
		}
		time.Sleep(5 * time.Second)
		p.reply(asked, `"result":{"action":"accept"}`)
		time.Sleep(5 * time.Second)
		srv.account.ResumeTask(id) // the person is done
		task := p.next().answer(t).task()
		if task.TaskID != id || task.NeedsHuman || task.Status == "paused" {
			t.Errorf("got %+v", task)
		}
		srv.checkNotResumed(t)
	})
}

func TestDeclinedElicitationReturnsThePausedTask(t *testing.T) {
	for name, reply := range map[string]string{
		"declined":       `"result":{"action":"decline"}`,
		"closed":         `"result":{"action":"cancel"}`,
		"client's error": `"error":{"code":-32601,"message":"no"}`,
		"odd answer":     `"result":{"action":"?"}`,
	} {
		t.Run(name, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				id := srv.startPaused("Needs A Human")
				p := srv.overStdio(t)
				p.exchange(initialize("test", pages))
				asked := p.exchange(callMessage("get_task", taskArgument(id)))
				began := time.Now()
				p.reply(asked, reply)
				a := p.next().answer(t)
				a.checkMessages()
				task := a.task()
				if !task.NeedsHuman || task.LiveURL != asked.Params.URL || task.NextStep == nil || task.NextStep.Tool != "get_task" {
					t.Errorf("got %+v", task)
				}
				if took := time.Since(began); took > time.Second {
					t.Errorf("took %v", took)
				}
				if again := p.exchange(callMessage("get_task", taskArgument(id))); !again.answer(t).task().NeedsHuman {
					t.Errorf("asked again: %s", again.raw)
				}
				srv.checkNotResumed(t)
			})
		})
	}
}

func TestUnansweredElicitationTimesOutAndIsNotRepeated(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.startPaused("Needs A Human")
		p := srv.overStdio(t)
		p.exchange(initialize("test", pages))
		began := time.Now()
		asked := p.exchange(callMessage("get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":50}`, id)))
		if back := p.next(); back.Method != "notifications/cancelled" || !strings.Contains(string(back.raw), string(asked.ID)) {
			t.Errorf("got %s", back.raw)
		}
		task := p.next().answer(t).task()
		if took := time.Since(began); took > 31*time.Second || !task.NeedsHuman || task.LiveURL == "" {
			t.Errorf("got %+v after %v", task, took)
		}
		began = time.Now()
		p.exchange(callMessage("get_task", taskArgument(id))).answer(t)
		if took := time.Since(began); took > time.Second {
			t.Errorf("the second call took %v", took)
		}
	})
}

// The user has opened the page, and then nothing happens.
func TestAcceptedElicitationContinuesTheWait(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.startPaused("Needs A Human")
		p := srv.overStdio(t)
		p.exchange(initialize("test", pages))
		began := time.Now()
		asked := p.exchange(callMessage("get_task", taskArgument(id)))
		p.reply(asked, `"result":{"action":"accept"}`)
		task := p.next().answer(t).task()
		if took := time.Since(began).Round(time.Second); took != 25*time.Second {
			t.Errorf("took %v, want the call's 25 s", took)
		}
		if !task.NeedsHuman {
			t.Errorf("got %+v", task)
		}
		srv.checkNotResumed(t)
	})
}

func TestClosingEndsElicitation(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.startPaused("Needs A Human")
		p := srv.overStdio(t)
		p.exchange(initialize("test", pages))
		p.exchange(callMessage("get_task", taskArgument(id)))
		began := time.Now()
		close(srv.closing)
		p.next() // the question is taken back
		if task := p.next().answer(t).task(); !task.NeedsHuman || time.Since(began) > time.Second {
			t.Errorf("got %+v after %v", task, time.Since(began))
		}
	})
}

func TestCallNearItsDeadlineElicitsNothing(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.startPaused("Needs A Human")
		p := srv.overStdio(t)
		p.exchange(initialize("test", pages))
		for _, wait := range []int{0, 5} {
			if in := p.exchange(callMessage("get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":%d}`, id, wait))); !in.answer(t).task().NeedsHuman {
				t.Errorf("got %s", in.raw)
			}
		}
		if in := p.exchange(callMessage("get_task", taskArgument(id))); in.Method != "elicitation/create" {
			t.Errorf("got %s", in.raw)
		}
		p.next()
		p.next()
	})
}

func TestElicitationNeedsCapabilityAndLiveView(t *testing.T) {
	older := func(capabilities string) func(*testing.T, *testServer, string) incoming {
		return func(t *testing.T, srv *testServer, arguments string) incoming {
			p := srv.overStdio(t)
			if capabilities != "" {
				p.exchange(initialize("test", capabilities))
			}
			return p.exchange(callMessage("get_task", arguments))
		}
	}
	newer := func(capabilities string) func(*testing.T, *testServer, string) incoming {
		return func(t *testing.T, srv *testServer, arguments string) incoming {
			return srv.overHTTP(t).exchange(modernCallMessage(capabilities, "get_task", arguments))
		}
	}
	for name, f := range map[string]struct {
		workflow string
		call     func(*testing.T, *testServer, string) incoming
	}{
		"older, never initialized":   {"Needs A Human", older("")},
		"older, declares nothing":    {"Needs A Human", older(`{}`)},
		"older, no mode means forms": {"Needs A Human", older(`{"elicitation":{}}`)},
		"older, forms only":          {"Needs A Human", older(forms)},
		"older, no live view":        {"Needs A Human Without Live View", older(pages)},
		"newer, declares nothing":    {"Needs A Human", newer(`{}`)},
		"newer, no mode means forms": {"Needs A Human", newer(`{"elicitation":{}}`)},
		"newer, forms only":          {"Needs A Human", newer(forms)},
		"newer, no live view":        {"Needs A Human Without Live View", newer(pages)},
		"newer, declared it before": {"Needs A Human", func(t *testing.T, srv *testServer, arguments string) incoming {
			p := srv.overStdio(t)
			p.exchange(initialize("test", pages))
			return p.exchange(modernCallMessage(`{}`, "get_task", arguments))
		}},
		"older over HTTP": {"Needs A Human", func(t *testing.T, srv *testServer, arguments string) incoming {
			p := srv.overHTTP(t)
			p.exchange(initialize("test", pages))
			return p.exchange(callMessage("get_task", arguments))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				id := srv.startPaused(f.workflow)
				began := time.Now()
				in := f.call(t, srv, taskArgument(id))
				if in.elicits() || !in.answer(t).task().NeedsHuman {
					t.Errorf("got %s", in.raw)
				}
				if took := time.Since(began); took > time.Second {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

// newerWires are the transports that carry a result which asks.
var newerWires = map[string]func(*testServer, *testing.T) wire{
	"stdio": func(srv *testServer, t *testing.T) wire { return srv.overStdio(t) },
	"HTTP":  func(srv *testServer, t *testing.T) wire { return srv.overHTTP(t) },
}

func TestNewerClientIsElicitedByTheResult(t *testing.T) {
	for name, open := range newerWires {
		t.Run(name, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				w := open(srv, t)
				asked := w.exchange(modernCallMessage(pages, "run_workflow", srv.pausingRun(50)))
				id := srv.account.Tasks()[0].ID
				question := asked.Result.InputRequests["live_view"]
				if !asked.elicits() || asked.Result.RequestState == "" || question.Method != "elicitation/create" ||
					question.Params.Mode != "url" || !strings.Contains(question.Params.URL, id) || !strings.Contains(question.Params.Message, id) {
					t.Fatalf("got %s", asked.raw)
				}
				if plain := asked.answer(t).task(); plain.TaskID != id || !plain.NeedsHuman {
					t.Errorf("the plain answer beside the question is %+v", plain)
				}
				time.AfterFunc(10*time.Second, func() { srv.account.ResumeTask(id) }) // the person is done
				task := w.exchange(modernCallMessage(pages, "run_workflow", srv.pausingRun(50), withInputResponse(asked.Result.RequestState, "accept"))).answer(t).task()
				if task.TaskID != id || task.NeedsHuman {
					t.Errorf("got %+v", task)
				}
				srv.checkNotResumed(t)
			})
		})
	}
}

func TestElicitationActionDecidesWhetherTheWaitContinues(t *testing.T) {
	for action, want := range map[string]time.Duration{"accept": 25 * time.Second, "decline": 0, "cancel": 0, "odd": 0} {
		for _, tool := range []string{"get_task", "run_workflow"} {
			t.Run(tool+"/"+action, func(t *testing.T) {
				runSynctest(t, func(t *testing.T, srv *testServer) {
					id := srv.startPaused("Needs A Human")
					arguments := map[string]string{"get_task": taskArgument(id), "run_workflow": srv.pausingRun(25)}[tool]
					w := srv.overHTTP(t)
					state := w.exchange(modernCallMessage(pages, tool, arguments)).Result.RequestState
					began := time.Now()
					a := w.exchange(modernCallMessage(pages, tool, arguments, withInputResponse(state, action))).answer(t)
					a.checkMessages()
					task := a.task()
					if took := time.Since(began).Round(time.Second); took != want {
						t.Errorf("took %v, want %v", took, want)
					}
					if task.TaskID != id || !task.NeedsHuman {
						t.Errorf("got %+v", task)
					}
					srv.checkNotResumed(t)
				})
			})
		}
	}
}

func TestResumeRepeatedWithInputResponseResumesOnce(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.startPaused("Asks Twice")
		w := srv.overHTTP(t)
		arguments := fmt.Sprintf(`{"task_id":%q,"wait_seconds":50}`, id)
		asked := w.exchange(modernCallMessage(pages, "resume_task", arguments))
		if !asked.elicits() {
			t.Fatalf("got %s", asked.raw)
		}
		w.exchange(modernCallMessage(pages, "resume_task", arguments, withInputResponse(asked.Result.RequestState, "accept")))
		if n := srv.account.Tasks()[0].Resumes; n != 1 {
			t.Errorf("resumed %d times", n)
		}
	})
}

// A person opens the page that a client shows, and does there what is to be done.
type testUser struct{ d *testServer }

func (p testUser) Elicit(_ context.Context, asked mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	for _, task := range p.d.account.Tasks() {
		if strings.Contains(asked.Params.URL, task.ID) {
			time.AfterFunc(3*time.Second, func() { p.d.account.ResumeTask(task.ID) })
		}
	}
	return &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionAccept}}, nil
}

func TestClientLibraryElicitsInBothProtocolVersions(t *testing.T) {
	for _, version := range []string{mcp.ProtocolVersion20251125, mcp.ProtocolVersion20260728} {
		t.Run(version, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				p := srv.overStdio(t)
				c := client.NewClient(transport.NewIO(p.out, p.in, io.NopCloser(strings.NewReader(""))),
					client.WithElicitationHandler(testUser{srv}),
					client.WithClientCapabilities(mcp.ClientCapabilities{Elicitation: &mcp.ElicitationCapability{URL: &struct{}{}}}))
				defer c.Close()
				if err := c.Start(t.Context()); err != nil {
					t.Fatal(err)
				}
				got, err := c.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: version}})
				if err != nil || got.ProtocolVersion != version {
					t.Fatalf("got %v, %v", got, err)
				}
				result, err := c.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{
					Name: "run_workflow", Arguments: map[string]any{"workflow_id": srv.account.Workflow("Needs A Human").ID, "wait_seconds": 50},
				}})
				if err != nil || result.IsError || !strings.Contains(mcp.GetTextFromContent(result.Content[0]), `"needs_human":false`) {
					t.Errorf("got %v, %+v", err, result)
				}
				srv.checkNotResumed(t)
			})
		})
	}
}

func TestUserIsElicitedOncePerTask(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.startPaused("Needs A Human")
		w := srv.overHTTP(t)
		if first := w.exchange(modernCallMessage(pages, "get_task", taskArgument(id))); !first.elicits() {
			t.Fatalf("got %s", first.raw)
		}
		// Among these a client that drops the state and asks for its run again.
		for tool, arguments := range map[string]string{"get_task": taskArgument(id), "run_workflow": srv.pausingRun(25)} {
			if again := w.exchange(modernCallMessage(pages, tool, arguments)); again.elicits() || again.answer(t).task().TaskID != id {
				t.Errorf("got %s", again.raw)
			}
		}
		srv.checkNotResumed(t)
	})
}

type callerKey struct{}
