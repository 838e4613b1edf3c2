package streamable

import (
	"bytes"
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
		m, rpcErr := rpc.Parse(bytes.TrimSpace(text))
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

// dropUnused accepts what has no effect over HTTP. The server asks nothing of a
// client, so there is no reply to take. A cancellation names an id, which without
// sessions may be that of another client's call; mcp-go would cancel it. A client
// cancels its own call by closing the connection.
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
