package batch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// maxRowTexts is how many bytes the errors and addresses of all rows of an answer have
// together.
const maxRowTexts = 60_000

// describe makes the answer: one table, a row a run. The rows are not followed any more.
func (s *state) describe(ctx context.Context) schemas.Batch {
	w := s.m.workers.latest(s)
	working := w.working()
	for _, text := range w.warned() {
		s.warn(text)
	}
	b := schemas.Batch{BatchID: s.batch.ID, WorkflowID: s.batch.TargetID, Rows: s.table(ctx), Warnings: append([]string{}, s.warnings.all()...)}
	if s.batch.Kind == ledger.Template {
		b.WorkflowID, b.TemplateID = "", s.batch.TargetID
	}
	s.addCounts(&b)
	fit(&b)
	b.Summary = s.summary(&b, working)
	s.suggest(&b, working)
	s.reportAfterReply(ctx)
	return b
}

// addCounts adds how many rows are in which state, and what they have cost.
func (s *state) addCounts(b *schemas.Batch) {
	b.Total = len(s.settings.Rows)
	for _, number := range s.settings.Rows {
		*countOf(&b.Counts, &s.rows[number-1])++
	}
	for _, r := range s.rows {
		if r.credits != nil {
			b.Credits += *r.credits
		}
	}
	b.Done = s.countRequested((*row).done) == b.Total
	b.NeedsHuman = b.Counts.Paused > 0
}

// table lists the rows as they were asked for.
func (s *state) table(ctx context.Context) []schemas.BatchRow {
	table := make([]schemas.BatchRow, len(s.settings.Rows))
	for i, number := range s.settings.Rows {
		if first := slices.Index(s.settings.Rows, number); first < i {
			table[i] = schemas.BatchRow{Row: i + 1, TaskID: table[first].TaskID, Status: table[first].Status, SameAs: first + 1}
			continue
		}
		table[i] = s.describeRow(ctx, &s.rows[number-1])
		table[i].Row = i + 1
	}
	return table
}

func (s *state) describeRow(ctx context.Context, r *row) schemas.BatchRow {
	row := schemas.BatchRow{TaskID: r.TaskID, Status: r.statusText(), Credits: r.credits, Error: cmp.Or(r.Reason, r.failure)}
	row.Deduplicated = r.adopted(s.batch.ID)
	if row.Status == present.StatusMayHaveStarted {
		row.Error = cmp.Or(row.Error, r.candidates())
	}
	if end, known := s.m.workers.result(s.caller, r.TaskID); known && r.ended() {
		row.Rows = end.rows
		row.Error = cmp.Or(row.Error, end.failure)
	}
	if r.isPaused() {
		row.LiveURL = cmp.Or(r.liveURL, s.m.Runs.Client.LastLiveURL(ctx, r.TaskID))
	}
	return row
}

// candidates says which tasks may be the row's, if searches have found any.
func (r *row) candidates() string {
	ids := r.open.Absence.Candidates
	if len(ids) == 0 {
		return ""
	}
	return sanitize.OneLine("its task may be "+strings.Join(ids[:min(len(ids), runs.MaxNamed)], ", ")+"; only the user knows. To start it once more, run it alone with allow_duplicate", maxRowError)
}

// statusText is the row's status in an answer.
func (r *row) statusText() string {
	switch {
	case r.State == ledger.RowStarted:
		return sanitize.OneLine(string(r.status), runs.MaxName)
	case r.open.State == ledger.Unknown, r.open.ID != 0 && !r.open.Leased:
		return present.StatusMayHaveStarted
	}
	return string(r.State)
}

// countOf is the count that a row belongs to.
func countOf(c *schemas.BatchCounts, r *row) *int {
	switch {
	case isQueued(r):
		return &c.Queued
	case isStarting(r):
		return &c.Starting
	case isGivenUp(r):
		return &c.GivenUp
	case r.State == ledger.RowRefused:
		return &c.Refused
	case r.status == browseract.TaskPaused:
		return &c.Paused
	case r.status == browseract.TaskFinished:
		return &c.Finished
	case r.status == browseract.TaskFailed:
		return &c.Failed
	case r.status == browseract.TaskCanceled:
		return &c.Canceled
	}
	return &c.Running
}

