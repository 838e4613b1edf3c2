package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

// A caller is a client of a server over some transport.
type caller interface {
	Call(ctx context.Context, method, params string) ([]byte, error)
}

// A target is a server that is soaked, and a client of it.
type target struct {
	caller

	name   string
	server *drive.Server
	within bool
}

// A soak is all servers with the account that they work on.
type soak struct {
	program string
	dir     string
	chance  *chance
	account *account
	targets []*target
	tally   tally
}

// A tally counts what became of calls.
type tally struct{ answered, refused, cancelled, visits atomic.Int64 }

func (t *tally) String() string {
	return fmt.Sprintf("%d answered, %d refused, %d given up, %d visits", t.answered.Load(), t.refused.Load(), t.cancelled.Load(), t.visits.Load())
}

func (t *tally) calls() int64 { return t.answered.Load() + t.refused.Load() + t.cancelled.Load() }

func open(ctx context.Context, program, dir string, seed uint64) (*soak, error) {
	c := &chance{seed: seed}
	s := &soak{program: program, dir: dir, chance: c, account: openAccount(c)}
	listen := []string{"http", "--listen", "127.0.0.1:0"}
	for _, t := range []struct {
		target
		args []string
	}{
		{target{name: "stdio"}, nil},
		{target{name: "HTTP"}, listen},
		{target{name: "stdio within", within: true}, nil},
		{target{name: "HTTP within", within: true}, listen},
	} {
		if err := s.add(ctx, t.target, t.args); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return s, nil
}

// add starts a target and opens a session with it.
func (s *soak) add(ctx context.Context, t target, args []string) error {
	var err error
	if t.server, err = s.start(ctx, t.name, t.within, args...); err != nil {
		return err
	}
	if t.caller, err = dial(ctx, t.server, len(args) > 0); err != nil {
		return err
	}
	s.targets = append(s.targets, &t)
	return nil
}

// start starts a server that has a home of its own, and so a ledger.
func (s *soak) start(ctx context.Context, name string, within bool, args ...string) (*drive.Server, error) {
	home := filepath.Join(s.dir, name)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	env := []string{"BROWSERACT_API_URL=" + s.account.URL, "BROWSERACT_API_KEY=" + drive.Key, "HOME=" + home}
	if within {
		return drive.Within(ctx, env, args...)
	}
	return drive.Start(ctx, env, s.program, args...)
}

func dial(ctx context.Context, server *drive.Server, overHTTP bool) (caller, error) {
	if !overHTTP {
		return drive.DialStdio(ctx, server)
	}
	url, err := server.URL()
	if err != nil {
		return nil, err
	}
	return drive.DialHTTP(ctx, url)
}

// close ends every server, and reports those that do not end as they should.
func (s *soak) close() error {
	defer s.account.Close()
	for _, t := range s.targets {
		if err := t.server.Stop(); err != nil {
			return fmt.Errorf("%s ended with: %w", t.name, err)
		}
	}
	return nil
}
