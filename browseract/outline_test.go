package browseract_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
)

func TestOnlyOutputsOfListedTasksAreLeftOut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, page, want string }{
		{"an object", `{"items":[{"id":"1","output":{"string":"[{\"a\":\"}\"}]","files":[]},"status":"x"}]}`, `{"items":[{"id":"1","output":null,"status":"x"}]}`},
		{"a text", `{"items":[{"output":"a\\\"b]}","id":1}]}`, `{"items":[{"output":null,"id":1}]}`},
		{"a text that ends in a backslash", `{"items":[{"output":"\\","id":1}]}`, `{"items":[{"output":null,"id":1}]}`},
		{"a list at the end", `{"items":[{"id":1,"output":[["x"],{}]}]}`, `{"items":[{"id":1,"output":null}]}`},
		{"null", `{"items":[{"output":null,"id":1},{"output" : 5}]}`, `{"items":[{"output":null,"id":1},{"output":null}]}`},
		{"in an envelope", `{"code":0,"data":{"items":[{"output":{},"id":1}]}}`, `{"code":0,"data":{"items":[{"output":null,"id":1}]}}`},
		{"a text that reads like it", `{"items":[{"id":"output","status":"output"},"output"]}`, `{"items":[{"id":"output","status":"output"},"output"]}`},
		{"an input of that name", `{"items":[{"input_parameters":{"output":"csv"}}]}`, `{"items":[{"input_parameters":{"output":"csv"}}]}`},
		{"of no list", `{"output":{"a":1}}`, `{"output":{"a":1}}`},
		{"nothing", ``, ``},
		{"the end within an output", `{"items":[{"output":{"string":"abc`, `{"items":[{"output":null`},
		{"the end within a text", `{"items":[{"id":"\"`, `{"items":[{"id":"\"`},
		{"too many brackets", `]}{"items":[{"output":1}]}`, `]}{"items":[{"output":null}]}`},
	} {
		if got := string(browseract.WithoutOutputs([]byte(test.page))); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func FuzzLeavingOutOutputsChangesNoTask(f *testing.F) {
	f.Add(`{"items":[{"id":"1","status":"finished","output":{"string":"[{\"a\":\"}\"}]"},"credit":3}],"total_count":1}`)
	f.Add(`{"items":[{"output":"\\","id":123456789012345678,"status":"failed","task_failure_info":{"code":"1","message":"m"}}]}`)
	f.Add(`{"page":1,"items":[{"input_parameters":[{"name":"output","value":"csv"}],"output":null,"status":"output"}]}`)
	f.Fuzz(func(t *testing.T, page string) {
		var want, got browseract.Page[browseract.TaskSummary]
		if json.Unmarshal([]byte(page), &want) != nil {
			return
		}
		if err := json.Unmarshal(browseract.WithoutOutputs([]byte(page)), &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// BenchmarkTaskPage reports what leaving out the outputs of a page of 100 tasks,
// each of 4 KB, and decoding the rest takes, as a ratio to decoding all of it.
func BenchmarkTaskPage(b *testing.B) {
	output, _ := json.Marshal(strings.Repeat(`{"name":"Café","rating":4.5,"open":true},`, 100))
	item := fmt.Sprintf(`{"id":"100200300400500600","status":"finished","created_at":"2026-11-20T09:54:10Z","output":{"string":%s,"files":[]},"credit":31}`, output)
	page := []byte(`{"page":1,"limit":100,"items":[` + strings.Repeat(item+",", 99) + item + `],"total_count":100}`)
	b.SetBytes(int64(len(page)))
	var outlined, whole time.Duration
	for b.Loop() {
		outlined += decoding(b, func() []byte { return browseract.WithoutOutputs(page) })
		whole += decoding(b, func() []byte { return page })
	}
	b.ReportMetric(outlined.Seconds()/whole.Seconds(), "outlined/whole")
}

func decoding(b *testing.B, text func() []byte) time.Duration {
	began := time.Now()
	var page browseract.Page[browseract.TaskSummary]
	if err := json.Unmarshal(text(), &page); err != nil || len(page.Items) != 100 {
		b.Fatal(err, len(page.Items))
	}
	return time.Since(began)
}
