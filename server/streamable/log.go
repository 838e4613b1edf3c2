package streamable

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// writePiece is how many bytes a client has to read within writeTimeout.
const writePiece = 32 << 10

// logRequests bounds every write and logs the request once it is answered: never
// the query string, a header's value or an unknown path, where keys end up.
func logRequests(log *slog.Logger) middleware {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		start := time.Now()
		rec := &response{ResponseWriter: w}
		defer func() {
			// net/http still has to send the end of the answer.
			rec.setWriteDeadline(time.Now().Add(writeTimeout))
			log.DebugContext(r.Context(), "http request", "method", r.Method, "path", knownPath(r.URL.Path),
				"status", rec.status, "bytes", rec.bytes, "duration", time.Since(start), "remote", r.RemoteAddr)
		}()
		next.ServeHTTP(rec, r)
	}
}

// response remembers how it was answered and bounds the time of each write.
type response struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader sends the status, and what an event stream needs on its way
// through proxies that would buffer, transform or keep it.
func (w *response) WriteHeader(status int) {
	w.status = status
	if h := w.Header(); strings.HasPrefix(h.Get("Content-Type"), mediaStream) {
		h.Set("Cache-Control", "no-store, no-transform")
		h.Set("X-Accel-Buffering", "no")
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write gives every piece of p its own writeTimeout: a client on a slow line reads,
// if not all of a large answer in that time.
func (w *response) Write(p []byte) (written int, err error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	defer w.setWriteDeadline(time.Time{})
	for piece := range slices.Chunk(p, writePiece) {
		w.setWriteDeadline(time.Now().Add(writeTimeout))
		n, err := w.ResponseWriter.Write(piece)
		written += n
		w.bytes += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// FlushError flushes within writeTimeout.
func (w *response) FlushError() error {
	w.setWriteDeadline(time.Now().Add(writeTimeout))
	defer w.setWriteDeadline(time.Time{})
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// setWriteDeadline is cleared after each write: over HTTP/2 it resets an idle stream too.
func (w *response) setWriteDeadline(t time.Time) {
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(t)
}

// recoverPanic answers 500 and logs type and stack of a panic; its value may hold a key.
func recoverPanic(log *slog.Logger) middleware {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			log.ErrorContext(r.Context(), "panic in the HTTP handler", "type", fmt.Sprintf("%T", cause), "stack", string(debug.Stack()))
			if rec, ok := w.(*response); ok && rec.status != 0 {
				panic(http.ErrAbortHandler) // half an answer must not look whole
			}
			refuse(w, nil, http.StatusInternalServerError, errPanicked)
		}()
		next.ServeHTTP(w, r)
	}
}

// hardenResponse keeps answers out of caches and content sniffing.
func hardenResponse(w http.ResponseWriter, r *http.Request, next http.Handler) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	next.ServeHTTP(w, r)
}
