package simulator

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Codes of the API. The real ones of those marked so are not documented.
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
	codeInvalidArgument = 400   // invented
)

// minGzip is the size in bytes of the smallest answer that is compressed.
const minGzip = 1024

// An answer is a whole reply: a body, or an error if code or msg is set.
type answer struct {
	status      int // 0: 200; of an error 400, or that of WithErrorStatus
	code        int
	msg         string
	contentType string      // empty: application/json
	header      http.Header // beside those that every answer has
	body        []byte
}

func refuse(code int, msg string) answer { return answer{code: code, msg: msg} }

// refuseHTTP refuses a request with an HTTP status that is also the code.
func refuseHTTP(status int, msg string) answer { return answer{status: status, code: status, msg: msg} }

func encode(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("simulator: encode %T: %v", v, err))
	}
	return bytes.TrimRight(buf.Bytes(), "\n")
}

// envelope is how an error is sent, and some successes.
type envelope struct {
	Code    int             `json:"code"`
	Msg     string          `json:"msg"`
	Data    json.RawMessage `json:"data"`
	TS      int64           `json:"ts"`
	Time    string          `json:"time"`
	TraceID string          `json:"traceId"`
}

// envelope makes the nth envelope. Its time has both known forms, in turn.
func (c *clock) envelope(n int64, code int, msg string, data []byte) []byte {
	now := c.api(c.now())
	e := envelope{Code: code, Msg: msg, Data: data, TS: now.UnixMilli(), Time: now.Format(time.RFC3339), TraceID: traceID(n)}
	if n%2 == 0 {
		e.Time = now.Format(time.DateTime)
	}
	return encode(e)
}

func traceID(n int64) string {
	return fmt.Sprintf("%016x%016x", uint64(n)*0x9E3779B97F4A7C15, uint64(n)*0xD1B54A32D192ED03)
}

// render gives an answer its status, and an error its body: as JSON or as */*, in turn.
func (a *Account) render(ans answer) answer {
	if ans.code == 0 && ans.msg == "" {
		ans.status = cmp.Or(ans.status, http.StatusOK)
		return ans
	}
	n := a.traces.Add(1)
	ans.body = a.clock.envelope(n, ans.code, ans.msg, nil)
	ans.status = cmp.Or(ans.status, a.errorStatus, http.StatusBadRequest)
	if n%2 == 0 {
		ans.contentType = "*/*"
	}
	return ans
}

// write sends the answer as the faults of its request want it: cut off, stalled, or
// whole and compressed if the request accepts that.
func (a *Account) write(w http.ResponseWriter, r *http.Request, ans answer, e effect) {
	h, cut := w.Header(), len(ans.body)
	h.Set("Date", a.clock.api(a.clock.now()).Add(a.clock.headerOffset).Format(http.TimeFormat))
	if ans.contentType != "" || len(ans.body) > 0 {
		h.Set("Content-Type", cmp.Or(ans.contentType, "application/json"))
	}
	maps.Copy(h, ans.header)
	switch {
	case e.truncate > 0:
		cut = min(e.truncate, cut)
	case e.stall > 0:
		cut /= 2
	case !a.plain && len(ans.body) >= minGzip && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip"):
		compress(w, ans)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(ans.body)))
	w.WriteHeader(ans.status)
	_, _ = w.Write(ans.body[:cut])
	if e.truncate == 0 && e.stall == 0 {
		return
	}
	_ = http.NewResponseController(w).Flush()
	if e.truncate > 0 || !sleep(r.Context(), e.stall) {
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(ans.body[cut:])
}

func compress(w http.ResponseWriter, ans answer) {
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(ans.status)
	z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
	_, _ = z.Write(ans.body)
	_ = z.Close()
}
