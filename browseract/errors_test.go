package browseract_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// A refusal is classified by its code first, then by its status.
func TestRefusalsAreClassified(t *testing.T) {
	t.Parallel()
	type kind struct{ temporary, rateLimited, unauthorized bool }
	var (
		final     = kind{}
		temporary = kind{temporary: true}
		limited   = kind{temporary: true, rateLimited: true}
		badKey    = kind{unauthorized: true}
	)
	for _, tt := range []struct {
		status, code int
		want         kind
	}{
		{401, 401, badKey},
		{403, 401, badKey},
		{400, 401, badKey},
		{200, 401, badKey},
		{500, 401, badKey},
		{401, 0, badKey},
		{403, 0, badKey},
		{200, 403, badKey},

		{400, 10112, final},
		{200, 10112, final},
		{404, 10112, final},
		{500, 10112, final},
		{400, 10118, final},
		{200, 10118, final},
		{500, 10118, final},
		{400, 10127, final},
		{200, 10121, final},
		{400, 10020, final},

		{400, 0, final},
		{404, 0, final},
		{302, 0, final},
		{400, 99999, final},
		{200, 99999, final},
		{200, -1, final},
		{400, 400, final},

		{429, 0, limited},
		{200, 429, limited},
		{400, 429, limited},
		{429, 99999, limited},
		{429, 400, limited},
		{408, 400, final},
		{500, 0, temporary},
		{503, 99999, temporary},
		{520, 0, temporary},
		{500, 400, temporary},
		{200, 500, temporary},
		{400, 503, temporary},
	} {
		e := &browseract.Error{StatusCode: tt.status, Code: tt.code}
		if got := (kind{e.Temporary(), e.RateLimited(), e.Unauthorized()}); got != tt.want {
			t.Errorf("HTTP %d with code %d: %+v, want %+v", tt.status, tt.code, got, tt.want)
		}
	}
}

func TestRefusalsReadAsOneLine(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 400)
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   string
	}{
		{"an envelope", 400, `{"code":10112,"msg":"Task is not exist.","data":null,"ts":1,"time":"2025-10-08 09:54:10","traceId":"b4bb01"}`, "Task is not exist. (HTTP 400, code 10112, trace b4bb01)"},
		{"a gateway's page", 400, "<html>Bad</html>", "Bad Request (HTTP 400)"},
		{"a status without a name", 499, "", "no message (HTTP 499)"},
		{"an object that is no envelope", 404, `{"status":404,"error":"Not Found","path":"/v2"}`, "Not Found (HTTP 404)"},
		{"lines and control characters", 400, `{"code":1,"msg":" a\r\n\tb\u0000\u001b[31mc\u0085d ","traceId":"x\ny"}`, "a b [31mc d (HTTP 400, code 1, trace x y)"},
		{"a long message", 400, `{"code":1,"msg":"` + long + `"}`, long[:500] + "… (HTTP 400, code 1)"},
		{"a long message cut in a character", 400, `{"code":1,"msg":"x` + long + `"}`, "x" + long[:498] + "… (HTTP 400, code 1)"},
		{"the key repeated", 400, `{"code":1,"msg":"No such key: ` + simulator.Key + `.","traceId":"` + simulator.Key + `"}`, "No such key: [key]. (HTTP 400, code 1, trace [key])"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := answering(t, tt.status, tt.body).Task(t.Context(), "1")
			if want := "browseract: get-task: " + tt.want; err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestCodesAreDistinguished(t *testing.T) {
	t.Parallel()
	_, err := answering(t, 400, `{"code":10112,"msg":"m"}`).Task(t.Context(), "1")
	err = fmt.Errorf("outer: %w", err)
	if !errors.Is(err, &browseract.Error{Code: browseract.CodeNoSuchTask}) {
		t.Error("its own code is not recognised")
	}
	if errors.Is(err, &browseract.Error{Code: browseract.CodeTooManyTasks}) || errors.Is(err, &browseract.Error{Code: browseract.CodeNoSuchTask, StatusCode: 400}) {
		t.Error("another error is taken for it")
	}
}

// Each error of the API, with each HTTP status that it may have.
func TestErrorsOfTheAPIArriveAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400, 401, 403, 500} {
		t.Run(fmt.Sprint("HTTP ", status), func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) { everyRefusal(t, r, status) },
				simulator.WithErrorStatus(status), simulator.WithAuthStatus(status), simulator.WithConcurrency(1))
		})
	}
}

