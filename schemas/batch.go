package schemas

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// A Batch is the result of each tool that starts, follows or stops many runs of one
// workflow or template.
type Batch struct {
	BatchID    string `json:"batch_id"`
	WorkflowID string `json:"workflow_id,omitempty"`
	TemplateID string `json:"template_id,omitempty"`
	// Total is the number of rows.
	Total  int         `json:"total"`
	Counts BatchCounts `json:"counts"`
	// Done says that no row changes any more.
	Done bool `json:"done"`
	// NeedsHuman says that a row is paused until the user acts.
	NeedsHuman bool `json:"needs_human"`
	// Summary is one sentence for the user.
	Summary          string    `json:"summary"`
	NextStep         *NextStep `json:"next_step,omitempty"`
	PollAfterSeconds int       `json:"poll_after_seconds,omitempty"`
	// Credits is what the runs have cost so far, as far as the API reports it.
	Credits int64 `json:"credits,omitempty"`
	// Rows has all rows in the order of the request.
	Rows []BatchRow `json:"rows"`
	// Deduplicated says that the batch had been started before, and not again.
	Deduplicated bool     `json:"deduplicated,omitempty"`
	Warnings     []string `json:"warnings"`
}

// BatchCounts is the number of rows in each state.
type BatchCounts struct {
	Queued   int `json:"queued,omitempty"`
	Starting int `json:"starting,omitempty"`
	// Running counts tasks that have not ended and are not paused.
	Running  int `json:"running,omitempty"`
	Paused   int `json:"paused,omitempty"`
	Finished int `json:"finished,omitempty"`
	Failed   int `json:"failed,omitempty"`
	Canceled int `json:"canceled,omitempty"`
	// Refused counts rows that could not be started, GivenUp those that are not
	// tried any more.
	Refused int `json:"refused,omitempty"`
	GivenUp int `json:"given_up,omitempty"`
}

// A BatchRow is one run of a batch.
type BatchRow struct {
	// Row is the row's position in the request, from 1.
	Row    int    `json:"row"`
	TaskID string `json:"task_id,omitempty"`
	// Status is the task's; without a task: queued, starting, may_have_started,
	// refused or given_up.
	Status  string `json:"status"`
	Credits *int64 `json:"credits,omitempty"`
	// Rows is nil for an output that has none or is unknown.
	Rows  *int   `json:"rows,omitempty"`
	Error string `json:"error,omitempty"`
	// LiveURL is where the user can act; of a paused row only.
	LiveURL string `json:"live_url,omitempty"`
	// SameAs is the row with the same inputs that shares its run; 0: none.
	SameAs int `json:"same_as,omitempty"`
	// Deduplicated says that the run had been started before, outside of the batch.
	Deduplicated bool `json:"deduplicated,omitempty"`
}

// A Quorum is for how many rows of a batch a call waits: "any", "all", or a number in
// digits. Empty means not sent.
type Quorum string

// The quorums in words.
const (
	QuorumAny Quorum = "any"
	QuorumAll Quorum = "all"
)

// Rows returns the number of rows, 0 for "any" and "all".
func (q Quorum) Rows() int {
	n, _ := strconv.Atoi(string(q))
	return n
}

func readQuorum(raw json.RawMessage) (Quorum, *valueError) {
	q := Quorum(strings.ToLower(trimmed(raw)))
	if number, ok := numberOf(raw); ok {
		digits, _ := exactInteger(number) // empty for a fraction
		q = Quorum(digits)
	}
	if q != QuorumAny && q != QuorumAll && q.Rows() < 1 {
		return "", invalid(`must be "any", "all" or a number of rows from 1 up; %s was sent.`, quoteJSON(raw))
	}
	return q, nil
}

// Untrusted returns the members whose text may come from a web page.
func (b *Batch) Untrusted() []string {
	if slices.ContainsFunc(b.Rows, func(row BatchRow) bool { return row.Error != "" }) {
		return []string{"rows.error"}
	}
	return nil
}
