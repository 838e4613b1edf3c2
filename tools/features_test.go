package tools_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
)

// readFeatures reads all resources of these tasks, all prompts about them, and completes
// every argument that there is: of a resource it has the text, of a completion the
// values, of a prompt the message.
func (srv *testServer) readFeatures(ids []string) (messages []message) {
	srv.t.Helper()
	for _, id := range ids {
		task := "browseract://tasks/" + id
		messages = append(messages, srv.resource("get_task", task), srv.resource("output", task+"/output"))
		names := strings.Split(srv.completion(&messages, "ref/resource", "browseract://tasks/{task_id}/files/{name}", "name", id), "\n")
		for _, name := range names[:min(len(names), 2)] {
			messages = append(messages, srv.resource("file", task+"/files/"+encoded(name)))
		}
		for _, prompt := range []string{"diagnose_task", "watch_and_report", "compare_runs"} {
			messages = append(messages, srv.prompt(prompt, id))
		}
	}
	messages = append(messages, srv.resource("get_workflow", "browseract://workflows/"+srv.account.Workflow("Injected Page").ID),
		srv.resource("get_template", "browseract://templates/"+googleMaps), srv.resource("get_task", "browseract://tasks/424242"), srv.resource("nothing", "browseract://"+ids[0]), srv.prompt("scrape", ids[0]))
	for _, form := range []string{"tasks/{task_id}/task_id", "workflows/{workflow_id}/workflow_id", "templates/{template_id}/template_id"} {
		at := strings.LastIndex(form, "/")
		srv.completion(&messages, "ref/resource", "browseract://"+form[:at], form[at+1:], "")
	}
	return messages
}

// encoded is a name as RFC 6570 has it in an address.
func encoded(name string) string {
	return strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// resource reads one, as what call would answer.
func (srv *testServer) resource(call, uri string) message {
	srv.t.Helper()
	var result struct{ Contents []struct{ Text string } }
	problem := srv.request("resources/read", `{"uri":`+marshal(srv.t, uri)+`}`, &result)
	if problem != "" {
		return message{answer{Text: problem, IsError: true}, call}
	}
	return message{answer{Text: result.Contents[0].Text}, call}
}

func (srv *testServer) prompt(name, id string) message {
	srv.t.Helper()
	var result any
	arguments := fmt.Sprintf(`{"wish":"coffee","task_id":%q,"before_task_id":%q,"after_task_id":%q}`, id, id, id)
	problem := srv.request("prompts/get", fmt.Sprintf(`{"name":%q,"arguments":%s}`, name, arguments), &result)
	return message{answer{Text: problem + marshal(srv.t, result), IsError: problem != ""}, "prompt"}
}

// completion adds what an argument is completed to, and returns it by lines.
func (srv *testServer) completion(messages *[]message, kind, ref, argument, id string) string {
	srv.t.Helper()
	var result struct{ Completion struct{ Values []string } }
	params := fmt.Sprintf(`{"ref":{"type":%q,"uri":%q},"argument":{"name":%q,"value":""},"context":{"arguments":{"task_id":%q}}}`, kind, ref, argument, id)
	problem := srv.request("completion/complete", params, &result)
	values := strings.Join(result.Completion.Values, "\n")
	*messages = append(*messages, message{answer{Text: problem + values, IsError: problem != ""}, "completion"})
	return values
}

// checkFeature is checkPlaces for resources, prompts and completions. It returns false
// for a tool's answer.
func (m message) checkFeature(t *testing.T) bool {
	t.Helper()
	switch m.call {
	case "output":
		checkFence(t, m.call, m.Text)
	case "file":
		m.checkFile(t)
	case "completion":
		for name := range strings.SplitSeq(m.Text, "\n") {
			checkLine(t, m.call, name, 80)
		}
	case "prompt", "nothing":
		if strings.Contains(m.Text, marker) {
			t.Errorf("%s: text of a page: %.300s", m.call, m.Text)
		}
	default:
		return false
	}
	return true
}

func (m message) checkFile(t *testing.T) {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal([]byte(m.Text), &file); err != nil {
		t.Fatalf("%v in %.300s", err, m.Text)
	}
	for path, text := range markedTexts(file) {
		if path != "name" {
			t.Errorf("text of a page in the %s of a file: %.300s", path, text)
		}
		checkLine(t, m.call, text, 80)
	}
}

// TestNoSecretInResourcesPromptsAndCompletions fills the API's answers with secrets, and
// looks for the key in every result, for the others in errors, and with hidden addresses for all of
// them everywhere.
func TestNoSecretInResourcesPromptsAndCompletions(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]serverOption{"shown": func(*tools.Config) {}, "hidden": hideLiveURLs} {
		t.Run(name, func(t *testing.T) {
			open := func(t *testing.T) *testServer {
				srv := newServer(t, newAccount())
				return newServerOn(t, srv, everything, opt, func(cfg *tools.Config) {
					cfg.Logger = slog.New(slog.NewTextHandler(srv.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				})
			}
			runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
				srv.account.Inject(simulator.Fault{Mutate: fillWithSecrets})
				ids := []string{srv.startPaused("Needs A Human"), srv.finishedTask("File Report"), srv.finishedTask("Flaky Checkout"), srv.finishWithOutput("Price Monitor", "")}
				messages := srv.readFeatures(ids)
				for _, refusal := range []simulator.Fault{{Status: 400, Code: 10999, Msg: secretText}, {Status: 502, Body: "<html>" + secretText}} {
					time.Sleep(10 * time.Minute) // what was read is forgotten
					srv.account.Inject(refusal)
					messages = append(messages, srv.readFeatures(ids)...)
				}
				for _, m := range messages {
					if strings.Contains(m.Text, simulator.Key) || (m.IsError || name == "hidden") && strings.Contains(m.Text, "canary") {
						t.Errorf("%s contains a secret: %.500s", m.call, m.Text)
					}
				}
				if told := fmt.Sprint(messages); name == "shown" && (!strings.Contains(told, liveCanary) || !strings.Contains(told, linkCanary)) {
					t.Error("no answer has the live view and the links: this test checks nothing")
				}
				if log := srv.log.String(); strings.Contains(log, simulator.Key) || strings.Contains(log, "canary") {
					t.Errorf("the log holds a secret: %.2000s", log)
				}
			})
		})
	}
}

