package simulator

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Codes of the API. Those marked so are invented, since nobody has published
// what the real ones are.
const (
	codeUnauthorized    = 401
	codeNoTask          = 10112
	codeTooMany         = 10118
	codeEnded           = 10121
	codeNotPaused       = 10127
	codeNotPublished    = 10020
	codeNoWorkflow      = 10021 // invented
	codeNoTemplate      = 10022 // invented
	codeUnknownRegion   = 10023 // invented
	codeNoCredits       = 10024 // invented
	codeInvalidArgument = 400   // invented
)

// gzipFrom is the size in bytes from which answers are compressed.
const gzipFrom = 1024

// answer is a whole reply.
type answer struct {
	status      int
	contentType string      // empty: application/json
	header      http.Header // beside those that every answer has
	body        []byte
}

// refusal is an error that is answered. A status of 0 is 400, or what WithErrorStatus says.
type refusal struct {
	status int
	code   int
	msg    string
}

func badRequest(format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, code: codeInvalidArgument, msg: fmt.Sprintf(format, args...)}
}

// success is an answer with the resource itself.
func success(v any) answer {
	return answer{status: http.StatusOK, body: encode(v)}
}

// encode is v as JSON with characters left as they are.
func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("simulator: encode %T: %v", v, err))
	}
	return data
}

// envelope is how an error is answered, and some successes.
type envelope struct {
	Code    int             `json:"code"`
	Msg     string          `json:"msg"`
	Data    json.RawMessage `json:"data"`
	TS      int64           `json:"ts"`
	Time    string          `json:"time"`
	TraceID string          `json:"traceId"`
}

// envelope makes the nth one. Its time comes in either of the two forms seen,
// in turn.
func (a *Account) envelope(n, code int, msg string, data []byte) []byte {
	now := a.apiTime(a.now())
	e := envelope{
		Code: code, Msg: msg, Data: data, TS: now.UnixMilli(),
		Time: now.Format(time.RFC3339), TraceID: traceID(n),
	}
	if n%2 == 0 {
		e.Time = now.Format(time.DateTime)
	}
	return encode(e)
}

func traceID(n int) string {
	return fmt.Sprintf("%016x%016x", uint64(n)*0x9E3779B97F4A7C15, uint64(n)*0xD1B54A32D192ED03)
}

// failure answers an error, as JSON or as */*, in turn.
func (a *Account) failure(f *refusal) answer {
	a.mu.Lock()
	n := a.ids.next(kindTrace)
	a.mu.Unlock()
	ans := answer{status: f.status, body: a.envelope(n, f.code, f.msg, nil)}
	if ans.status == 0 {
		ans.status = http.StatusBadRequest
		if a.errorStatus != 0 {
			ans.status = a.errorStatus
		}
	}
	if n%2 == 0 {
		ans.contentType = "*/*"
	}
	return ans
}

// write sends the answer, compressed if the request accepts that.
func (a *Account) write(w http.ResponseWriter, r *http.Request, ans answer) {
	a.writeHeader(w, ans)
	if a.plain || len(ans.body) < gzipFrom || !acceptsGzip(r) {
		w.Header().Set("Content-Length", strconv.Itoa(len(ans.body)))
		w.WriteHeader(ans.status)
		_, _ = w.Write(ans.body)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(ans.status)
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
	_, _ = z.Write(ans.body)
	_ = z.Close()
}

// truncate sends the first n bytes, with the whole length announced, and breaks
// the connection.
func (a *Account) truncate(w http.ResponseWriter, ans answer, n int) {
	a.writePart(w, ans, n)
	panic(http.ErrAbortHandler)
}

// stall sends half of the answer, and the rest after d.
func (a *Account) stall(w http.ResponseWriter, r *http.Request, ans answer, d time.Duration) {
	half := len(ans.body) / 2
	a.writePart(w, ans, half)
	if !hold(r.Context(), d) {
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(ans.body[half:])
}

// writePart sends the head and the first n bytes, uncompressed, at once.
func (a *Account) writePart(w http.ResponseWriter, ans answer, n int) {
	a.writeHeader(w, ans)
	w.Header().Set("Content-Length", strconv.Itoa(len(ans.body)))
	w.WriteHeader(ans.status)
	_, _ = w.Write(ans.body[:min(n, len(ans.body))])
	_ = http.NewResponseController(w).Flush()
}

func (a *Account) writeHeader(w http.ResponseWriter, ans answer) {
	h := w.Header()
	h.Set("Date", a.apiTime(a.now()).Add(a.headerAhead).Format(http.TimeFormat))
	if len(ans.body) > 0 {
		h.Set("Content-Type", "application/json")
	}
	if ans.contentType != "" {
		h.Set("Content-Type", ans.contentType)
	}
	maps.Copy(h, ans.header)
}

func acceptsGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}
