package stdio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/mark3labs/mcp-go/mcp"
)

// read takes every line of in and returns nil at its end.
func (l *loop) read(ctx context.Context, in io.Reader) error {
	lines := newLineReader(in, l.maxLine)
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
		l.refuse(next.id(), errTooLong(l.maxLine))
		return
	}
	// Some shells start a pipe with a byte order mark.
	text := bytes.TrimSpace(bytes.TrimPrefix(next.text, []byte("\ufeff")))
	if len(text) == 0 {
		return
	}
	m, err := parse(text)
	switch {
	case err != nil:
		l.refuse(m.ID, err)
	case m.isResponse():
		l.asks.answer(m)
	case m.ID == nil && m.Method == string(mcp.MethodNotificationCancelled):
		l.calls.cancel(m.cancelled())
	case m.ID == nil:
		l.answer(ctx, m, nil)
	default:
		l.begin(ctx, m)
	}
}

func (l *loop) refuse(id json.RawMessage, why error) {
	l.out.send(refusalLine(id, why), always)
}

// begin runs a request beside the others. Only initialize holds up what follows
// it, so that its reply comes first.
func (l *loop) begin(ctx context.Context, m message) {
	ctx, cancel := context.WithCancel(ctx)
	c, err := l.calls.open(m, cancel)
	if err != nil {
		cancel()
		l.refuse(m.ID, err)
		return
	}
	l.crew.run(func() { l.run(ctx, c) }) // ended by cancel, awaited through l.calls
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
	session := l.session(ctx, c)
	reply := l.answer(l.enter(ctx, c, session), c.message, session)
	session.flush()
	if c.Method == string(mcp.MethodInitialize) {
		l.client.Store(&session.client) // before the next line is read
	}
	l.out.send(reply, func() bool { return l.calls.settle(c) })
}

// enter returns ctx with what mcp-go sees of the client.
func (l *loop) enter(ctx context.Context, c *call, s *session) context.Context {
	if c.Method != string(mcp.MethodSubscriptionsListen) {
		return l.mcp.WithContext(ctx, s)
	}
	return l.subscribe(ctx, s) // c ends ctx at the latest
}

// session is what mcp-go sees of the client during c.
func (l *loop) session(ctx context.Context, c *call) *session {
	s := newSession(c.key, func(n mcp.JSONRPCNotification) { l.notify(ctx, c, n) })
	s.elicit = func(ctx context.Context, params mcp.ElicitationParams) (*mcp.ElicitationResult, error) {
		return l.elicit(ctx, c, params)
	}
	if known := l.client.Load(); known != nil {
		s.client = *known
	}
	return s
}

// notify sends one of c's notifications, unless c was cancelled meanwhile.
func (l *loop) notify(ctx context.Context, c *call, n mcp.JSONRPCNotification) {
	if c.Method == string(mcp.MethodSubscriptionsListen) {
		n = inSubscription(n, c.ID)
	}
	l.tell(ctx, n, func() bool { return l.calls.owes(c) })
}

// answer returns the reply to m, whose session is nil for a notification. Whatever
// happens inside, there is one.
func (l *loop) answer(ctx context.Context, m message, s *session) (reply []byte) {
	defer func() {
		if value := recover(); value != nil {
			l.logger.ErrorContext(ctx, "message handler panicked",
				"method", m.Method, "type", fmt.Sprintf("%T", value), "stack", string(debug.Stack()))
			reply = refusalLine(m.ID, errInternal)
		}
	}()
	reply, err := json.Marshal(withID(l.mcp.HandleMessage(ctx, m.text), m.ID, s))
	if err != nil {
		l.logger.ErrorContext(ctx, "reply is not valid JSON", "method", m.Method, "error", err)
		return refusalLine(m.ID, errInternal)
	}
	return reply
}
