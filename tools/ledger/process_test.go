package ledger_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A second process is this test's program again, which finds its part by flags.
var (
	part   = flag.String("part", "", "what to do as a second process")
	shared = flag.String("ledger", "", "the file to do it in")
)

// A crowd is the start of many at once, of which want are to be claimed.
type crowd struct {
	start []func(*ledger.Start)
	many  int // by one process; each of two begins 100
	want  int
}

func crowds() map[string]crowd {
	return map[string]crowd{
		"identical": {nil, 200, 1},
		"runs":      {[]func(*ledger.Start){again, limited(ledger.Limits{RunsPerDay: 7})}, 100, 7},
		"active":    {[]func(*ledger.Start){again, limited(ledger.Limits{ActiveRuns: 7})}, 100, 7},
		"credits":   {[]func(*ledger.Start){again, limited(ledger.Limits{CreditsPerDay: 799})}, 100, 7},
	}
}

// begin begins n starts at once and returns how many were claimed.
func (c crowd) begin(t *testing.T, l *ledger.Ledger, n int) (claimed int32) {
	t.Helper()
	var count atomic.Int32
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			claim, err := l.Begin(t.Context(), aStart(c.start...))
			if err != nil {
				t.Error(err)
			}
			if claim.Outcome == ledger.Claimed {
				count.Add(1)
			}
		})
	}
	wg.Wait()
	return count.Load()
}

func TestOneOfIdenticalStartsIsClaimedAndNoBudgetPassed(t *testing.T) {
	t.Parallel()
	for name, crowd := range crowds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachStore(t, func(t *testing.T, path string) {
				if got := crowd.begin(t, open(t, path), crowd.many); int(got) != crowd.want {
					t.Errorf("got %d claimed, want %d", got, crowd.want)
				}
			})
			t.Run("two processes", func(t *testing.T) {
				t.Parallel()
				path := filePath(t)
				other := anotherProcess(t, path, name)
				l := open(t, path)
				meet(t, l, "parent")
				here := crowd.begin(t, l, 100)
				there := other.wait(t)
				if _, total, err := list(t, l, me, ledger.Filter{}, 1, 1); total != crowd.want || err != nil {
					t.Errorf("got %d runs, error %v, want %d; %d claimed here, there %s", total, err, crowd.want, here, there)
				}
			})
		})
	}
}

// TestAsAnotherProcess is the second process of the tests in this file.
func TestAsAnotherProcess(t *testing.T) {
	if *part == "" {
		t.Skip("it plays its part in other tests")
	}
	l := open(t, *shared)
	switch *part {
	case "begin and hang":
		begin(t, l)
		<-t.Context().Done() // it is killed
	case "begin on and on":
		beginOnAndOn(t, l)
	default:
		meet(t, l, "child")
		t.Logf("%d claimed", crowds()[*part].begin(t, l, 100))
	}
}

// meet returns when both processes have opened the ledger.
func meet(t *testing.T, l *ledger.Ledger, name string) {
	t.Helper()
	started(t, l, name, by("meeting"), fingerprint(name))
	until(t, func() bool {
		_, total, err := list(t, l, "meeting", ledger.Filter{}, 1, 1)
		return total == 2 && err == nil
	})
}

// until returns when done does, and fails the test if that takes too long.
func until(t *testing.T, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatal("waited too long for the other process")
		case <-look.C:
		}
	}
}

// A process is this test's program, running once more.
type process struct {
	*exec.Cmd
	output bytes.Buffer
}

func anotherProcess(t *testing.T, path, part string) *process {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.CommandContext(t.Context(), program, "-test.run=^TestAsAnotherProcess$", "-test.v", "-part="+part, "-ledger="+path)}
	p.Stdout, p.Stderr = &p.output, &p.output
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Wait() // its context has ended it, if nothing else has
		if t.Failed() {
			t.Logf("the other process said: %s", &p.output)
		}
	})
	return p
}

// wait returns what the process said, and fails the test if it failed.
func (p *process) wait(t *testing.T) string {
	t.Helper()
	if err := p.Wait(); err != nil {
		t.Errorf("the other process: %v", err)
	}
	return p.output.String()
}

// kill ends the process at once, wherever it is.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait() // it says that it was killed
}

func TestStartOfAKilledProcessIsFound(t *testing.T) {
	t.Parallel()
	path := filePath(t)
	other := anotherProcess(t, path, "begin and hang")
	until(t, func() bool {
		_, err := os.Stat(path)
		return err == nil
	})
	watching := open(t, path)
	until(t, func() bool {
		runs, err := watching.Unsettled(t.Context(), me)
		return len(runs) == 1 && err == nil
	})
	other.kill(t)
	if err := watching.Close(); err != nil {
		t.Fatal(err)
	}

	c := newClock()
	c.move(time.Since(c.Now()))
	l := open(t, path, c.Now)
	claim := begin(t, l)
	if claim.Outcome != ledger.Pending || !claim.Run.Leased {
		t.Errorf("right after the kill: got %s, leased %v", claim.Outcome, claim.Run.Leased)
	}
	c.move(time.Minute)
	runs, err := l.Unsettled(t.Context(), me)
	if err != nil || len(runs) != 1 || runs[0].Leased || runs[0].State != ledger.Intended {
		t.Fatalf("a minute later: got %+v, error %v", runs, err)
	}
	if _, adopted, err := l.Adopt(t.Context(), runs[0].ID); !adopted || err != nil {
		t.Fatalf("adopted %v, error %v", adopted, err)
	}
	settle(t, l, runs[0], lost)
	if claim := begin(t, l); claim.Outcome != ledger.Claimed {
		t.Errorf("once it is lost: got %s", claim.Outcome)
	}
}

// beginOnAndOn notes each start beside the ledger once it is begun, and each
// task once it is settled.
func beginOnAndOn(t *testing.T, l *ledger.Ledger) {
	t.Helper()
	notes, err := os.OpenFile(*shared+".notes", os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 1_000_000 {
		task := fmt.Sprint(n)
		run := begin(t, l, fingerprint(task)).Run
		fmt.Fprintln(notes, "begun", task)
		settle(t, l, run, ledger.Settlement{State: ledger.Started, TaskID: task})
		fmt.Fprintln(notes, "settled", task)
	}
}

func TestKillLosesNothingThatWasRecorded(t *testing.T) {
	t.Parallel()
	for moment := range 5 {
		path := filepath.Join(t.TempDir(), "ledger.db")
		other := anotherProcess(t, path, "begin on and on")
		until(t, func() bool {
			notes, _ := os.ReadFile(path + ".notes")
			return bytes.Count(notes, []byte("\n")) > 40+13*moment
		})
		other.kill(t)
		notes, err := os.ReadFile(path + ".notes")
		if err != nil {
			t.Fatal(err)
		}
		wantNoted(t, open(t, path), string(notes))
	}
}

// wantNoted fails the test unless l has every start and task in notes.
func wantNoted(t *testing.T, l *ledger.Ledger, notes string) {
	t.Helper()
	for line := range strings.Lines(notes) {
		what, task, _ := strings.Cut(strings.TrimSpace(line), " ")
		claim := begin(t, l, fingerprint(task))
		if claim.Outcome == ledger.Claimed || what == "settled" && claim.Run.TaskID != task {
			t.Errorf("%s %s: got %s with task %q", what, task, claim.Outcome, claim.Run.TaskID)
		}
	}
}
