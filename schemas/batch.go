package schemas

import (
	"encoding/json"
	"strconv"
	"strings"
)

// A Batch is what every tool answers with that starts, follows or stops many runs
// of one workflow or template.
type Batch struct {
	BatchID    string `json:"batch_id"`
	WorkflowID string `json:"workflow_id,omitempty"`
	TemplateID string `json:"template_id,omitempty"`
	// Total is how many rows were asked for.
	Total  int         `json:"total"`
	Counts BatchCounts `json:"counts"`
	// Done says that no row changes any more.
	Done bool `json:"done"`
	// NeedsHuman says that a row waits for a person to act: one that is paused.
	NeedsHuman bool `json:"needs_human"`
	// Summary is one sentence for a person.
	Summary          string    `json:"summary"`
	NextStep         *NextStep `json:"next_step,omitempty"`
	PollAfterSeconds int       `json:"poll_after_seconds,omitempty"`
	// Credits is what the runs have cost so far, as far as the API tells.
	Credits int64 `json:"credits,omitempty"`
	// Rows has all rows, in the order in which they were asked for.
	Rows []BatchRow `json:"rows"`
	// Deduplicated says that this batch was asked for before and not made again.
	Deduplicated bool     `json:"deduplicated,omitempty"`
	Warnings     []string `json:"warnings"`
}

// BatchCounts tells how many rows are in which state.
type BatchCounts struct {
	Queued   int `json:"queued,omitempty"`
	Starting int `json:"starting,omitempty"`
	// Running counts all tasks that have not ended, but for those that are paused.
	Running  int `json:"running,omitempty"`
	Paused   int `json:"paused,omitempty"`
	Finished int `json:"finished,omitempty"`
	Failed   int `json:"failed,omitempty"`
	Canceled int `json:"canceled,omitempty"`
	// Refused counts rows that were not started, GivenUp those that never will be.
	Refused int `json:"refused,omitempty"`
	GivenUp int `json:"given_up,omitempty"`
}

// A BatchRow is one run of a batch.
type BatchRow struct {
	// Row is the row's place in what was asked for, from 1.
	Row    int    `json:"row"`
	TaskID string `json:"task_id,omitempty"`
	// Status is the task's; without a task queued, starting, may_have_started,
	// refused or given_up.
	Status  string `json:"status"`
	Credits *int64 `json:"credits,omitempty"`
	// Rows is nil for an output that has none, or that is not known.
	Rows  *int   `json:"rows,omitempty"`
	Error string `json:"error,omitempty"`
	// LiveURL is where a person can act; only of a row that is paused.
	LiveURL string `json:"live_url,omitempty"`
	// SameAs is the row with the same inputs whose run this is; 0 for most.
	SameAs int `json:"same_as,omitempty"`
	// Deduplicated says that the run was started before and outside of the batch.
	Deduplicated bool `json:"deduplicated,omitempty"`
}

// A Quorum says for how many rows of a batch a call waits: "any", "all", or a
// number in digits. Empty means not sent.
type Quorum string

// The quorums that are words.
const (
	QuorumAny Quorum = "any"
	QuorumAll Quorum = "all"
)

// Rows returns the number of rows that q asks for, 0 for a word.
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
