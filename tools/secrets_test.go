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
	secretText = "see " + liveSecret + " and " + linkSecret + " with " + simulator.Key + "."
)

// secretIn has the members of the API's answers in which a secret stands.
var secretIn = map[string]string{
	"live_url": liveSecret, "screenshots_url": linkSecret, "downloadUrl": linkSecret,
	"step_goal": secretText, "evaluation_previous_goal": secretText, "errorMessage": secretText, "message": secretText, "msg": secretText, "traceId": secretText,
}

// TestNoSecretReachesLogsErrorsAndProgress runs every tool on all that the
// simulator has, while every answer of the API is full of secrets, and then once
// more while the API refuses everything, in every guise.
func TestNoSecretReachesLogsErrorsAndProgress(t *testing.T) {
	t.Parallel()
	chatty := func(srv *testServer) serverOption {
		return func(cfg *tools.Config) {
			everything(cfg)
			cfg.Downloads = download.NewFolder(srv.t.TempDir())
			cfg.Logger = slog.New(slog.NewTextHandler(srv.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		}
	}
	for name, fault := range map[string]simulator.Fault{
		"answers":         {},
		"a status":        {Status: http.StatusBadRequest, Code: 10999, Msg: secretText},
		"a failure":       {Status: http.StatusInternalServerError, Msg: secretText},
		"a code in a 200": {Code: 10999, Msg: secretText},
		"no such task":    {Status: http.StatusBadRequest, Code: 10112, Msg: secretText},
		"a bad key":       {Status: http.StatusUnauthorized, Code: 401, Msg: secretText},
		"a page":          {Status: http.StatusBadGateway, Body: "<html>" + secretText},
		"a redirect":      {Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {linkSecret}}},
		"a broken answer": {Truncate: 40},
	} {
		t.Run(name, func(t *testing.T) {
			open := func(t *testing.T) *testServer {
				srv := newServer(t, newAccount(simulator.WithConcurrency(1000)))
				return newServerOn(t, srv, chatty(srv))
			}
			runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
				srv.onAnswer = func(tool string, a answer) { checkSecrets(t, tool, a) }
				srv.account.Inject(simulator.Fault{Mutate: fillWithSecrets})
				ids := startAll(srv)
				if name != "answers" {
					srv.account.Inject(fault)
					ids = ids[:5]
				}
				srv.callAll(ids)
				time.Sleep(10 * time.Minute)
				srv.callAll(ids)
				if log := srv.log.String(); strings.Contains(log, simulator.Key) || strings.Contains(log, "canary") {
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
func checkSecrets(t *testing.T, tool string, a answer) {
	t.Helper()
	told := fmt.Sprint(a.Progress, a.RPCError)
	if a.IsError {
		told += a.Text
	}
	if strings.Contains(told, "canary") || strings.Contains(told+a.Text, simulator.Key) {
		t.Errorf("%s contains a secret: %.500s", tool, told+a.Text)
	}
}

// startAll starts one task of each workflow and of each template, but for the one
// that differs by its size only.
func startAll(srv *testServer) (ids []string) {
	for _, w := range srv.account.Workflows() {
		if w.Name == "Twenty Megabytes" {
			continue
		}
		a := srv.call(context.Background(), "run_workflow", srv.runArguments(w.Name, `,"wait_seconds":0`))
		if !a.IsError {
			ids = append(ids, a.task().TaskID)
		}
	}
	for _, template := range srv.account.Templates() {
		a := srv.call(context.Background(), "run_template", fmt.Sprintf(`{"template_id":%q,"inputs":%s,"wait_seconds":0}`, template.ID, fill(template.Inputs)))
		ids = append(ids, a.task().TaskID)
	}
	return ids
}

// callAll calls every tool, those about tasks with each id.
func (srv *testServer) callAll(ids []string) {
	ctx := withProgressToken(context.Background())
	for tool, arguments := range srv.allCalls("Price Monitor", ids[0]) {
		srv.call(ctx, tool, arguments)
	}
	for _, id := range ids {
		for _, tool := range []string{"get_task_output", "resume_task", "save_task_output"} {
			srv.call(ctx, tool, taskArgument(id))
		}
		srv.call(ctx, "save_task_output", fmt.Sprintf(`{"task_id":%q,"file":"screenshots.zip"}`, id))
		srv.call(ctx, "get_task", fmt.Sprintf(`{"task_id":%q,"include_steps":true,"include_screenshot":true,"wait_seconds":5}`, id))
	}
}
