package drive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"sync"
)

// Stdio is a client of a server over its standard streams. It may be used by
// many callers at a time.
type Stdio struct {
	server *Server
	ended  chan struct{} // closed when nothing more will be read

	mu      sync.Mutex
	id      int
	waiting map[string]chan []byte
}

// DialStdio opens a session.
func DialStdio(ctx context.Context, s *Server) (*Stdio, error) {
	c := &Stdio{server: s, ended: make(chan struct{}), waiting: map[string]chan []byte{}}
	go c.read() // ends with the server's output
	if _, err := c.Call(ctx, "initialize", Initialize); err != nil {
		return nil, err
	}
	return c, c.Send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
}

// Call sends a request and returns the reply to it. When ctx ends before, it
// cancels the request as MCP has it.
func (c *Stdio) Call(ctx context.Context, method, params string) ([]byte, error) {
	id, reply := c.expect()
	defer c.forget(id)
	if err := c.Send(request(id, method, params)); err != nil {
		return nil, err
	}
	select {
	case line := <-reply:
		return line, fault(line)
	case <-c.ended:
		return nil, errors.New("the server's output ended")
	case <-ctx.Done():
		_ = c.Send(`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":` + id + `}}`)
		return nil, ctx.Err()
	}
}

// Send writes one line, which the server may answer or not.
func (c *Stdio) Send(line string) error {
	_, err := c.server.in.WriteString(line + "\n")
	return err
}

func (c *Stdio) expect() (id string, reply chan []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.id++
	id, reply = fmt.Sprint(c.id), make(chan []byte, 1)
	c.waiting[id] = reply
	return id, reply
}

func (c *Stdio) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, id)
}

func (c *Stdio) read() {
	defer close(c.ended)
	lines := bufio.NewReaderSize(c.server.out, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		c.deliver(line)
	}
}

func (c *Stdio) deliver(line []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if reply, ok := c.waiting[replyID(line)]; ok {
		reply <- line
	}
}
