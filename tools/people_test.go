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

// human is a run that pauses for a person.
func (d *desk) human(wait int) string {
	return d.runArguments("Needs A Human", fmt.Sprintf(`,"wait_seconds":%d`, wait))
}

// paused starts a run and waits until it waits for a person.
func (d *desk) paused(workflow string) (id string) {
	d.t.Helper()
	id = d.start(workflow)
	for !d.call(context.Background(), "get_task", taskArgument(id)).task().NeedsHuman {
	}
	return id
}

// holdNobodyActed holds that one run was started, and that the server did not let
// it go on by itself.
func (d *desk) holdNobodyActed(t *testing.T) {
	t.Helper()
	for _, r := range d.account.Requests() {
		if r.Endpoint == "resume-task" || r.Endpoint == "stop-task" {
			t.Errorf("the server sent %s", r.Endpoint)
		}
	}
	if n := posts(d.account); n != 1 {
		t.Errorf("%d runs were asked for, want 1", n)
	}
}

func (p *pipe) reply(asked incoming, body string) {
	p.send(fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,%s}`, asked.ID, body))
}

func TestUserOfAnOlderClientIsAskedWhileTheCallWaits(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		p := d.overStdio(t)
		p.exchange(initialize("test", pages))
		asked := p.exchange(calling("run_workflow", d.human(50)))
		id := d.account.Tasks()[0].ID
		if asked.Method != "elicitation/create" || asked.Params.Mode != "url" || asked.Params.ElicitationID == "" ||
			!strings.Contains(asked.Params.URL, id) || !strings.Contains(asked.Params.Message, id) {
			t.Fatalf("got %s", asked.raw)
		}
		time.Sleep(5 * time.Second)
		p.reply(asked, `"result":{"action":"accept"}`)
		time.Sleep(5 * time.Second)
		d.account.ResumeTask(id) // the person is done
		task := p.next().answer(t).task()
		if task.TaskID != id || task.NeedsHuman || task.Status == "paused" {
			t.Errorf("got %+v", task)
		}
		d.holdNobodyActed(t)
	})
}

func TestPlainAnswerFollowsWhereTheUserDoesNotAct(t *testing.T) {
	for name, f := range map[string]struct{ reply, says string }{
		"declined":       {`"result":{"action":"decline"}`, "declined"},
		"closed":         {`"result":{"action":"cancel"}`, "closed the question"},
		"client's error": {`"error":{"code":-32601,"message":"no"}`, "ask the user"},
		"odd answer":     {`"result":{"action":"?"}`, "ask the user"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *desk) {
				id := d.paused("Needs A Human")
				p := d.overStdio(t)
				p.exchange(initialize("test", pages))
				asked := p.exchange(calling("get_task", taskArgument(id)))
				began := time.Now()
				p.reply(asked, f.reply)
				task := p.next().answer(t).task()
				if !task.NeedsHuman || task.LiveURL != asked.Params.URL || task.NextStep == nil || task.NextStep.Tool != "get_task" || !strings.Contains(task.Summary, f.says) {
					t.Errorf("got %+v", task)
				}
				if took := time.Since(began); took > time.Second {
					t.Errorf("took %v", took)
				}
				if again := p.exchange(calling("get_task", taskArgument(id))); !again.answer(t).task().NeedsHuman {
					t.Errorf("asked again: %s", again.raw)
				}
				d.holdNobodyActed(t)
			})
		})
	}
}

func TestClientThatShowsNothingIsAskedOnceAndNotForLong(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		id := d.paused("Needs A Human")
		p := d.overStdio(t)
		p.exchange(initialize("test", pages))
		began := time.Now()
		asked := p.exchange(calling("get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":50}`, id)))
		if back := p.next(); back.Method != "notifications/cancelled" || !strings.Contains(string(back.raw), string(asked.ID)) {
			t.Errorf("got %s", back.raw)
		}
		task := p.next().answer(t).task()
		if took := time.Since(began); took > 31*time.Second || !task.NeedsHuman || task.LiveURL == "" {
			t.Errorf("got %+v after %v", task, took)
		}
		began = time.Now()
		p.exchange(calling("get_task", taskArgument(id))).answer(t)
		if took := time.Since(began); took > time.Second {
			t.Errorf("the second call took %v", took)
		}
	})
}

