package browseract_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/browseract"
)

// taskBody is a whole task in which every text consists of mark.
func taskBody(mark string) string {
	text := strings.Repeat(mark, 2000)
	return fmt.Sprintf(`{"id":%[1]q,"status":"finished","input_parameters":[{"name":%[1]q,"value":{"x":%[1]q}}],"output":{"string":%[2]q,"files":[%[1]q]},`+
		`"steps":[{"id":1,"step_goal":%[2]q}],"download_files":[{"fileName":%[1]q}],"live_url_info":{"live_url":%[1]q}}`, mark, text)
}

func TestATaskKeepsNothingOfTheBufferItWasReadInto(t *testing.T) {
	t.Parallel()
	client := newClient(t, roundTripper(func(r *http.Request) (*http.Response, error) {
		return response(r, http.StatusOK, taskBody(r.URL.Query().Get("task_id"))), nil
	}))
	read := func(id string) browseract.Task {
		task, err := client.Task(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return task
	}
	task := read("first")
	before := fmt.Sprintf("%+v %+v", task, *task.Inputs)
	for range 20 { // under the race detector not every buffer is used again
		read("other")
	}
	if diff := cmp.Diff(before, fmt.Sprintf("%+v %+v", task, *task.Inputs)); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkTask measures what the client adds to the transport of a task with an output
// of 12 KB without a Content-Length.
func BenchmarkTask(b *testing.B) {
	b.ReportAllocs()
	body := taskBody("mark__")
	client, err := browseract.New(operator, browseract.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1, Request: r}, nil
	})))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := client.Task(b.Context(), "1"); err != nil {
			b.Fatal(err)
		}
	}
}