func everyRefusal(t *testing.T, r *rig, status int) {
	t.Helper()
	ctx := t.Context()
	unknown, err := browseract.New(func(context.Context) string { return "app-unknown" },
		browseract.WithBaseURL(r.network.URL), browseract.WithTransport(r.network.Transport))
	if err != nil {
		t.Fatal(err)
	}
	run := func(workflow string) error {
		return second(r.client.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: r.account.Workflow(workflow).ID}))
	}
	ended := r.run(t, "Price Monitor")
	time.Sleep(2 * time.Minute)
	running := r.run(t, "Seven Hours")
	for _, tt := range []struct {
		name string
		err  error
		code int
	}{
		{"a bad key", second(unknown.Regions(ctx)), browseract.CodeUnauthorized},
		{"a bad key at a run", second(unknown.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: "1"})), browseract.CodeUnauthorized},
		{"get-task of a task that does not exist", second(r.client.Task(ctx, "1")), browseract.CodeNoSuchTask},
		{"get-task-status of a task that does not exist", second(r.client.TaskStatus(ctx, "1")), browseract.CodeNoSuchTask},
		{"stop-task of a task that does not exist", second(r.client.StopTask(ctx, "1")), browseract.CodeNoSuchTask},
		{"resume-task of a task that does not exist", r.client.ResumeTask(ctx, "1"), browseract.CodeNoSuchTask},
		{"a run too many", run("Price Monitor"), browseract.CodeTooManyTasks},
		{"a template's run too many", second(r.client.RunTemplate(ctx, browseract.TemplateRun{TemplateID: "77577579210625331"})), browseract.CodeTooManyTasks},
		{"a run of what is not published", run("Not Published"), browseract.CodeNotPublished},
	} {
		var got *browseract.Error
		if !errors.As(tt.err, &got) || got.Code != tt.code || got.StatusCode != status || got.TraceID == "" {
			t.Errorf("%s: %v, want code %d", tt.name, tt.err, tt.code)
		}
	}
	if n := len(r.sent("get-task")) + len(r.sent("run-task-by-template")); n != 2 {
		t.Errorf("%d requests, want none repeated", n-2)
	}
	if done, err := r.client.StopTask(ctx, ended); !done || err != nil {
		t.Errorf("stop of an ended task: %v, %v", done, err)
	}
	if done, err := r.client.StopTask(ctx, running); done || err != nil || r.account.Tasks()[1].Status != "canceled" {
		t.Errorf("stop of a running task: %v, %v", done, err)
	}
	var notPaused *browseract.NotPausedError
	if err := r.client.ResumeTask(ctx, ended); !errors.As(err, &notPaused) || notPaused.Status != browseract.TaskFinished {
		t.Errorf("resume of an ended task: %v", err)
	}
}

// No error contains the key, a URL or a query.
func TestErrorsContainNoSecrets(t *testing.T) {
	t.Parallel()
	const secret, id = "app-secret-key", "task-in-a-query"
	location := "http://elsewhere.example/?key=" + secret
	everything := map[string]http.RoundTripper{
		"refused": roundTripper(func(*http.Request) (*http.Response, error) { return nil, refused() }),
		"name unknown": roundTripper(func(*http.Request) (*http.Response, error) {
			return nil, &net.DNSError{Name: "api.example", IsNotFound: true}
		}),
		"redirect": roundTripper(func(r *http.Request) (*http.Response, error) { return response(r, 302, "", "Location", location), nil }),
		"redirect to no URL": roundTripper(func(r *http.Request) (*http.Response, error) {
			return response(r, 302, "", "Location", location+" %zz"), nil
		}),
		"key repeated": roundTripper(func(r *http.Request) (*http.Response, error) {
			return response(r, 400, `{"code":1,"msg":"`+r.Header.Get("Authorization")+`"}`), nil
		}),
		"HTML":         roundTripper(func(r *http.Request) (*http.Response, error) { return response(r, 200, "<p>"+r.URL.String()), nil }),
		"HTML and 500": roundTripper(func(r *http.Request) (*http.Response, error) { return response(r, 500, "<p>"+r.URL.String()), nil }),
		"silence":      roundTripper(func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() }),
	}
	for name, transport := range everything {
		synctest.Test(t, func(t *testing.T) {
			c, err := browseract.New(func(context.Context) string { return secret },
				browseract.WithBaseURL("https://api.example/base"), browseract.WithTransport(transport))
			if err != nil {
				t.Fatal(err)
			}
			ctx := t.Context()
			for _, err := range []error{
				second(c.Task(ctx, id)),
				second(c.StopTask(ctx, id)),
				c.ResumeTask(ctx, id),
				second(c.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: id})),
				second(c.RecentWorkflow(ctx, id)),
			} {
				for _, leak := range []string{secret, id, "http://", "https://", "/base", "?"} {
					if err == nil || strings.Contains(err.Error(), leak) {
						t.Errorf("%s: %v contains %q", name, err, leak)
					}
				}
			}
		})
	}
}

func refused() error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 443}, Err: errors.New("connect: connection refused")}
}

func TestTransportErrorsAreNotRefusals(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	broken := newClient(t, roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("tls: bad certificate") }))
	if err := second(broken.RunWorkflow(ctx, browseract.WorkflowRun{WorkflowID: "1"})); !browseract.IsTransport(err) {
		t.Errorf("broken: %v", err)
	}
	for name, c := range map[string]*browseract.Client{
		"refusal": answering(t, 400, ""),
		"HTML":    answering(t, 200, "<p>"),
	} {
		if err := second(c.Task(ctx, "1")); browseract.IsTransport(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
