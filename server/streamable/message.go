package streamable

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"
)

const methodCancelled = string(mcp.MethodNotificationCancelled)

// message is the body of a POST with what the chain has to know of it.
type message struct {
	body   []byte
	id     json.RawMessage // as sent; nil for a notification
	method string          // "" for a response
}

type messageKey struct{}

func messageOf(ctx context.Context) message {
	m, _ := ctx.Value(messageKey{}).(message)
	return m
}

// readMessage reads the whole body, at most limit bytes however it is framed,
// and puts the one message in it into the context.
func readMessage(limit int64) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
			if err != nil {
				refuseBody(w, err)
				return
			}
			m, complaint := parseMessage(body)
			if complaint != nil {
				refuse(w, nil, http.StatusBadRequest, complaint.Code, complaint.Message)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), messageKey{}, m)))
		})
	}
}

func refuseBody(w http.ResponseWriter, err error) {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		refuse(w, nil, http.StatusRequestEntityTooLarge, codeInvalidRequest, "The request body is too large. Send shorter arguments.")
	case errors.Is(err, os.ErrDeadlineExceeded):
		refuse(w, nil, http.StatusRequestTimeout, codeInvalidRequest, "The request body took too long to arrive.")
	default:
		refuse(w, nil, http.StatusBadRequest, codeParseError, "The request body ended early.")
	}
}

// parseMessage also refuses what is not UTF-8: encoding/json would change an id
// that is not, and a reply has to carry it as it was sent.
func parseMessage(body []byte) (message, *rpcErrorDetail) {
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("[")) {
		return message{}, &rpcErrorDetail{Code: codeInvalidRequest, Message: "Batches are not supported. Send one message a request."}
	}
	var envelope struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
	}
	if err := json.Unmarshal(body, &envelope); err != nil {
		return message{}, &rpcErrorDetail{Code: codeParseError, Message: "The request body is no JSON-RPC message."}
	}
	if !utf8.Valid(body) {
		return message{}, &rpcErrorDetail{Code: codeParseError, Message: "The request body is not valid UTF-8."}
	}
	return message{body: body, id: replyID(envelope.ID), method: envelope.Method}, nil
}

// replyID is id if JSON-RPC can answer to it, a string or a number, else nil.
func replyID(id json.RawMessage) json.RawMessage {
	if len(id) == 0 || bytes.ContainsAny(id[:1], "n{[tf") {
		return nil
	}
	return id
}

// dropCancellation accepts notifications/cancelled and does nothing. Without
// sessions an id is only a guess at somebody's call, and mcp-go would cancel
// it for anybody. A client ends its own call by closing the connection.
func dropCancellation(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m := messageOf(r.Context()); m.method == methodCancelled && m.id == nil {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		next.ServeHTTP(w, r)
	})
}