// fit leaves out what would make the answer too long for a client. Addresses come before
// errors: a person needs them.
func fit(b *schemas.Batch) {
	left, cut := maxRowTexts, 0
	keep := func(text *string) {
		if len(*text) > left {
			*text = ""
			cut++
		}
		left -= len(*text)
	}
	for i := range b.Rows {
		keep(&b.Rows[i].LiveURL)
	}
	for i := range b.Rows {
		keep(&b.Rows[i].Error)
	}
	if cut > 0 {
		b.Warnings = append(b.Warnings, fmt.Sprintf("%d errors or live views are left out of this answer for its length: get_task shows them.", cut))
	}
}

// summary is the state of the batch in words for a person.
func (s *state) summary(b *schemas.Batch, working bool) string {
	text := fmt.Sprintf("Of %d rows: %s.", b.Total, countText(b.Counts))
	if b.Credits > 0 {
		text += fmt.Sprintf(" They have used %d credits.", b.Credits)
	}
	if b.NeedsHuman {
		text += s.m.askUser(b.Rows)
	}
	if b.Counts.Queued > 0 && !working && !s.m.ReadOnly {
		text += " No more rows are started; call get_batch with continue to start the queued rows."
	}
	return text
}

func countText(c schemas.BatchCounts) string {
	var parts []string
	for _, part := range []struct {
		n    int
		text string
	}{
		{c.Finished, "finished"},
		{c.Failed, "failed"},
		{c.Canceled, "canceled"},
		{c.Refused, "not started"},
		{c.GivenUp, "given up"},
		{c.Paused, "waiting for a person"},
		{c.Running, "running"},
		{c.Starting, "starting"},
		{c.Queued, "in the queue"},
	} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.text))
		}
	}
	return strings.Join(parts, ", ")
}

// askUser says what the user has to do for the rows that are paused.
func (m *Manager) askUser(rows []schemas.BatchRow) string {
	where := "the live_url (or the task in the BrowserAct dashboard)"
	if m.HideLiveURLs {
		where = "the task in the BrowserAct dashboard"
	}
	text := fmt.Sprintf(" %s for a person: ask the user to open %s, do what the page asks for and say when it is done.", pausedRows(rows), where)
	if !m.ReadOnly {
		text += " Only then call resume_task with the row's task_id."
	}
	return text
}

// pausedRows names the rows that are paused, as the beginning of a sentence.
func pausedRows(rows []schemas.BatchRow) string {
	var numbers []string
	for _, row := range rows {
		if row.Status == string(browseract.TaskPaused) {
			numbers = append(numbers, fmt.Sprint(row.Row))
		}
	}
	if len(numbers) == 1 {
		return "Row " + numbers[0] + " waits"
	}
	return "Rows " + strings.Join(numbers, ", ") + " wait"
}

// suggest says what to call next, and when.
func (s *state) suggest(b *schemas.Batch, working bool) {
	c := b.Counts
	switch {
	case b.Done:
		s.suggestOutput(b)
		return
	case c.Queued > 0 && !working && !s.m.ReadOnly:
		b.NextStep = nextBatch("get_batch", b.BatchID, "to start the queued rows, which costs credits")
		b.NextStep.Arguments["continue"] = true
	default:
		b.NextStep = nextBatch("get_batch", b.BatchID, "to wait for the rows; running them again would bill them twice")
	}
	b.PollAfterSeconds = problem.Seconds(pollAfter)
	if b.NeedsHuman && c.Running+c.Starting == 0 {
		b.PollAfterSeconds = problem.Seconds(pausedPollAfter)
	}
}

// suggestOutput suggests to read the first output.
func (s *state) suggestOutput(b *schemas.Batch) {
	for _, row := range b.Rows {
		if row.Status == string(browseract.TaskFinished) && row.SameAs == 0 {
			b.NextStep = schemas.NextTask("get_task_output", row.TaskID, fmt.Sprintf("to read the output of row %d; use the task_id of another row for its output", row.Row))
			return
		}
	}
}

// reportAfterReply records that the ends of rows were reported, when this answer has
// been delivered.
func (s *state) reportAfterReply(ctx context.Context) {
	var ended []string
	for _, r := range s.rows {
		if r.unreported() {
			ended = append(ended, r.TaskID)
		}
	}
	if len(ended) > 0 {
		s.m.Runs.ReportAfterReply(ctx, ended...)
	}
}

// progress is the message that a client is sent while its call waits.
func (s *state) progress() string {
	return fmt.Sprintf("%d of %d rows have ended, %d are under way",
		s.countRequested((*row).done), len(s.settings.Rows), s.countRequested((*row).active))
}