// TestNoSecretInTwentyMegabytes is TestNoSecretReachesLogsErrorsAndProgress for the
// workflow that differs by its size, by one look and one page.
func TestNoSecretInTwentyMegabytes(t *testing.T) {
	open := func(t *testing.T) *testServer {
		srv := newServer(t, newAccount())
		return newServerOn(t, srv, everything, func(cfg *tools.Config) {
			cfg.Logger = slog.New(slog.NewTextHandler(srv.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
	}
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		srv.onAnswer = func(tool string, a answer) { checkSecrets(t, tool, a) }
		srv.account.Inject(simulator.Fault{Mutate: fillAroundOutput})
		id := srv.start("Twenty Megabytes")
		if raceDetector {
			srv.account.FinishTask(id, "["+strings.Repeat(`{"a":"b"},`, 200_000)+`{"a":"b"}]`)
		}
		time.Sleep(time.Minute)
		ctx := withProgressToken(context.Background())
		if task := srv.call(ctx, "get_task", taskArgument(id)); !strings.Contains(task.Text, `"bytes":2`) {
			t.Errorf("got %.500s", task.Text)
		}
		if a := srv.call(ctx, "get_task_output", fmt.Sprintf(`{"task_id":%q,"offset":49990}`, id)); a.IsError {
			t.Errorf("%.300s", a.Text)
		}
		if log := srv.log.String(); strings.Contains(log, simulator.Key) || strings.Contains(log, "canary") {
			t.Errorf("the log holds a secret: %.2000s", log)
		}
	})
}

// fillAroundOutput is fillWithSecrets for an answer with a large array as its output,
// which would take seconds to be read and written.
func fillAroundOutput(body []byte) []byte {
	const before, after = `"string":"[`, `]"`
	begin, end := bytes.Index(body, []byte(before)), bytes.LastIndex(body, []byte(after))
	if begin < 0 || end < begin {
		return fillWithSecrets(body)
	}
	begin += len(before)
	filled := fillWithSecrets(slices.Concat(body[:begin], body[end:]))
	return bytes.Replace(filled, []byte(before), append([]byte(before), body[begin:end]...), 1)
}
