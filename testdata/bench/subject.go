package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

// A caller is a client of a server over some transport.
type caller interface {
	Call(ctx context.Context, method, params string) ([]byte, error)
}

// A subject is a server under measurement with a client of it.
type subject struct {
	caller

	server *drive.Server
}

// A transport is how servers are reached: with which arguments they start, and
// how to open a session.
type transport struct {
	name        string
	ours, relay []string
	dial        func(context.Context, *drive.Server) (caller, error)
}

func transports() []transport {
	return []transport{
		{name: "stdio", dial: dialStdio},
		{name: "HTTP", ours: []string{"http", "--listen", "127.0.0.1:0"}, relay: []string{"http", "127.0.0.1:0"}, dial: dialHTTP},
	}
}

func dialStdio(ctx context.Context, s *drive.Server) (caller, error) { return drive.DialStdio(ctx, s) }

func dialHTTP(ctx context.Context, s *drive.Server) (caller, error) {
	url, err := s.URL()
	if err != nil {
		return nil, err
	}
	return drive.DialHTTP(ctx, url)
}

// start makes a subject of a program.
func (t transport) start(ctx context.Context, program string, args, env []string) (*subject, error) {
	s, err := drive.Start(ctx, env, program, args...)
	if err != nil {
		return nil, err
	}
	return t.reach(ctx, s)
}

// within makes a subject of the product in this process.
func (t transport) within(ctx context.Context, env []string) (*subject, error) {
	s, err := drive.Within(ctx, env, t.ours...)
	if err != nil {
		return nil, err
	}
	return t.reach(ctx, s)
}

func (t transport) reach(ctx context.Context, s *drive.Server) (*subject, error) {
	c, err := t.dial(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	return &subject{c, s}, nil
}

// stop ends the server. How the relay ends does not matter.
func (s *subject) stop() { _ = s.server.Stop() }

// list calls list_tasks and checks that the whole page came.
func (s *subject) list(ctx context.Context, tasks int) error {
	reply, err := s.Call(ctx, "tools/call", drive.ListTasks(tasks))
	if err != nil {
		return err
	}
	for _, id := range []string{drive.FirstTask(), drive.LastTask(tasks)} {
		if !bytes.Contains(reply, []byte(id)) {
			return fmt.Errorf("a page of %d tasks without %s: %.300s", tasks, id, reply)
		}
	}
	return nil
}

// handshake opens another session, which nothing will end.
func (s *subject) handshake(ctx context.Context) error {
	_, err := s.Call(ctx, "initialize", drive.Initialize)
	return err
}
