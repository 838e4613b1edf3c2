package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A valve takes what is written while it is open. Closed, it keeps the writer.
type valve struct {
	mu     sync.Mutex
	said   bytes.Buffer
	opened chan struct{}
}

// newValve returns a closed one.
func newValve() *valve { return &valve{opened: make(chan struct{})} }

func (v *valve) Write(p []byte) (int, error) {
	<-v.opened
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.said.Write(p)
}

func (v *valve) open() { close(v.opened) }

func (v *valve) String() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.said.String()
}

// reportPlainly has b report drops as a line of its own.
func reportPlainly(b *backlog) {
	b.onDrop(func(lines int) { fmt.Fprintf(b, "dropped %d\n", lines) })
}

func TestBacklogWritesEveryLineInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var said, want bytes.Buffer
		b := newBacklog(&said)
		for n := range 2000 {
			fmt.Fprintf(io.MultiWriter(&want, b), "line %d %s\n", n, strings.Repeat("x", n%150))
		}
		b.close("the end\n")
		want.WriteString("the end\n")
		if said.String() != want.String() {
			t.Errorf("got %d bytes, want %d, the same", said.Len(), want.Len())
		}
	})
}

func TestBacklogDropsWholeLinesAndReportsHowManyWhereTheyWereDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newValve()
		b := newBacklog(v)
		reportPlainly(b)
		const sent = 20000
		for n := range sent {
			fmt.Fprintf(b, "%0100d\n", n)
			if n == 0 {
				synctest.Wait() // the first is on its way, and stuck
			}
		}
		v.open()
		synctest.Wait()
		fmt.Fprintln(b, "later")
		b.close("")
		kept := maxBacklog/101 + 1
		var want strings.Builder
		for n := range kept {
			fmt.Fprintf(&want, "%0100d\n", n)
		}
		fmt.Fprintf(&want, "dropped %d\nlater\n", sent-kept)
		if v.String() != want.String() {
			t.Errorf("got %d bytes that end with %q, want %d", v.said.Len(), lastLines(v.String()), want.Len())
		}
	})
}

func lastLines(text string) string { return text[max(0, len(text)-300):] }

func TestBacklogDropsALineThatExceedsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		b := newBacklog(&said)
		reportPlainly(b)
		fmt.Fprintln(b, "before")
		fmt.Fprintln(b, strings.Repeat("x", maxBacklog))
		synctest.Wait()
		fmt.Fprintln(b, "after")
		b.close("")
		if want := "before\ndropped 1\nafter\n"; said.String() != want {
			t.Errorf("got %d bytes that end with %q, want %q", said.Len(), lastLines(said.String()), want)
		}
	})
}

// The memory of a log whose lines are long is that of one whose lines are short.
func TestLogOfHugeLinesHoldsNothingUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, format := range []string{"text", "json"} {
			v := newValve()
			b := newBacklog(v)
			logger := logFlags{LogLevel: "debug", LogFormat: format}.logger(func(string) string { return "" }, b, false)
			b.onDrop(reportDropped(logger))
			for n := range 8 {
				logger.Debug("huge", "value", strings.Repeat("x", n*(maxBacklog/5)))
			}
			b.mu.Lock()
			if len(b.waiting) > maxBacklog {
				t.Errorf("as %s: %d bytes wait", format, len(b.waiting))
			}
			b.mu.Unlock()
			v.open()
			b.close("")
			if !strings.Contains(v.String(), "lines of the log were dropped") {
				t.Errorf("as %s: no line says that others are missing", format)
			}
		}
	})
}

func TestBacklogClosesWithinItsTimeThoughStderrIsStuck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newValve()
		b := newBacklog(v)
		fmt.Fprintln(b, "line")
		begun := time.Now()
		b.close("the end\n")
		if took := time.Since(begun); took != 200*time.Millisecond {
			t.Errorf("took %v, want 200 ms", took)
		}
		v.open() // for the goroutine
	})
}

func TestBacklogThatIsEmptyClosesAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		newBacklog(io.Discard).close("")
		if took := time.Since(begun); took != 0 {
			t.Errorf("took %v", took)
		}
	})
}

func TestBacklogHasRoomForTheLastLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := newValve()
		b := newBacklog(v)
		reportPlainly(b)
		for n := range 3000 { // more than may wait and be written together
			fmt.Fprintln(b, strings.Repeat("x", 1000)+"line")
			if n == 0 {
				synctest.Wait() // the first is being written, and blocks
			}
		}
		time.AfterFunc(flushTimeout/2, v.open) // a reader that looks when the program ends
		b.close("the error\n")
		if got := v.String(); !strings.Contains(got, "line\nthe error\ndropped ") {
			t.Errorf("got %q at the end", lastLines(got))
		}
	})
}

// A faulty file fails, and counts how often it was asked.
type faulty struct {
	bytes.Buffer

	failing bool
	asked   int
}

func (f *faulty) Write(p []byte) (int, error) {
	if f.asked++; f.failing {
		return 0, errors.New("no space left on device")
	}
	return f.Buffer.Write(p)
}

func TestBacklogAsksAFailingStderrOncePerLineAndReportsOnceItWorks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{failing: true}
		b := newBacklog(f)
		reportPlainly(b)
		for range 5 {
			fmt.Fprintln(b, "lost")
			synctest.Wait()
		}
		if f.asked != 5 {
			t.Errorf("asked %d times for 5 lines", f.asked)
		}
		f.failing = false
		fmt.Fprintln(b, "written")
		b.close("")
		if want := "written\ndropped 5\n"; f.String() != want {
			t.Errorf("got %q, want %q", f.String(), want)
		}
	})
}

func TestBacklogThatFailsClosesAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{failing: true}
		b := newBacklog(f)
		reportPlainly(b)
		fmt.Fprintln(b, "lost")
		begun := time.Now()
		b.close("the error\n")
		if took := time.Since(begun); took != 0 || f.asked > 2 {
			t.Errorf("took %v and %d writes", took, f.asked)
		}
	})
}

func TestBacklogWritesSmallPiecesOfWholeLines(t *testing.T) {
	t.Parallel()
	line := func(n int) string { return strings.Repeat("x", n-1) + "\n" }
	for _, c := range []struct {
		text string
		want int
	}{
		{line(10), 10},
		{line(10) + line(20), 30},
		{line(4096), 4096},
		{line(4096) + line(1), 4096},
		{line(10) + line(4087), 10},
		{line(5000) + line(10), 5000},
		{strings.Repeat("x", 5000), 5000},
	} {
		if got := writeLen([]byte(c.text)); got != c.want {
			t.Errorf("of %d bytes: got %d, want %d", len(c.text), got, c.want)
		}
	}
}
