package streamable

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/server/rpc"
)

type messageKey struct{}

// messageOf returns the request's message, which readMessage has put there.
func messageOf(ctx context.Context) *rpc.Message {
	m, _ := ctx.Value(messageKey{}).(*rpc.Message)
	return m
}

// readMessage reads the body of at most limit bytes, and puts its message into the context.
func readMessage(limit int64) middleware {
	var memory atomic.Int64
	memory.Store(limit * maxLargeBodies)
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		body := &limitedReader{body: http.MaxBytesReader(w, r.Body, limit), free: &memory}
		defer body.release()
		text, err := io.ReadAll(body)
		if err != nil {
			refuseBody(w, err)
			return
		}
		m, rpcErr := rpc.Parse(rpc.Trim(text))
		if rpcErr != nil {
			refuse(w, m.ID, http.StatusBadRequest, rpcErr)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), messageKey{}, m)))
	}
}

func refuseBody(w http.ResponseWriter, err error) {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		refuse(w, nil, http.StatusRequestEntityTooLarge, errBodySize)
	case errors.Is(err, errNoMemory):
		refuseBusy(w, nil, errTooManyBig)
	case errors.Is(err, os.ErrDeadlineExceeded):
		refuse(w, nil, http.StatusRequestTimeout, errBodyTime)
	default:
		refuse(w, nil, http.StatusBadRequest, errBodyEnd)
	}
}

// dropUnused accepts what has no effect over HTTP: a reply, since the server asks nothing,
// and a cancellation, whose id may be that of another client's call. A client cancels its
// own by closing the connection.
func dropUnused(w http.ResponseWriter, r *http.Request, next http.Handler) {
	m := messageOf(r.Context())
	switch {
	case m.IsReply() && mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion)):
		refuse(w, m.ID, http.StatusBadRequest, errModernReply)
	case m.IsReply(), m.ID == nil && m.Method == string(mcp.MethodNotificationCancelled):
		w.WriteHeader(http.StatusAccepted)
	default:
		next.ServeHTTP(w, r)
	}
}

const (
	freeBytes      = 64 << 10 // of each body that are not counted
	maxLargeBodies = 32       // of the largest size at a time
)

var errNoMemory = errors.New("no memory for another large body")

// limitedReader reads a body as long as there is memory for it, so that large bodies
// together do not exhaust the process: a wait keeps its arguments. A body holds memory
// from its first byte until release, and those of the usual size none.
type limitedReader struct {
	body       io.Reader
	free       *atomic.Int64 // bytes, of all bodies
	read, held int64
}

// Read fails with errNoMemory where there is none.
func (b *limitedReader) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	b.read += int64(n)
	more := max(b.read-freeBytes, 0) - b.held
	if b.free.Add(-more) < 0 {
		b.free.Add(more)
		return n, errNoMemory
	}
	b.held += more
	return n, err
}

// release returns what the body held.
func (b *limitedReader) release() {
	b.free.Add(b.held)
	b.held = 0
}
