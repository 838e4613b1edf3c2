package stdio

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/rpc"
)

// read takes every line of in and returns nil at its end.
func (l *loop) read(ctx context.Context, in io.Reader) error {
	lines := lineReader{in: bufio.NewReaderSize(in, readBuffer), max: l.maxLine}
	for {
		next, err := lines.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		l.take(ctx, next)
	}
}

func (l *loop) take(ctx context.Context, next line) {
	if next.tooLong {
		l.refuse(ctx, next.id(), rpc.ErrTooLong(l.maxLine))
		return
	}
	text := rpc.Trim(next.text)
	if len(text) == 0 {
		return
	}
	m, rpcErr := rpc.Parse(text)
	switch {
	case rpcErr != nil:
		l.refuse(ctx, m.ID, rpcErr)
	case m.IsReply():
		l.requests.answer(m)
	case m.ID != nil:
		l.begin(ctx, m)
	case m.Method == string(mcp.MethodNotificationCancelled):
		l.calls.cancel(m.CancelledKey())
	default:
		l.handle(ctx, m)
	}
}

func (l *loop) refuse(ctx context.Context, id json.RawMessage, rpcErr *rpc.Error) {
	l.out.send(ctx, rpcErr.Reply(id), nil)
}

// handle takes a notification, which has no reply.
func (l *loop) handle(ctx context.Context, m *rpc.Message) {
	s := rpc.NewSession(m, rpc.Client{}, func([]byte) {})
	defer s.Flush()
	_, _ = l.answer(ctx, m, s, nil)
}

// begin runs a request beside the others. Only initialize holds up what follows it.
func (l *loop) begin(ctx context.Context, m *rpc.Message) {
	callCtx, cancel := context.WithCancel(ctx)
	c, rpcErr := l.calls.open(m, cancel)
	if rpcErr != nil {
		cancel()
		l.refuse(ctx, m.ID, rpcErr)
		return
	}
	l.workers.run(func() { l.run(callCtx, c) }) // ended by cancel, awaited through l.calls
	if m.Method == string(mcp.MethodInitialize) {
		select {
		case <-c.done:
		case <-l.out.stopped:
		}
	}
}

// run answers one request: its notifications, then its reply, then nothing.
func (l *loop) run(ctx context.Context, c *call) {
	defer l.calls.end(c)
	delivered := false
	ctx, reply := l.replies.Begin(ctx)
	defer func() { reply.Finish(delivered) }()

	lines := context.WithoutCancel(ctx) // a subscription is answered once it is cancelled
	pending := func() bool { return l.calls.isPending(c) }
	var client rpc.Client
	if known := l.client.Load(); known != nil {
		client = *known
	}
	session := rpc.NewSession(c.Message, client, func(text []byte) { l.out.send(lines, text, pending) })
	elicit := func(ctx context.Context, params mcp.ElicitationParams) (*mcp.ElicitationResult, error) {
		return l.elicit(ctx, c, params)
	}
	text, ok := l.answer(ctx, c.Message, session, elicit)
	session.Flush()
	if c.Method == string(mcp.MethodInitialize) {
		client = session.Client()
		l.client.Store(&client) // before the next line is read
	}
	delivered = l.out.send(lines, text, func() bool { return l.calls.finish(c) }) && ok
}

// answer returns the reply to m. ok is false if it is not the handler's, which panicked
// or made no JSON.
func (l *loop) answer(ctx context.Context, m *rpc.Message, s *rpc.Session, elicit rpc.Elicit) (reply []byte, ok bool) {
	defer func() {
		if value := recover(); value != nil {
			l.logger.ErrorContext(ctx, "message handler panicked",
				"method", m.Method, "type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()))
			reply, ok = rpc.ErrInternal.Reply(m.ID), false
		}
	}()
	reply, rpcErr := s.Encode(s.Handle(ctx, l.mcp, elicit))
	return reply, rpcErr != rpc.ErrInternal
}
