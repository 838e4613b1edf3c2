package problem_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/download"
	"github.com/browseract/browseract-mcp/tools/problem"
)

var update = flag.Bool("update", false, "write the golden file of messages")

const golden = "testdata/messages.golden"

func TestMessages(t *testing.T) {
	t.Parallel()
	table := problem.Table{KeyHelp: "Set BROWSERACT_API_KEY.", Mask: func(s string) string { return strings.ReplaceAll(s, "fixed", "***") }}
	var got strings.Builder
	for _, err := range []error{
		browseract.ErrNoAPIKey,
		&browseract.Error{StatusCode: http.StatusUnauthorized, Code: 10000, Message: "Invalid key"},
		&browseract.Error{Code: browseract.CodeNoSuchTask},
		problem.NotStarted(&browseract.Error{Code: browseract.CodeTooManyTasks}),
		problem.NotStarted(&browseract.Error{Code: browseract.CodeNotPublished}),
		&browseract.Error{Code: browseract.CodeTaskNotPaused},
		&browseract.Error{StatusCode: http.StatusTooManyRequests, RetryAfter: 1500 * time.Millisecond},
		&browseract.Error{StatusCode: http.StatusBadGateway, Message: "Bad gateway."},
		problem.WithNext(problem.NotStarted(&browseract.Error{StatusCode: http.StatusBadRequest, Code: 4711, Message: "no fixed value!", TraceID: "t"}), schemas.NextList("to see the tasks")),
		&browseract.NotPausedError{Status: browseract.TaskRunning},
		browseract.ErrReplyTooLarge,
		browseract.ErrUnreadable,
		context.DeadlineExceeded,
		errors.New("a bug"),
	} {
		p := table.Report(err)
		_, line, _ := strings.Cut(p.Text(), "\n")
		fmt.Fprintln(&got, line)
	}
	for _, err := range []error{
		download.ErrNotHTTPS, download.ErrAddress, download.ErrRedirect, download.ErrTooLarge,
		&download.StatusError{Code: http.StatusForbidden}, context.Canceled, errors.New("reset"),
	} {
		code, why := problem.Fetch(err)
		fmt.Fprintf(&got, "%s: %s\n", code, why)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got); accept with go test ./tools/problem -update\n%s", golden, diff)
	}
}

func TestTextOfAnErrorCanBeRead(t *testing.T) {
	t.Parallel()
	e := problem.Error{Code: "c", Message: "It failed.", Retryable: true, RetryAfter: 5, NextStep: schemas.NextTask("get_task", "1", "to see it")}
	if diff := cmp.Diff(e, problem.Parse(e.Text())); diff != "" {
		t.Error(diff)
	}
	if p := problem.Parse("only a sentence"); p.Message != "only a sentence" || p.Code != "" {
		t.Errorf("got %+v", p)
	}
}
