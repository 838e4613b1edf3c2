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
	body   []byte          // until the core has it
	id     json.RawMessage // as sent; nil for a notification
	method string          // "" for a response
	params json.RawMessage // until settleRevision
	modern bool            // of the revision 2026-07-28 or later
}

type messageKey struct{}

// messageOf returns the request's message, which readMessage has put there.
func messageOf(ctx context.Context) *message {
	m, _ := ctx.Value(messageKey{}).(*message)
	return m
}

// listens reports whether m opens a stream of what the server has to tell.
func (m *message) listens() bool {
	return m.modern && m.id != nil && m.method == string(mcp.MethodSubscriptionsListen)
}

// readMessage reads the whole body, at most limit bytes however it is framed,
// and puts the one message in it into the context.
func readMessage(limit int64) middleware {
	room := newRoom(limit)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			bounded := room.reader(http.MaxBytesReader(w, r.Body, limit))
			defer bounded.leave()
			body, err := io.ReadAll(bounded)
			if err != nil {
				refuseBody(w, err)
				return
			}
			m, complaint := parseMessage(body)
			if complaint != nil {
				refuseWith(w, nil, http.StatusBadRequest, *complaint)
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
	case errors.Is(err, errNoRoom):
		w.Header().Set("Retry-After", retryAfter)
		refuse(w, nil, http.StatusServiceUnavailable, codeBusy, "The server is busy: too many large requests are in flight. Try again in a few seconds, or send shorter arguments.")
	case errors.Is(err, os.ErrDeadlineExceeded):
		refuse(w, nil, http.StatusRequestTimeout, codeInvalidRequest, "The request body took too long to arrive.")
	default:
		refuse(w, nil, http.StatusBadRequest, codeParseError, "The request body ended early.")
	}
}

// parseMessage also refuses what is not UTF-8: encoding/json would change an id
// that is not, and a reply has to carry it as it was sent.
func parseMessage(body []byte) (*message, *mcp.JSONRPCErrorDetails) {
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("[")) {
		return nil, &mcp.JSONRPCErrorDetails{Code: codeInvalidRequest, Message: "Batches are not supported. Send one message a request."}
	}
	var envelope struct {
		ID     single `json:"id"`
		Method single `json:"method"`
		Params single `json:"params"`
	}
	err := json.Unmarshal(body, &envelope)
	if errors.Is(err, errTwice) {
		return nil, &mcp.JSONRPCErrorDetails{Code: codeInvalidRequest, Message: "Invalid request: the message has a field twice."}
	}
	m := &message{body: body, id: json.RawMessage(envelope.ID), params: json.RawMessage(envelope.Params)}
	if err == nil && envelope.Method != nil {
		err = json.Unmarshal(envelope.Method, &m.method)
	}
	if err != nil {
		return nil, &mcp.JSONRPCErrorDetails{Code: codeParseError, Message: "The request body is no JSON-RPC message."}
	}
	if !utf8.Valid(body) {
		return nil, &mcp.JSONRPCErrorDetails{Code: codeParseError, Message: "The request body is not valid UTF-8."}
	}
	if bytes.Equal(m.id, []byte("null")) {
		m.id = nil
	}
	if len(m.id) > 0 && bytes.ContainsAny(m.id[:1], "{[tf") {
		return nil, &mcp.JSONRPCErrorDetails{Code: codeInvalidRequest, Message: "Invalid request: an id is a string or a number."}
	}
	return m, nil
}

var errTwice = errors.New("a field is there twice")

// single is a field that a message has once at most. encoding/json takes the last of
// two, or puts both together where it fills a struct as mcp-go does: what was checked
// here would be another message than the one that is answered.
type single json.RawMessage

// UnmarshalJSON keeps the value, the first time.
func (s *single) UnmarshalJSON(data []byte) error {
	if *s != nil {
		return errTwice
	}
	*s = bytes.Clone(data)
	return nil
}

// dropResponse accepts a response and does nothing: nothing is asked of a client
// over HTTP, and since 2026-07-28 nothing can be.
func dropResponse(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch m := messageOf(r.Context()); {
		case m.method != "" || m.id == nil:
			next.ServeHTTP(w, r)
		case m.modern:
			refuse(w, m.id, http.StatusBadRequest, codeInvalidRequest, "Invalid request: there is no method, and responses are not taken in this revision.")
		default:
			w.WriteHeader(http.StatusAccepted)
		}
	})
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