// The user has opened the page, and then nothing happens.
func TestOpenedPageIsNoEndOfTheWaitAndNoResume(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		id := d.paused("Needs A Human")
		p := d.overStdio(t)
		p.exchange(initialize("test", pages))
		began := time.Now()
		asked := p.exchange(calling("get_task", taskArgument(id)))
		p.reply(asked, `"result":{"action":"accept"}`)
		task := p.next().answer(t).task()
		if took := time.Since(began).Round(time.Second); took != 25*time.Second {
			t.Errorf("took %v, want the call's 25 s", took)
		}
		if !task.NeedsHuman || !strings.Contains(task.Summary, "opened the live view") {
			t.Errorf("got %+v", task)
		}
		d.holdNobodyActed(t)
	})
}

func TestQuestionEndsWithTheServer(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		id := d.paused("Needs A Human")
		p := d.overStdio(t)
		p.exchange(initialize("test", pages))
		p.exchange(calling("get_task", taskArgument(id)))
		began := time.Now()
		close(d.closing)
		p.next() // the question is taken back
		if task := p.next().answer(t).task(); !task.NeedsHuman || time.Since(began) > time.Second {
			t.Errorf("got %+v after %v", task, time.Since(began))
		}
	})
}

func TestCallWithLittleTimeLeavesTheQuestionToTheNext(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		id := d.paused("Needs A Human")
		p := d.overStdio(t)
		p.exchange(initialize("test", pages))
		for _, wait := range []int{0, 5} {
			if in := p.exchange(calling("get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":%d}`, id, wait))); !in.answer(t).task().NeedsHuman {
				t.Errorf("got %s", in.raw)
			}
		}
		if in := p.exchange(calling("get_task", taskArgument(id))); in.Method != "elicitation/create" {
			t.Errorf("got %s", in.raw)
		}
		p.next()
		p.next()
	})
}

func TestWhoIsNotAsked(t *testing.T) {
	older := func(capabilities string) func(*testing.T, *desk, string) incoming {
		return func(t *testing.T, d *desk, arguments string) incoming {
			p := d.overStdio(t)
			if capabilities != "" {
				p.exchange(initialize("test", capabilities))
			}
			return p.exchange(calling("get_task", arguments))
		}
	}
	newer := func(capabilities string) func(*testing.T, *desk, string) incoming {
		return func(t *testing.T, d *desk, arguments string) incoming {
			return d.overHTTP(t).exchange(callingModern(capabilities, "get_task", arguments))
		}
	}
	for name, f := range map[string]struct {
		workflow string
		call     func(*testing.T, *desk, string) incoming
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
		"newer, declared it before": {"Needs A Human", func(t *testing.T, d *desk, arguments string) incoming {
			p := d.overStdio(t)
			p.exchange(initialize("test", pages))
			return p.exchange(callingModern(`{}`, "get_task", arguments))
		}},
		"older over HTTP": {"Needs A Human", func(t *testing.T, d *desk, arguments string) incoming {
			p := d.overHTTP(t)
			p.exchange(initialize("test", pages))
			return p.exchange(calling("get_task", arguments))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *desk) {
				id := d.paused(f.workflow)
				began := time.Now()
				in := f.call(t, d, taskArgument(id))
				if in.asks() || !in.answer(t).task().NeedsHuman {
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
var newerWires = map[string]func(*desk, *testing.T) wire{
	"stdio": func(d *desk, t *testing.T) wire { return d.overStdio(t) },
	"HTTP":  func(d *desk, t *testing.T) wire { return d.overHTTP(t) },
}

func TestUserOfANewerClientIsAskedByTheResult(t *testing.T) {
	for name, open := range newerWires {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *desk) {
				w := open(d, t)
				asked := w.exchange(callingModern(pages, "run_workflow", d.human(50)))
				id := d.account.Tasks()[0].ID
				question := asked.Result.InputRequests["live_view"]
				if !asked.asks() || asked.Result.RequestState == "" || question.Method != "elicitation/create" ||
					question.Params.Mode != "url" || !strings.Contains(question.Params.URL, id) || !strings.Contains(question.Params.Message, id) {
					t.Fatalf("got %s", asked.raw)
				}
				if plain := asked.answer(t).task(); plain.TaskID != id || !plain.NeedsHuman {
					t.Errorf("the plain answer beside the question is %+v", plain)
				}
				time.AfterFunc(10*time.Second, func() { d.account.ResumeTask(id) }) // the person is done
				task := w.exchange(callingModern(pages, "run_workflow", d.human(50), cameBack(asked.Result.RequestState, "accept"))).answer(t).task()
				if task.TaskID != id || task.NeedsHuman {
					t.Errorf("got %+v", task)
				}
				d.holdNobodyActed(t)
			})
		})
	}
}

func TestNewerClientsAnswerDecidesWhetherTheCallGoesOnWaiting(t *testing.T) {
	for action, f := range map[string]struct {
		took time.Duration
		says string
	}{
		"accept":  {25 * time.Second, "opened"},
		"decline": {0, "declined"},
		"cancel":  {0, "closed the question"},
		"odd":     {0, "closed the question"},
	} {
		for _, tool := range []string{"get_task", "run_workflow"} {
			t.Run(tool+"/"+action, func(t *testing.T) {
				bubble(t, func(t *testing.T, d *desk) {
					id := d.paused("Needs A Human")
					arguments := map[string]string{"get_task": taskArgument(id), "run_workflow": d.human(25)}[tool]
					w := d.overHTTP(t)
					state := w.exchange(callingModern(pages, tool, arguments)).Result.RequestState
					began := time.Now()
					task := w.exchange(callingModern(pages, tool, arguments, cameBack(state, action))).answer(t).task()
					if took := time.Since(began).Round(time.Second); took != f.took {
						t.Errorf("took %v, want %v", took, f.took)
					}
					if task.TaskID != id || !task.NeedsHuman || !strings.Contains(task.Summary, f.says) {
						t.Errorf("got %+v", task)
					}
					d.holdNobodyActed(t)
				})
			})
		}
	}
}

func TestResumeThatIsRepeatedWithAnAnswerResumesOnce(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		id := d.paused("Asks Twice")
		w := d.overHTTP(t)
		arguments := fmt.Sprintf(`{"task_id":%q,"wait_seconds":50}`, id)
		asked := w.exchange(callingModern(pages, "resume_task", arguments))
		if !asked.asks() {
			t.Fatalf("got %s", asked.raw)
		}
		w.exchange(callingModern(pages, "resume_task", arguments, cameBack(asked.Result.RequestState, "accept")))
		if n := d.account.Tasks()[0].Resumes; n != 1 {
			t.Errorf("resumed %d times", n)
		}
	})
}

// A person opens the page that a client shows, and does there what is to be done.
type person struct{ d *desk }

func (p person) Elicit(_ context.Context, asked mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	for _, task := range p.d.account.Tasks() {
		if strings.Contains(asked.Params.URL, task.ID) {
			time.AfterFunc(3*time.Second, func() { p.d.account.ResumeTask(task.ID) })
		}
	}
	return &mcp.ElicitationResult{ElicitationResponse: mcp.ElicitationResponse{Action: mcp.ElicitationResponseActionAccept}}, nil
}

func TestClientLibraryTakesTheQuestionInBothEras(t *testing.T) {
	for _, version := range []string{mcp.ProtocolVersion20251125, mcp.ProtocolVersion20260728} {
		t.Run(version, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *desk) {
				p := d.overStdio(t)
				c := client.NewClient(transport.NewIO(p.out, p.in, io.NopCloser(strings.NewReader(""))),
					client.WithElicitationHandler(person{d}),
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
					Name: "run_workflow", Arguments: map[string]any{"workflow_id": d.account.Workflow("Needs A Human").ID, "wait_seconds": 50},
				}})
				if err != nil || result.IsError || !strings.Contains(mcp.GetTextFromContent(result.Content[0]), `"needs_human":false`) {
					t.Errorf("got %v, %+v", err, result)
				}
				d.holdNobodyActed(t)
			})
		})
	}
}

func TestUserIsAskedOnceATask(t *testing.T) {
	bubble(t, func(t *testing.T, d *desk) {
		id := d.paused("Needs A Human")
		w := d.overHTTP(t)
		if first := w.exchange(callingModern(pages, "get_task", taskArgument(id))); !first.asks() {
			t.Fatalf("got %s", first.raw)
		}
		// Among these a client that drops the state and asks for its run again.
		for tool, arguments := range map[string]string{"get_task": taskArgument(id), "run_workflow": d.human(25)} {
			if again := w.exchange(callingModern(pages, tool, arguments)); again.asks() || again.answer(t).task().TaskID != id {
				t.Errorf("got %s", again.raw)
			}
		}
		d.holdNobodyActed(t)
	})
}

type callerKey struct{}
