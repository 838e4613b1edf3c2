package tools

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/output"
	"github.com/browseract/browseract-mcp/tools/present"
	"github.com/browseract/browseract-mcp/tools/problem"
	"github.com/browseract/browseract-mcp/tools/runs"
)

const (
	// maxDocuments is how many bytes of outputs are kept, as they were received.
	maxDocuments = 64 << 20
	// maxSelecting is how many programs run at a time: each may take a core and memory.
	maxSelecting = 2
)

// A reading is what a call knows of a task's output, or makes of it.
type reading struct {
	document   *output.Document
	comparison *output.Comparison // with another task's output: its changes are the document
	workflowID browseract.ID
	created    time.Time
	ended      bool // the task, so the reading does not change any more
}

// A readingKey identifies a reading. The caller is part of it, so that no caller
// reads what another's key may read.
type readingKey struct {
	caller, task string
	program      string // by which the document was selected from the output
	with, column string // the task that the output was compared with, and by what
}

// documents keeps readings of tasks that have ended, which do not change any more.
// Those that were not used for longest make room for others. The zero documents keeps nothing.
type documents struct {
	mu    sync.Mutex
	limit int // bytes
	bytes int
	used  list.List // of *keptReading, the latest first
	kept  map[readingKey]*list.Element
}

type keptReading struct {
	key   readingKey
	value reading
}

// keptOverhead is about what a reading takes besides its source.
const keptOverhead = 4 << 10

func (r *keptReading) bytes() int {
	return keptOverhead + len(r.key.program) + r.value.document.Bytes()
}

func (d *documents) get(key readingKey) (reading, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	element, ok := d.kept[key]
	if !ok {
		return reading{}, false
	}
	d.used.MoveToFront(element)
	return element.Value.(*keptReading).value, true
}

// put keeps a reading that was not kept before, if it fits at all.
func (d *documents) put(key readingKey, value reading) {
	d.mu.Lock()
	defer d.mu.Unlock()
	added := &keptReading{key, value}
	if _, known := d.kept[key]; known || added.bytes() > d.limit {
		return
	}
	if d.kept == nil {
		d.kept = map[readingKey]*list.Element{}
	}
	d.kept[key] = d.used.PushFront(added)
	for d.bytes += added.bytes(); d.bytes > d.limit; {
		d.drop(d.used.Back())
	}
}

func (d *documents) drop(element *list.Element) {
	dropped := d.used.Remove(element).(*keptReading)
	delete(d.kept, dropped.key)
	d.bytes -= dropped.bytes()
}

// An outputReader reads outputs of tasks, and keeps those that do not change any more.
type outputReader struct {
	runs      *runs.Engine
	lockdown  bool
	kept      documents
	selecting chan struct{} // has one for each program that runs
}

func newOutputReader(t *tools) *outputReader {
	return &outputReader{runs: t.runs, lockdown: t.Lockdown, kept: documents{limit: maxDocuments}, selecting: make(chan struct{}, maxSelecting)}
}

// cached returns what is kept under key, else what read returns, and keeps that if the
// task has ended.
func (o *outputReader) cached(key readingKey, read func() (reading, error)) (reading, error) {
	if r, ok := o.kept.get(key); ok {
		return r, nil
	}
	r, err := read()
	if err == nil && r.ended {
		o.kept.put(key, r)
	}
	return r, err
}

// read returns the output of a task.
func (o *outputReader) read(ctx context.Context, id schemas.ID) (reading, error) {
	key := readingKey{caller: o.runs.Caller(ctx), task: string(id)}
	return o.cached(key, func() (reading, error) {
		seen, err := o.runs.Fetch(ctx, string(id), 0)
		if err == nil {
			err = readable(seen.Task)
		}
		if err != nil {
			return reading{}, err
		}
		return reading{
			document:   output.Parse(seen.Task.Output.String),
			workflowID: seen.Task.WorkflowID,
			created:    seen.Task.CreatedAt.Time,
			ended:      seen.Ended(),
		}, nil
	})
}

// selected returns what a jq program selects from the output of a task: all of it, for
// an empty program.
func (o *outputReader) selected(ctx context.Context, id schemas.ID, program string) (reading, error) {
	switch {
	case program == "":
		return o.read(ctx, id)
	case o.lockdown: // a program can make names of texts
		return reading{}, present.PageError(id, output.ErrLocked)
	}
	key := readingKey{caller: o.runs.Caller(ctx), task: string(id), program: program}
	return o.cached(key, func() (reading, error) {
		r, err := o.read(ctx, id)
		if err == nil {
			r.document, err = o.selectFrom(ctx, r.document, program)
		}
		return r, err
	})
}

// compared returns what differs between two readings. The key names both tasks.
func (o *outputReader) compared(key readingKey, before, after reading) (reading, error) {
	return o.cached(key, func() (reading, error) {
		compared, err := output.Compare(before.document, after.document, key.column)
		if _, ok := errors.AsType[output.KeyError](err); ok && o.lockdown {
			return reading{}, present.ErrLockedKey
		}
		if err != nil {
			return reading{}, &problem.Error{Code: problem.CodeInvalidArguments, Message: err.Error()}
		}
		return reading{document: compared.Changes, comparison: compared, ended: before.ended && after.ended}, nil
	})
}

// selectFrom waits until few enough other programs run.
func (o *outputReader) selectFrom(ctx context.Context, d *output.Document, program string) (*output.Document, error) {
	select {
	case o.selecting <- struct{}{}:
		defer func() { <-o.selecting }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	selected, err := d.Select(ctx, program)
	if err != nil && ctx.Err() == nil {
		err = &problem.Error{Code: problem.CodeInvalidArguments, Message: err.Error()}
	}
	return selected, err
}
