package cli

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
)

// An errWriter is the stdout of a command. It keeps the first error, since callers
// of fmt.Fprint check none: a report that a full disk has cut off is a failure. A
// closed pipe is none: its reader, such as head, has seen enough.
type errWriter struct {
	w io.Writer

	mu  sync.Mutex
	err error
}

func (e *errWriter) Write(text []byte) (int, error) {
	n, err := e.w.Write(text)
	if errors.Is(err, syscall.EPIPE) {
		return len(text), nil
	}
	if err != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.err == nil {
			e.err = fmt.Errorf("stdout: %w", err)
		}
	}
	return n, err
}

// firstErr is nil if everything was written.
func (e *errWriter) firstErr() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}
