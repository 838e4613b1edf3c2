package stdio

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

const (
	// maxAsks is how many requests of the server may wait for the client.
	maxAsks = 32
	// withdrawTime is how long a client that does not read holds up the end of
	// a request that was taken back.
	withdrawTime = 100 * time.Millisecond
)

var (
	errTooManyAsks = errors.New("too many requests wait for the client already")
	errAskOver     = errors.New("the call or the connection has ended")
)

// asks are the requests of the server that wait for the client's answer. Their
// ids are strings of our own, which no client has for its requests.
type asks struct {
	mu   sync.Mutex
	last int
	open map[string]chan message
}

// add opens a request; whoever adds removes it. The channel takes one answer
// without anybody receiving it, so the reader never waits.
func (a *asks) add() (id string, answer <-chan message, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.open) >= maxAsks {
		return "", nil, errTooManyAsks
	}
	if a.open == nil {
		a.open = map[string]chan message{}
	}
	a.last++
	id = "server-" + strconv.Itoa(a.last)
	c := make(chan message, 1)
	a.open[id] = c
	return id, c, nil
}

func (a *asks) remove(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.open, id)
}

// answer hands m to whoever asked. A second answer, or one to nothing, is
// dropped.
func (a *asks) answer(m message) {
	var id string
	if json.Unmarshal(m.ID, &id) != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.open[id]; c != nil {
		delete(a.open, id)
		c <- m
	}
}

// elicit sends the client an elicitation on behalf of c and waits for the answer,
// at most until ctx or the call ends. A request that nobody waits for any more is
// taken back.
func (l *loop) elicit(ctx context.Context, c *call, params mcp.ElicitationParams) (*mcp.ElicitationResult, error) {
	id, answer, err := l.asks.add()
	if err != nil {
		return nil, err
	}
	defer l.asks.remove(id)
	text, err := json.Marshal(ask{mcp.JSONRPC_VERSION, id, mcp.MethodElicitationCreate, params})
	if err != nil {
		return nil, err
	}
	if !l.out.offer(ctx, text, func() bool { return l.calls.owes(c) }) {
		return nil, cmp.Or(ctx.Err(), errAskOver)
	}
	select {
	case m := <-answer:
		return elicited(m)
	case <-ctx.Done():
		l.withdraw(ctx, id)
		return nil, ctx.Err()
	case <-c.done:
	case <-l.out.stopped:
	}
	return nil, errAskOver
}

// withdraw tells the client that a request of ours needs no answer any more.
func (l *loop) withdraw(ctx context.Context, id string) {
	text, err := json.Marshal(withdrawal{mcp.JSONRPC_VERSION, mcp.MethodNotificationCancelled, withdrawn{id, "No answer is needed any more."}})
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawTime)
	defer cancel()
	l.out.offer(ctx, text, always)
}

type ask struct {
	Version string        `json:"jsonrpc"`
	ID      string        `json:"id"`
	Method  mcp.MCPMethod `json:"method"`
	Params  any           `json:"params"`
}

type withdrawal struct {
	Version string        `json:"jsonrpc"`
	Method  mcp.MCPMethod `json:"method"`
	Params  withdrawn     `json:"params"`
}

type withdrawn struct {
	RequestID string `json:"requestId"`
	Reason    string `json:"reason"`
}

// elicited reads the client's answer. The words of an error are the client's own,
// and are not passed on.
func elicited(m message) (*mcp.ElicitationResult, error) {
	if m.Error != nil {
		return nil, errors.New("the client answered with an error")
	}
	var result mcp.ElicitationResult
	if err := json.Unmarshal(m.Result, &result); err != nil {
		return nil, fmt.Errorf("the client's answer: %w", err)
	}
	switch result.Action {
	case mcp.ElicitationResponseActionAccept, mcp.ElicitationResponseActionDecline, mcp.ElicitationResponseActionCancel:
		return &result, nil
	}
	return nil, errors.New("the client's answer has no action that is known")
}
