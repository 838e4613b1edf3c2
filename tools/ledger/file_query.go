package ledger

import (
	"strings"
	"time"
)

const (
	isLive      = "state IN ('intended', 'started', 'unknown')"
	isUnsettled = "state IN ('intended', 'unknown')"
)

// where returns q as a condition, and its arguments. It asks for the same runs as
// q.matches.
func (q query) where() (string, []any) {
	var w where
	w.equal("id", q.id, q.id != 0)
	w.equal("caller", q.caller, q.caller != "")
	w.equal("task", q.task, q.task != "")
	w.equal("fingerprint", q.fingerprint, q.fingerprint != "")
	w.equal("kind", q.kind, q.kind != "")
	w.equal("target", q.target, q.target != "")
	w.equal("status", q.status, q.status != "")
	w.equal("state", q.state, q.state != "")
	w.and(isLive, q.live)
	w.and(isUnsettled, q.unsettled)
	w.and("ended_at = 0", q.open)
	w.bound("begun_at >= ?", q.begunFrom)
	w.bound("sent_at >= ?", q.sentFrom)
	w.bound("sent_at <= ?", q.sentTo)
	return strings.Join(append(w.terms, "TRUE"), " AND "), w.args
}

// A where is a condition in the making.
type where struct {
	terms []string
	args  []any
}

func (w *where) equal(column string, value any, asked bool) {
	if w.and(column+" = ?", asked); asked {
		w.args = append(w.args, value)
	}
}

func (w *where) bound(term string, t time.Time) {
	if w.and(term, !t.IsZero()); !t.IsZero() {
		w.args = append(w.args, millis(t))
	}
}

func (w *where) and(term string, asked bool) {
	if asked {
		w.terms = append(w.terms, term)
	}
}

// marks returns n question marks.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
