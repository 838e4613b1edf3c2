package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
	"github.com/browseract/browseract-mcp/tools/download"
)

// The canaries are secrets: of a live view, of a pre-signed link, and the key
// itself, should the API repeat it.
const (
	liveCanary = "canaryOfTheLiveView"
	linkCanary = "canaryOfTheSignature"
	liveSecret = "https://live.example/session/" + liveCanary
	linkSecret = "https://files.example/a?X-Amz-Signature=" + linkCanary
	toldSecret = "see " + liveSecret + " and " + linkSecret + " with " + simulator.Key + "."
)

// secretIn has the members of the API's answers in which a secret stands.
var secretIn = map[string]string{
	"live_url": liveSecret, "screenshots_url": linkSecret, "downloadUrl": linkSecret,
	"step_goal": toldSecret, "evaluation_previous_goal": toldSecret, "errorMessage": toldSecret, "message": toldSecret, "msg": toldSecret, "traceId": toldSecret,
}

// TestNoSecretReachesLogsErrorsAndProgress runs every tool on all that the
// simulator has, while every answer of the API is full of secrets, and then once
// more while the API refuses everything, in every guise.
func TestNoSecretReachesLogsErrorsAndProgress(t *testing.T) {
	t.Parallel()
	chatty := func(d *desk) deskOption {
		return func(cfg *tools.Config) {
			everything(cfg)
			cfg.Downloads = download.NewFolder(d.t.TempDir())
			cfg.Logger = slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		}
	}
	for name, fault := range map[string]simulator.Fault{
		"answers":         {},
		"a status":        {Status: http.StatusBadRequest, Code: 10999, Msg: toldSecret},
		"a failure":       {Status: http.StatusInternalServerError, Msg: toldSecret},
		"a code in a 200": {Code: 10999, Msg: toldSecret},
		"no such task":    {Status: http.StatusBadRequest, Code: 10112, Msg: toldSecret},
		"a bad key":       {Status: http.StatusUnauthorized, Code: 401, Msg: toldSecret},
		"a page":          {Status: http.StatusBadGateway, Body: "<html>" + toldSecret},
		"a redirect":      {Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {linkSecret}}},
		"a broken answer": {Truncate: 40},
	} {
		t.Run(name, func(t *testing.T) {
			open := func(t *testing.T) *desk {
				d := newDesk(t, simulator.New(simulator.WithConcurrency(1000)))
				return newDeskOn(t, d, chatty(d))
			}
			bubbleOf(t, open, func(t *testing.T, d *desk) {
				d.hears = func(tool string, a answer) { holdSecrets(t, tool, a) }
				d.account.Inject(simulator.Fault{Mutate: fillWithSecrets})
				ids := startAll(d)
				if name != "answers" {
					d.account.Inject(fault)
					ids = ids[:5]
				}
				d.callAll(ids)
				time.Sleep(10 * time.Minute)
				d.callAll(ids)
				if log := d.log.String(); strings.Contains(log, simulator.Key) || strings.Contains(log, "canary") {
					t.Errorf("the log holds a secret: %.2000s", log)
				}
			})
		})
	}
}

// fillWithSecrets puts a secret into each member that can hold one.
func fillWithSecrets(body []byte) []byte {
	var document any
	if json.Unmarshal(body, &document) != nil {
		return body
	}
	raw, _ := json.Marshal(rewrite(document, secretIn))
	return raw
}

// holdSecrets fails where an error or progress has a secret in it, and where any
// answer has the key.
func holdSecrets(t *testing.T, tool string, a answer) {
	t.Helper()
	told := fmt.Sprint(a.Progress, a.RPCError)
	if a.IsError {
		told += a.Text
	}
	if strings.Contains(told, "canary") || strings.Contains(told+a.Text, simulator.Key) {
		t.Errorf("%s tells a secret: %.500s", tool, told+a.Text)
	}
}

// startAll starts one task of each workflow and of each template, but for the one
// that differs by its size only.
func startAll(d *desk) (ids []string) {
	for _, w := range d.account.Workflows() {
		if w.Name == "Twenty Megabytes" {
			continue
		}
		a := d.call(context.Background(), "run_workflow", d.runArguments(w.Name, `,"wait_seconds":0`))
		if !a.IsError {
			ids = append(ids, a.task().TaskID)
		}
	}
	for _, template := range d.account.Templates() {
		a := d.call(context.Background(), "run_template", fmt.Sprintf(`{"template_id":%q,"inputs":%s,"wait_seconds":0}`, template.ID, fill(template.Inputs)))
		ids = append(ids, a.task().TaskID)
	}
	return ids
}

// callAll calls every tool, those about tasks with each id.
func (d *desk) callAll(ids []string) {
	ctx := withToken(context.Background())
	for tool, arguments := range d.everyCallOf("Price Monitor", ids[0]) {
		d.call(ctx, tool, arguments)
	}
	for _, id := range ids {
		for _, tool := range []string{"get_task_output", "resume_task", "save_task_output"} {
			d.call(ctx, tool, taskArgument(id))
		}
		d.call(ctx, "save_task_output", fmt.Sprintf(`{"task_id":%q,"file":"screenshots.zip"}`, id))
		d.call(ctx, "get_task", fmt.Sprintf(`{"task_id":%q,"include_steps":true,"include_screenshot":true,"wait_seconds":5}`, id))
	}
}
