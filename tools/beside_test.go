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

// beside reads all resources of these tasks, all prompts about them, and completes
// every argument that there is: of a resource it has the text, of a completion the
// values, of a prompt the message.
func (d *desk) beside(ids []string) (said []saying) {
	d.t.Helper()
	for _, id := range ids {
		task := "browseract://tasks/" + id
		said = append(said, d.resource("get_task", task), d.resource("output", task+"/output"))
		names := strings.Split(d.completion(&said, "ref/resource", "browseract://tasks/{task_id}/files/{name}", "name", id), "\n")
		for _, name := range names[:min(len(names), 2)] {
			said = append(said, d.resource("file", task+"/files/"+encoded(name)))
		}
		for _, prompt := range []string{"diagnose_task", "watch_and_report", "compare_runs"} {
			said = append(said, d.prompt(prompt, id))
		}
	}
	said = append(said, d.resource("get_workflow", "browseract://workflows/"+d.account.Workflow("Injected Page").ID),
		d.resource("get_template", "browseract://templates/"+googleMaps), d.resource("get_task", "browseract://tasks/424242"), d.resource("nothing", "browseract://"+ids[0]), d.prompt("scrape", ids[0]))
	for _, form := range []string{"tasks/{task_id}/task_id", "workflows/{workflow_id}/workflow_id", "templates/{template_id}/template_id"} {
		at := strings.LastIndex(form, "/")
		d.completion(&said, "ref/resource", "browseract://"+form[:at], form[at+1:], "")
	}
	return said
}

// encoded is a name as RFC 6570 has it in an address.
func encoded(name string) string {
	return strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// resource reads one, as what call would answer.
func (d *desk) resource(call, uri string) saying {
	d.t.Helper()
	var result struct{ Contents []struct{ Text string } }
	problem := d.request("resources/read", `{"uri":`+marshal(d.t, uri)+`}`, &result)
	if problem != "" {
		return saying{answer{Text: problem, IsError: true}, call}
	}
	return saying{answer{Text: result.Contents[0].Text}, call}
}

func (d *desk) prompt(name, id string) saying {
	d.t.Helper()
	var result any
	arguments := fmt.Sprintf(`{"wish":"coffee","task_id":%q,"before_task_id":%q,"after_task_id":%q}`, id, id, id)
	problem := d.request("prompts/get", fmt.Sprintf(`{"name":%q,"arguments":%s}`, name, arguments), &result)
	return saying{answer{Text: problem + marshal(d.t, result), IsError: problem != ""}, "prompt"}
}

// completion adds what an argument is completed to, and returns it by lines.
func (d *desk) completion(said *[]saying, kind, ref, argument, id string) string {
	d.t.Helper()
	var result struct{ Completion struct{ Values []string } }
	params := fmt.Sprintf(`{"ref":{"type":%q,"uri":%q},"argument":{"name":%q,"value":""},"context":{"arguments":{"task_id":%q}}}`, kind, ref, argument, id)
	problem := d.request("completion/complete", params, &result)
	values := strings.Join(result.Completion.Values, "\n")
	*said = append(*said, saying{answer{Text: problem + values, IsError: problem != ""}, "completion"})
	return values
}

// holdBeside is holdInPlace for what is got beside tools. It is false for a tool's answer.
func (s saying) holdBeside(t *testing.T) bool {
	t.Helper()
	switch s.call {
	case "output":
		holdFence(t, s.call, s.Text)
	case "file":
		s.holdFile(t)
	case "completion":
		for name := range strings.SplitSeq(s.Text, "\n") {
			holdLine(t, s.call, name, 80)
		}
	case "prompt", "nothing":
		if strings.Contains(s.Text, spoken) {
			t.Errorf("%s: a page speaks: %.300s", s.call, s.Text)
		}
	default:
		return false
	}
	return true
}

func (s saying) holdFile(t *testing.T) {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal([]byte(s.Text), &file); err != nil {
		t.Fatalf("%v in %.300s", err, s.Text)
	}
	for path, text := range spokenIn(file) {
		if path != "name" {
			t.Errorf("a page speaks in the %s of a file: %.300s", path, text)
		}
		holdLine(t, s.call, text, 80)
	}
}

// TestNoSecretBesideTools fills the API's answers with secrets, and looks for the key
// in whatever is got, for the others in errors, and with hidden addresses for all of
// them everywhere.
func TestNoSecretBesideTools(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]deskOption{"shown": func(*tools.Config) {}, "hidden": hiding} {
		t.Run(name, func(t *testing.T) {
			open := func(t *testing.T) *desk {
				d := newDesk(t, simulator.New())
				return newDeskOn(t, d, everything, opt, func(cfg *tools.Config) {
					cfg.Logger = slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				})
			}
			bubbleOf(t, open, func(t *testing.T, d *desk) {
				d.account.Inject(simulator.Fault{Mutate: fillWithSecrets})
				ids := []string{d.paused("Needs A Human"), d.ended("File Report"), d.ended("Flaky Checkout"), d.finished("Price Monitor", "")}
				said := d.beside(ids)
				for _, refusal := range []simulator.Fault{{Status: 400, Code: 10999, Msg: toldSecret}, {Status: 502, Body: "<html>" + toldSecret}} {
					time.Sleep(10 * time.Minute) // what was read is forgotten
					d.account.Inject(refusal)
					said = append(said, d.beside(ids)...)
				}
				for _, s := range said {
					if strings.Contains(s.Text, simulator.Key) || (s.IsError || name == "hidden") && strings.Contains(s.Text, "canary") {
						t.Errorf("%s tells a secret: %.500s", s.call, s.Text)
					}
				}
				if told := fmt.Sprint(said); name == "shown" && (!strings.Contains(told, liveCanary) || !strings.Contains(told, linkCanary)) {
					t.Error("nothing tells the live view and the links: this test sees nothing")
				}
				if log := d.log.String(); strings.Contains(log, simulator.Key) || strings.Contains(log, "canary") {
					t.Errorf("the log holds a secret: %.2000s", log)
				}
			})
		})
	}
}

// TestNoSecretInTwentyMegabytes is TestNoSecretReachesLogsErrorsAndProgress for the
// workflow that differs by its size, by one look and one page.
func TestNoSecretInTwentyMegabytes(t *testing.T) {
	open := func(t *testing.T) *desk {
		d := newDesk(t, simulator.New())
		return newDeskOn(t, d, everything, func(cfg *tools.Config) {
			cfg.Logger = slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
	}
	bubbleOf(t, open, func(t *testing.T, d *desk) {
		d.hears = func(tool string, a answer) { holdSecrets(t, tool, a) }
		d.account.Inject(simulator.Fault{Mutate: fillAroundOutput})
		id := d.start("Twenty Megabytes")
		if raceDetector {
			d.account.FinishTask(id, "["+strings.Repeat(`{"a":"b"},`, 200_000)+`{"a":"b"}]`)
		}
		time.Sleep(time.Minute)
		ctx := withToken(context.Background())
		if task := d.call(ctx, "get_task", taskArgument(id)); !strings.Contains(task.Text, `"bytes":2`) {
			t.Errorf("got %.500s", task.Text)
		}
		if a := d.call(ctx, "get_task_output", fmt.Sprintf(`{"task_id":%q,"offset":49990}`, id)); a.IsError {
			t.Errorf("%.300s", a.Text)
		}
		if log := d.log.String(); strings.Contains(log, simulator.Key) || strings.Contains(log, "canary") {
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
