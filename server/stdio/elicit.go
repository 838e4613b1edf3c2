package stdio

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/rpc"
)

// maxRequests is how many requests of the server may wait for the client.
const maxRequests = 32

var (
	errTooManyRequests = errors.New("too many requests wait for the client already")
	errCallEnded       = errors.New("the call or the connection has ended")
)

// requests are those of the server that wait for the client's answer. Their ids are
// strings of our own, which no client has for its requests.
type requests struct {
	mu   sync.Mutex
	last int
	open map[string]chan *rpc.Message
}

// add opens a request, which the caller removes. The channel has room for the answer.
func (rs *requests) add() (id string, answer <-chan *rpc.Message, err error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if len(rs.open) >= maxRequests {
		return "", nil, errTooManyRequests
	}
	rs.last++
	id = "server-" + strconv.Itoa(rs.last)
	c := make(chan *rpc.Message, 1)
	rs.open[id] = c
	return id, c, nil
}

func (rs *requests) remove(id string) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	delete(rs.open, id)
}

// answer delivers m to its request. A second answer, or one to no request, is dropped.
func (rs *requests) answer(m *rpc.Message) {
	var id string
	if json.Unmarshal(m.ID, &id) != nil {
		return
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if c := rs.open[id]; c != nil {
		delete(rs.open, id)
		c <- m
	}
}

// elicit sends the client an elicitation and waits for the answer until ctx or the
// call ends. A request that is not waited for any more is cancelled.
func (l *loop) elicit(ctx context.Context, c *call, params mcp.ElicitationParams) (*mcp.ElicitationResult, error) {
	id, answer, err := l.requests.add()
	if err != nil {
		return nil, err
	}
	defer l.requests.remove(id)
	text, err := encode(id, mcp.MethodElicitationCreate, params)
	if err != nil {
		return nil, err
	}
	if !l.out.sendWithin(ctx, text, func() bool { return l.calls.isPending(c) }) && ctx.Err() == nil {
		return nil, errCallEnded
	}
	select {
	case m := <-answer:
		return elicited(m)
	case <-ctx.Done():
		l.cancelRequest(ctx, id)
		return nil, cmp.Or(ctx.Err(), errCallEnded)
	case <-c.done:
	case <-l.out.stopped:
	}
	return nil, errCallEnded
}

// cancelRequest cancels a request of the server.
func (l *loop) cancelRequest(ctx context.Context, id string) {
	params := map[string]string{"requestId": id, "reason": "No answer is needed any more."}
	text, _ := encode("", mcp.MethodNotificationCancelled, params) // texts can be encoded
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cancelTimeout)
	defer cancel()
	l.out.sendWithin(ctx, text, nil)
}

// encode returns a request of the server, or a notification if id is empty.
func encode(id string, method mcp.MCPMethod, params any) ([]byte, error) {
	return json.Marshal(struct {
		Version string        `json:"jsonrpc"`
		ID      string        `json:"id,omitempty"`
		Method  mcp.MCPMethod `json:"method"`
		Params  any           `json:"params"`
	}{mcp.JSONRPC_VERSION, id, method, params})
}

// elicited reads the client's answer. The words of an error are not passed on.
func elicited(m *rpc.Message) (*mcp.ElicitationResult, error) {
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
	return nil, errors.New("the client's answer has an unknown action")
}
