// Package drive runs servers and talks to them as clients do, for measurements.
//
// Begin with [Start], a server in a process of its own, or [Within], the product
// inside this one: both make a [Server]. [DialStdio] and [DialHTTP] open a
// session with it, and [NewAPI] stands in for BrowserAct. Processes are looked
// at through Linux's /proc.
package drive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/browseract/browseract-mcp/server/cli"
)

const (
	listenTime = 20 * time.Second // a server may take until it listens
	stopTime   = 30 * time.Second // and until it has stopped; it sees starts through
)

// A Server is an MCP server that runs.
type Server struct {
	in, out *os.File // to its standard input, from its standard output
	process Process
	listens chan string
	cancel  context.CancelFunc
	ended   chan error
}

// A body is what runs between the streams of a server; it returns when the
// server has ended.
type body func(ctx context.Context, stdin, stdout, stderr *os.File) error

// Start runs a program as a child process that sees only env. It ends by Stop.
func Start(ctx context.Context, env []string, program string, args ...string) (*Server, error) {
	begun := make(chan *os.Process, 1)
	s, err := open(ctx, func(ctx context.Context, stdin, stdout, stderr *os.File) error {
		defer close(begun)
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, stdin, stdout, stderr
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = stopTime
		if err := cmd.Start(); err != nil {
			return err
		}
		begun <- cmd.Process
		if err := cmd.Wait(); !cmd.ProcessState.Success() {
			return err
		}
		return nil // Wait would return that the context has ended
	})
	if err != nil {
		return nil, err
	}
	process, ok := <-begun
	if !ok {
		return nil, <-s.ended
	}
	s.process = Process{process.Pid}
	return s, nil
}

// Within runs the product in this process, where its goroutines and its heap can
// be counted, with only env as its environment. It ends by Stop.
func Within(ctx context.Context, env []string, args ...string) (*Server, error) {
	s, err := open(ctx, func(ctx context.Context, stdin, stdout, stderr *os.File) error {
		return cli.Run(ctx, cli.Program{Version: "bench"}, args, lookup(env), stdin, stdout, stderr)
	})
	if err != nil {
		return nil, err
	}
	s.process = Process{os.Getpid()}
	return s, nil
}

// lookup reads an environment as os.Getenv does.
func lookup(env []string) func(string) string {
	return func(name string) string {
		for _, entry := range env {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

// open runs a body between pipes.
func open(ctx context.Context, run body) (*Server, error) {
	stdin, in, err1 := os.Pipe()
	out, stdout, err2 := os.Pipe()
	log, stderr, err3 := os.Pipe()
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &Server{in: in, out: out, listens: make(chan string, 1), cancel: cancel, ended: make(chan error, 1)}
	go s.readLog(log) // ends with the body
	go func() {       // awaited by Stop
		err := run(ctx, stdin, stdout, stderr)
		_, _, _ = stdin.Close(), stdout.Close(), stderr.Close()
		s.ended <- err
	}()
	return s, nil
}

// address finds where a server says in its log that it listens.
var address = regexp.MustCompile(`listening.* url=(http://\S+)`)

func (s *Server) readLog(log *os.File) {
	defer log.Close()
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadSlice('\n')
		if found := address.FindSubmatch(line); found != nil && len(s.listens) == 0 {
			s.listens <- string(found[1])
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

// URL returns the address that the server logs once it listens.
func (s *Server) URL() (string, error) {
	select {
	case url := <-s.listens:
		s.listens <- url
		return url, nil
	case err := <-s.ended:
		s.ended <- err
		return "", fmt.Errorf("the server ended before it listened: %w", err)
	case <-time.After(listenTime):
		return "", errors.New("the server does not listen")
	}
}

// Process returns the process that the server is in.
func (s *Server) Process() Process { return s.process }

// Stop ends the server, as the end of its input and SIGTERM do, and returns the
// error with which it ended.
func (s *Server) Stop() error {
	_ = s.in.Close()
	s.cancel()
	defer s.out.Close()
	return s.wait()
}

// HangUp goes away from a server over stdio, as a client does that crashes, and
// returns an error if the server does not end by itself.
func (s *Server) HangUp() error {
	defer s.cancel()
	_, _ = s.in.Close(), s.out.Close()
	if err := s.wait(); errors.Is(err, errRuns) {
		return err
	}
	return nil
}

var errRuns = errors.New("the server did not stop")

func (s *Server) wait() error {
	select {
	case err := <-s.ended:
		s.ended <- err
		return err
	case <-time.After(stopTime):
		return errRuns
	}
}
