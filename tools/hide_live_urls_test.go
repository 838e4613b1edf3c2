package tools_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/download"
)

func hideLiveURLs(cfg *tools.Config) { cfg.HideLiveURLs = true }

// TestHiddenAddressesReachNoAnswerAndNoLog runs every tool on all that the simulator
// has, with a secret in each member of the API's answers that can hold one.
func TestHiddenURLsReachNoAnswerAndNoLog(t *testing.T) {
	open := func(t *testing.T) *testServer {
		srv := newServer(t, newAccount(simulator.WithConcurrency(1000)))
		return newServerOn(t, srv, everything, hideLiveURLs, func(cfg *tools.Config) {
			cfg.Downloads = download.NewFolder(t.TempDir())
			cfg.Logger = slog.New(slog.NewTextHandler(srv.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
	}
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		srv.onAnswer = func(tool string, a answer) {
			if told := a.Text + string(a.Structured) + fmt.Sprint(a.Progress, a.RPCError, a.Meta); strings.Contains(told, "canary") {
				t.Errorf("%s contains an address: %.500s", tool, told)
			}
		}
		srv.account.Inject(simulator.Fault{Mutate: fillWithSecrets})
		ids := startAll(srv)
		for range 2 {
			srv.callAll(ids)
			time.Sleep(10 * time.Minute)
		}
		if log := srv.log.String(); strings.Contains(log, "canary") {
			t.Errorf("the log holds a secret: %.2000s", log)
		}
	})
}

func TestHiddenLiveViewSendsTheUserToTheLogPage(t *testing.T) {
	runSynctestWith(t, hideLiveURLs, func(t *testing.T, srv *testServer) {
		a := srv.call(context.Background(), "get_task", taskArgument(srv.startPaused("Needs A Human")))
		a.checkMessages()
		task := a.task()
		if task.LiveURL != "" || task.LogURL == "" || !strings.Contains(task.Summary, "log_url") || strings.Contains(task.Summary, "live view") {
			t.Errorf("got %+v", task)
		}
	})
}

func TestHiddenLiveViewOfBatchSendsTheUserToTheDashboard(t *testing.T) {
	open := func(t *testing.T) *testServer { return newServer(t, newAccount(), everything, hideLiveURLs) }
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		run := fmt.Sprintf(`{"workflow_id":%q,"rows":[{}],"wait_seconds":50}`, srv.account.Workflow("Needs A Human").ID)
		b := srv.call(context.Background(), "run_batch", run).batch()
		if !b.NeedsHuman || b.Rows[0].LiveURL != "" || !strings.Contains(b.Summary, "dashboard") || strings.Contains(b.Summary, "live_url") {
			t.Errorf("got %+v", b)
		}
	})
}

func TestHiddenFilesAreSavedOrFoundOnTheLogPage(t *testing.T) {
	runSaving(t, hideLiveURLs, func(t *testing.T, srv *testServer, _ string) {
		id := srv.finishedTask("File Report")
		a := srv.call(context.Background(), "get_task", taskArgument(id))
		a.checkMessages()
		task := a.task()
		for _, f := range task.Files {
			if f.URL != "" || f.Name == "" || f.State == "" {
				t.Errorf("got %+v", f)
			}
		}
		if !strings.Contains(strings.Join(task.Warnings, " "), "log_url") || task.LogURL == "" {
			t.Errorf("warned of %q", task.Warnings)
		}
		if saved := srv.call(context.Background(), "save_task_output", fileArgument(id, task.Files[0].Name)).saved(); saved.Bytes != task.Files[0].Bytes {
			t.Errorf("got %+v", saved)
		}
	})
}

// TestElicitationShowsALiveURLHiddenFromTheModel checks that hiding takes nothing
// from the user: the client puts the question before them.
func TestElicitationShowsALiveURLHiddenFromTheModel(t *testing.T) {
	open := func(t *testing.T) *testServer { return newServer(t, newAccount(), hideLiveURLs) }
	t.Run("older", func(t *testing.T) {
		runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
			p := srv.overStdio(t)
			p.exchange(initialize("test", pages))
			asked := p.exchange(callMessage("run_workflow", srv.pausingRun(50)))
			if asked.Method != "elicitation/create" || !strings.Contains(asked.Params.URL, "token=") {
				t.Fatalf("got %s", asked.raw)
			}
			p.reply(asked, `"result":{"action":"decline"}`)
			if in := p.next(); strings.Contains(string(in.raw), "token=") {
				t.Errorf("got %s", in.raw)
			}
		})
	})
	t.Run("newer", func(t *testing.T) {
		runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
			asked := srv.overHTTP(t).exchange(modernCallMessage(pages, "run_workflow", srv.pausingRun(50)))
			if !strings.Contains(asked.Result.InputRequests["live_view"].Params.URL, "token=") {
				t.Fatalf("got %s", asked.raw)
			}
			if a := asked.answer(t); strings.Contains(a.Text+string(a.Structured), "token=") {
				t.Errorf("got %s", a.Text)
			}
		})
	})
}

func TestInstructionsDoNotPromiseWhatIsHidden(t *testing.T) {
	t.Parallel()
	if text := (tools.Config{HideLiveURLs: true}).Instructions(); strings.Contains(text, "live_url") || !strings.Contains(text, "log_url") {
		t.Error(text)
	}
}
