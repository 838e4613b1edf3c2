package tools

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// maxRowTexts is how many bytes the errors and addresses of all rows of an
	// answer have together.
	maxRowTexts = 60_000
	// mayHaveStarted is the status of a row whose start got no clear answer.
	mayHaveStarted = "may_have_started"
)

// describe makes the answer: one table, a row a run. Nobody follows the rows any
// more.
func (v *view) describe(ctx context.Context) schemas.Batch {
	working := v.t.crews.working(v)
	b := schemas.Batch{
		BatchID:  v.batch.ID,
		Total:    len(v.settings.Rows),
		Rows:     v.table(),
		Warnings: append(append([]string{}, v.warnings...), v.t.crews.latest(v).warnings()...),
	}
	if b.WorkflowID = v.batch.TargetID; v.batch.Kind == ledger.Template {
		b.WorkflowID, b.TemplateID = "", v.batch.TargetID
	}
	for _, number := range v.settings.Rows {
		b.Counts = tally(b.Counts, v.rows[number-1])
	}
	for _, r := range v.rows {
		if r.credits != nil {
			b.Credits += *r.credits
		}
	}
	b.Done = v.asked((*rowSight).over) == b.Total
	b.NeedsHuman = b.Counts.Paused > 0
	fit(&b)
	b.Summary = v.summary(&b, working)
	v.suggest(&b, working)
	v.tell(ctx)
	return b
}

// table lists the rows as they were asked for.
func (v *view) table() []schemas.BatchRow {
	table := make([]schemas.BatchRow, len(v.settings.Rows))
	for i, number := range v.settings.Rows {
		if first := slices.Index(v.settings.Rows, number); first < i {
			table[i] = schemas.BatchRow{Row: i + 1, TaskID: table[first].TaskID, Status: table[first].Status, SameAs: first + 1}
			continue
		}
		table[i] = v.describeRow(&v.rows[number-1])
		table[i].Row = i + 1
	}
	return table
}

func (v *view) describeRow(r *rowSight) schemas.BatchRow {
	row := schemas.BatchRow{TaskID: r.TaskID, Status: r.statusText(), Credits: r.credits, Error: cmp.Or(r.Reason, r.trouble)}
	row.Deduplicated = r.foreign(v.batch.ID)
	if row.Status == mayHaveStarted {
		row.Error = cmp.Or(row.Error, r.candidates())
	}
	if end, known := v.t.crews.end(v, r.TaskID); known && r.ended() {
		row.Rows = end.rows
		row.Error = cmp.Or(row.Error, end.failure)
	}
	if r.State == ledger.RowStarted && r.status == browseract.TaskPaused {
		row.LiveURL = r.liveURL
	}
	return row
}

// candidates tells which tasks may be the row's, if looks have shown any.
func (r *rowSight) candidates() string {
	ids := r.open.Absence.Candidates
	if len(ids) == 0 {
		return ""
	}
	return sanitize.OneLine("its task may be "+strings.Join(ids[:min(len(ids), maxNamed)], ", ")+"; only the user can tell. To start it once more, run it alone with allow_duplicate", maxRowError)
}

// statusText is the row's status in an answer.
func (r *rowSight) statusText() string {
	switch {
	case r.State == ledger.RowStarted:
		return sanitize.OneLine(string(r.status), maxName)
	case r.open.State == ledger.Unknown, r.open.ID != 0 && !r.open.Leased:
		return mayHaveStarted
	}
	return string(r.State)
}

// tally returns the counts with one row more.
func tally(c schemas.BatchCounts, r rowSight) schemas.BatchCounts {
	switch r.State {
	case ledger.RowQueued:
		c.Queued++
	case ledger.RowStarting:
		c.Starting++
	case ledger.RowRefused:
		c.Refused++
	case ledger.RowGivenUp:
		c.GivenUp++
	case ledger.RowStarted:
		*countOf(&c, r.status)++
	}
	return c
}

func countOf(c *schemas.BatchCounts, status browseract.TaskStatus) *int {
	switch status {
	case browseract.TaskPaused:
		return &c.Paused
	case browseract.TaskFinished:
		return &c.Finished
	case browseract.TaskFailed:
		return &c.Failed
	case browseract.TaskCanceled:
		return &c.Canceled
	default:
		return &c.Running
	}
}

// fit leaves out what would make the answer too long for a client. Addresses come
// before errors: a person waits for them.
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
		b.Warnings = append(b.Warnings, fmt.Sprintf("%d errors or live views are left out of this answer for its length: get_task tells them.", cut))
	}
}

// summary is the state of the batch in words for a person.
func (v *view) summary(b *schemas.Batch, working bool) string {
	var said []string
	c := b.Counts
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
			said = append(said, fmt.Sprintf("%d %s", part.n, part.text))
		}
	}
	text := fmt.Sprintf("Of %d rows: %s.", b.Total, strings.Join(said, ", "))
	if b.Credits > 0 {
		text += fmt.Sprintf(" They have used %d credits.", b.Credits)
	}
	if b.NeedsHuman {
		where := "the live_url (or the task in the BrowserAct dashboard)"
		if v.t.HideLiveURLs {
			where = "the task in the BrowserAct dashboard"
		}
		text += fmt.Sprintf(" %s for a person: ask the user to open %s, to do there what the page asks for and to say when it is done.", rowsWait(b.Rows), where)
		if !v.t.ReadOnly {
			text += " Only then call resume_task with the row's task_id."
		}
	}
	if c.Queued > 0 && !working && !v.t.ReadOnly {
		text += " The queue stands still; get_batch with continue goes on with it."
	}
	return text
}

// rowsWait names the rows that are paused, as the beginning of a sentence.
func rowsWait(rows []schemas.BatchRow) string {
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

const (
	batchPoll = 10 // seconds
	humanPoll = 30
)

// suggest says what to call next, and when.
func (v *view) suggest(b *schemas.Batch, working bool) {
	c := b.Counts
	switch {
	case b.Done:
		v.suggestOutput(b)
		return
	case c.Queued > 0 && !working && !v.t.ReadOnly:
		b.NextStep = nextBatch("get_batch", b.BatchID, "to start the queued rows, which costs credits")
		b.NextStep.Arguments["continue"] = true
	default:
		b.NextStep = nextBatch("get_batch", b.BatchID, "to wait for the rows; running them again would bill them twice")
	}
	b.PollAfterSeconds = batchPoll
	if b.NeedsHuman && c.Running+c.Starting == 0 {
		b.PollAfterSeconds = humanPoll
	}
}

// suggestOutput suggests to read the first output.
func (v *view) suggestOutput(b *schemas.Batch) {
	for _, row := range b.Rows {
		if row.Status == string(browseract.TaskFinished) && row.SameAs == 0 {
			b.NextStep = schemas.NextTask("get_task_output", row.TaskID, fmt.Sprintf("to read the output of row %d; the other rows' by their task_id", row.Row))
			return
		}
	}
}

// tell records that this answer tells of the ends of rows.
func (v *view) tell(ctx context.Context) {
	for _, r := range v.rows {
		if r.untold() {
			task := browseract.TaskSummary{ID: browseract.ID(r.TaskID), Status: r.status}
			v.t.observe(ctx, &sighting{task: browseract.Task{TaskSummary: task}}, true)
		}
	}
}

// progressLine is what a client is told while it waits.
func (v *view) progressLine() string {
	return fmt.Sprintf("%d of %d rows have ended, %d are under way",
		v.asked((*rowSight).over), len(v.settings.Rows), v.asked((*rowSight).holds))
}
