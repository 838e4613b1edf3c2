package cli

import (
	"bytes"
	"io"
	"sync"
	"time"
)

const (
	// maxBacklog is how many bytes may wait for stderr; as many again may be in the
	// course of being written. It holds thousands of lines, or the longest stack.
	maxBacklog = 512 << 10
	// maxWrite is how many bytes one write to stderr has, unless a single line is
	// longer. A pipe takes that many as a whole (PIPE_BUF on Linux), so that lines of
	// processes which share it do not mix.
	maxWrite = 4096
)

// A backlog is the stderr of the program. A write never blocks and never fails: lines
// wait in memory until stderr takes them, and lines without room are dropped and
// counted. MCP lets a client ignore stderr, and a full pipe would otherwise block
// every call that logs.
//
// Each Write has whole lines, and is kept or dropped as a whole.
type backlog struct {
	w      io.Writer
	failed int           // lines of failed writes since one succeeded; used by run alone
	done   chan struct{} // closed by run: nothing more is written

	mu      sync.Mutex
	changed sync.Cond // signals a change of the fields below
	waiting []byte
	dropped int             // lines that are not reported yet
	report  func(lines int) // nil until onDrop
	closed  bool
}

// newBacklog returns a backlog that writes to w until it is closed.
func newBacklog(w io.Writer) *backlog {
	b := &backlog{w: w, done: make(chan struct{})}
	b.changed.L = &b.mu
	// Ended by close, which waits for it. If w blocks for longer than flushTimeout, which
	// nothing can interrupt, it ends with the process.
	go b.run()
	return b
}

// Write keeps the lines, or drops and counts them.
func (b *backlog) Write(lines []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting)+len(lines) > maxBacklog {
		b.dropped += countLines(lines)
	} else {
		b.waiting = append(b.waiting, lines...)
	}
	b.changed.Signal()
	return len(lines), nil
}

// onDrop has report called with the number of dropped lines once stderr takes lines
// again. It may write to the backlog.
func (b *backlog) onDrop(report func(lines int)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.report = report
}

// close adds the last lines, even beyond maxBacklog, and returns when everything is
// written, after flushTimeout at the latest.
func (b *backlog) close(last string) {
	b.mu.Lock()
	b.waiting = append(b.waiting, last...)
	b.closed = true
	b.changed.Signal()
	b.mu.Unlock()
	select {
	case <-b.done:
	case <-time.After(flushTimeout):
	}
}

// run writes what waits until the backlog is closed and empty.
func (b *backlog) run() {
	defer close(b.done)
	for text, ok := b.take(nil); ok; text, ok = b.take(text) {
		b.reportDropped()
		b.write(text)
	}
}

// take waits for lines and returns them. It reuses the memory of written, the lines
// that it returned before. It returns false when the backlog is closed and empty.
func (b *backlog) take(written []byte) (text []byte, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	pending := func() bool { return len(b.waiting) > 0 || b.dropped > 0 && b.report != nil }
	for !pending() && !b.closed {
		b.changed.Wait()
	}
	ok = pending()
	text, b.waiting = b.waiting, written[:0]
	return text, ok
}

// reportDropped reports dropped lines. Called right after take, it puts the report
// where they would stand: after the lines that were kept before them.
func (b *backlog) reportDropped() {
	b.mu.Lock()
	report, lines := b.report, b.dropped
	if report != nil {
		b.dropped = 0
	}
	b.mu.Unlock()
	if report != nil && lines > 0 {
		report(lines)
	}
}

// write writes text in parts. It never retries one, which would not end if the reader
// is gone. Lines of a failed write count as dropped once another succeeds: before
// that, a report would fail too.
func (b *backlog) write(text []byte) {
	for len(text) > 0 {
		n := writeLen(text)
		if _, err := b.w.Write(text[:n]); err != nil {
			b.failed += countLines(text[:n])
		} else if b.failed > 0 {
			b.mu.Lock()
			b.dropped += b.failed
			b.mu.Unlock()
			b.failed = 0
		}
		text = text[n:]
	}
}

// writeLen is how many bytes of text go into one write: as many whole lines as fit
// into maxWrite, or one line that is longer.
func writeLen(text []byte) int {
	if len(text) <= maxWrite {
		return len(text)
	}
	if end := bytes.LastIndexByte(text[:maxWrite], '\n'); end >= 0 {
		return end + 1
	}
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		return end + 1
	}
	return len(text)
}

// countLines returns the number of lines; the last one may lack its newline.
func countLines(text []byte) int {
	n := bytes.Count(text, []byte("\n"))
	if !bytes.HasSuffix(text, []byte("\n")) {
		n++
	}
	return n
}
