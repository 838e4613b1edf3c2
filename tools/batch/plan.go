package batch

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/ledger"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

// A Request is a batch to start, its inputs checked against its definition.
type Request struct {
	// Run is what all rows have in common: what is run, where, and how it may repeat.
	Run runs.Request
	// Rows are the inputs of each run.
	Rows [][]browseract.Input
	// MaxParallel is how many runs may be under way at a time.
	MaxParallel int
}

// settings are what all rows of a batch have in common, as the ledger keeps them. They
// hold no inputs: those of a row are erased once it leaves the queue.
type settings struct {
	Region         string `json:"region,omitempty"`
	ProfileID      string `json:"profile_id,omitempty"`
	AllowDuplicate bool   `json:"allow_duplicate,omitempty"`
	MaxParallel    int    `json:"max_parallel"`
	// Content is a hash of all that makes two batches the same.
	Content string `json:"content"`
	// Rows has for each row that was asked for the number of its row in the ledger. Rows
	// that are the same share one: a batch pays once for them.
	Rows []int `json:"rows"`
}

// A plan is a batch that is not in the ledger yet.
type plan struct {
	ledger.Batch // without its ID
	run          runs.Request
	settings     settings
	warning      string
}

func (m *Manager) plan(ctx context.Context, r Request) (*plan, error) {
	if err := m.CheckLedger(); err != nil {
		return nil, err
	}
	warning, err := m.Runs.Policy.Permit(r.Run.Kind(), r.Run.Target())
	if err != nil {
		return nil, err
	}
	p := &plan{run: r.Run, warning: warning}
	p.Caller, p.Kind, p.TargetID = m.Runs.Caller(ctx), r.Run.Kind(), r.Run.Target()
	p.settings = settings{Region: r.Run.Region, ProfileID: r.Run.ProfileID, AllowDuplicate: r.Run.AllowDuplicate, MaxParallel: r.MaxParallel}
	if err := p.addRows(r.Rows); err != nil {
		return nil, err
	}
	p.Settings, err = json.Marshal(p.settings)
	return p, err
}

// addRows makes rows of these inputs: without allow_duplicate, one of all that are the
// same run.
func (p *plan) addRows(rows [][]browseract.Input) error {
	numbers, prints := map[string]int{}, make([]string, len(rows))
	for i, inputs := range rows {
		run := p.run
		run.Inputs = inputs
		prints[i] = run.Fingerprint(p.Caller)
		if _, again := numbers[prints[i]]; !again || p.settings.AllowDuplicate {
			raw, err := json.Marshal(inputs)
			if err != nil {
				return err
			}
			p.Rows = append(p.Rows, ledger.Row{Inputs: raw})
			numbers[prints[i]] = len(p.Rows)
		}
		p.settings.Rows = append(p.settings.Rows, numbers[prints[i]])
	}
	p.settings.Content = runs.Digest(prints...)
	return nil
}

// open adds a batch to the ledger, unless it was asked for before: then it returns that
// one.
func (m *Manager) open(ctx context.Context, p *plan) (s *state, known bool, err error) {
	for after := 0; ; after++ {
		p.ID = p.id(after)
		exists := m.ledger().NewBatch(ctx, p.Batch)
		s, found, err := m.read(context.WithoutCancel(ctx), p.ID) // what is in the ledger goes on
		switch {
		case err != nil:
			return nil, false, err
		case !found:
			return nil, false, runs.Unavailable(exists)
		case exists == nil:
			return s, false, nil
		}
		if same, err := s.answers(p); same || err != nil {
			return s, true, err
		}
	}
}

// id is a name by which the batch is found when it is asked for again, after as many
// batches of that name that do not count any more.
func (p *plan) id(after int) string {
	name := runs.Digest("content", p.settings.Content)
	switch {
	case p.run.IdempotencyKey != "":
		name = runs.Digest("key", p.Caller, p.run.IdempotencyKey)
	case p.settings.AllowDuplicate:
		name = rand.Text()
	}
	return "b_" + runs.Digest(name, fmt.Sprint(after))[:16]
}

// answers reports whether this batch is the one that p asks for. The rule is that of
// runs: it counts while one of its rows does, or with an idempotency key in any state
// for a day.
func (s *state) answers(p *plan) (bool, error) {
	switch {
	case p.run.IdempotencyKey == "":
		return s.count(s.counts) > 0, nil
	case time.Since(s.batch.CreatedAt) >= keyLife:
		return false, nil
	case p.settings.Content == s.settings.Content:
		return true, nil
	}
	return false, &problem.Error{
		Code:     "idempotency_key_reused",
		Message:  "Nothing was started: this idempotency_key belongs to a batch with other rows. Use a new key for a new batch, or send the same rows as before.",
		NextStep: nextBatch("get_batch", s.batch.ID, "to see the batch that the key belongs to"),
	}
}

// counts reports whether the row is the answer to the same request.
func (s *state) counts(r *row) bool {
	return !r.done() || r.ended() && r.run.Counts(time.Now(), s.m.Runs.Client.Now())
}

// request is the run of a row of the ledger.
func (s *state) request(r ledger.Row) (runs.Request, error) {
	run := runs.Request{
		Region: s.settings.Region, ProfileID: s.settings.ProfileID, AllowDuplicate: s.settings.AllowDuplicate,
		BatchID: s.batch.ID, Row: r.Number,
	}
	if s.batch.Kind == ledger.Template {
		run.TemplateID = s.batch.TargetID
	} else {
		run.WorkflowID = s.batch.TargetID
	}
	if err := json.Unmarshal(r.Inputs, &run.Inputs); err != nil {
		return runs.Request{}, fmt.Errorf("the inputs of row %d: %w", r.Number, err)
	}
	return run, nil
}
