package batch

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

var update = flag.Bool("update", false, "write the golden file of messages")

const golden = "testdata/messages.golden"

func TestMessages(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, m := range []*Manager{New(Config{}), New(Config{HideLiveURLs: true, ReadOnly: true})} {
		for _, b := range []schemas.Batch{
			{Total: 9, Counts: schemas.BatchCounts{Running: 2, Starting: 1, Queued: 6}},
			{Total: 2, Counts: schemas.BatchCounts{Paused: 1, Running: 1}, NeedsHuman: true, Rows: []schemas.BatchRow{{Row: 1, Status: "running"}, {Row: 2, Status: "paused"}}},
			{Total: 2, Counts: schemas.BatchCounts{Paused: 2}, NeedsHuman: true, Rows: []schemas.BatchRow{{Row: 1, Status: "paused"}, {Row: 2, Status: "paused"}}},
			{Total: 5, Done: true, Counts: schemas.BatchCounts{Finished: 1, Failed: 1, Canceled: 1, Refused: 1, GivenUp: 1}, Credits: 70, Rows: []schemas.BatchRow{{Row: 1, Status: "failed"}, {Row: 2, Status: "finished", TaskID: "7"}}},
		} {
			for _, working := range []bool{true, false} {
				s := &state{m: m}
				b.BatchID = "b_1"
				s.suggest(&b, working)
				fmt.Fprintf(&got, "%s\n  next: %s %v %s, after %d s\n", s.summary(&b, working), b.NextStep.Tool, b.NextStep.Arguments, b.NextStep.Why, b.PollAfterSeconds)
			}
		}
	}
	r := row{open: ledger.Run{Absence: ledger.Absence{Candidates: []string{"7", "8"}}}}
	fmt.Fprintln(&got, r.candidates())
	compare(t, got.String())
}

func compare(t *testing.T, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); accept with go test ./tools/batch -update\n%s", golden, diff)
	}
}
