package cli

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
)

// A printout is the stdout of a command. It keeps the first error, since those
// who print look at none: a report that a full disk has cut off is no success. A
// reader that has gone is no error: it has seen what it wanted, as head has.
type printout struct {
	to io.Writer

	mu     sync.Mutex
	failed error
}

func (p *printout) Write(text []byte) (int, error) {
	n, err := p.to.Write(text)
	if errors.Is(err, syscall.EPIPE) {
		return len(text), nil
	}
	if err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.failed == nil {
			p.failed = fmt.Errorf("stdout: %w", err)
		}
	}
	return n, err
}

// err is the first error, nil if everything was printed.
func (p *printout) err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed
}
