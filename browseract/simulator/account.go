// Package simulator is a BrowserAct account in memory: an http.Handler that serves
// the twelve endpoints of the API under /v2/workflow/, with workflows, templates,
// regions and tasks that run, end, fail, pause and cost credits.
//
// Begin with [New], and with [Account.Start] for a network without sockets. What a
// run does is the [Scenario] of its workflow or template, so a test picks a behaviour
// by running the workflow that is named after it. What goes wrong with a single
// request is a [Fault]. The state of a task is computed from its scenario, its
// creation, later actions and the clock whenever it is read: nothing runs in between.
//
// The package knows the API from its description and from what clients have seen of
// it. It does not know the client in package browseract. Codes that are not
// documented are invented here.
package simulator

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Key is the only API key that an account accepts without [WithKeys].
const Key = "app-simulator"

// Account is a BrowserAct account, or one for each of several keys. It is an
// http.Handler and safe for concurrent use.
type Account struct {
	clock       clock
	listLag     time.Duration
	concurrency int
	authStatus  int
	errorStatus int
	plain       bool // no gzip
	keys        []string
	outputs     outputs
	traces      atomic.Int64

	mu         sync.Mutex // guards what follows, and all tasks
	faults     []*injected
	journal    []*Request // the latest
	workspaces map[string]*workspace
	templates  []*blueprint
	tasks      map[string]*task
	ids        ids
}

// A clock has the account's time and how it differs from what the API shows.
type clock struct {
	now          func() time.Time
	speed        float64
	dateOffset   time.Duration
	headerOffset time.Duration
}

// real converts a simulated duration to one of the clock.
func (c *clock) real(d time.Duration) time.Duration { return time.Duration(float64(d) / c.speed) }

// api converts a time of the clock to the API's.
func (c *clock) api(t time.Time) time.Time { return t.Add(c.dateOffset).UTC() }

// stamp formats a time as the API does, in whole seconds.
func (c *clock) stamp(t time.Time) string { return c.api(t).Format(time.RFC3339) }

// An Option changes the account that [New] makes.
type Option func(*Account)

// WithKeys sets the accepted keys, instead of [Key]. Each has its own tasks and
// workflows: workflows have the same names under every key, but other ids. Templates
// are the same for all.
func WithKeys(keys ...string) Option {
	return func(a *Account) {
		if len(keys) > 0 {
			a.keys = slices.Clone(keys)
		}
	}
}

// WithSpeed makes tasks run x times faster than the clock; the API's times stay those
// of the clock. The default is 1, also for an x that is not positive.
func WithSpeed(x float64) Option {
	return func(a *Account) {
		if x > 0 {
			a.clock.speed = x
		}
	}
}

// WithClock sets the clock, instead of time.Now.
func WithClock(now func() time.Time) Option { return func(a *Account) { a.clock.now = now } }

// WithDateOffset puts the API's clock ahead of ours by d, which may be negative: the
// Date header, created_at, finished_at and the times in errors.
func WithDateOffset(d time.Duration) Option { return func(a *Account) { a.clock.dateOffset = d } }

// WithHeaderOffset puts the Date header ahead of the API's clock by d, which may be
// negative, as a proxy's may be.
func WithHeaderOffset(d time.Duration) Option { return func(a *Account) { a.clock.headerOffset = d } }

// WithListLag keeps a new task out of list-tasks for d after its creation, in time of
// the clock. The other endpoints show it at once.
func WithListLag(d time.Duration) Option { return func(a *Account) { a.listLag = d } }

// WithConcurrency sets how many tasks of a key may be open at a time, 20 by default.
// A further run is refused with code 10118.
func WithConcurrency(n int) Option { return func(a *Account) { a.concurrency = n } }

// WithAuthStatus sets the HTTP status of a refused key, 401 by default. The real one
// is not documented.
func WithAuthStatus(status int) Option { return func(a *Account) { a.authStatus = status } }

// WithErrorStatus sends every error that has a code of the API with this HTTP status,
// instead of 400 for most.
func WithErrorStatus(status int) Option { return func(a *Account) { a.errorStatus = status } }

// WithoutGzip sends every answer uncompressed, also if the request accepts gzip.
func WithoutGzip() Option { return func(a *Account) { a.plain = true } }

// New makes an account with the built-in workflows and templates and no tasks.
func New(opts ...Option) *Account {
	a := &Account{
		clock:       clock{now: time.Now, speed: 1},
		concurrency: 20,
		authStatus:  401,
		keys:        []string{Key},
		workspaces:  map[string]*workspace{},
		tasks:       map[string]*task{},
	}
	for _, opt := range opts {
		opt(a)
	}
	for i, key := range a.keys {
		a.workspaces[key] = &workspace{key: key, number: i}
	}
	all := readBuiltIns()
	for _, b := range all.Workflows {
		a.AddWorkflow(b.workflow())
	}
	for _, t := range all.templates() {
		a.AddTemplate(t)
	}
	return a
}

// TaskRecord is a task as the account knows it, for assertions of tests.
type TaskRecord struct {
	ID         string
	Key        string // the API key that started it
	WorkflowID string // for a template's task this is not the template's id
	TemplateID string // empty for a workflow's task

	Inputs          Inputs // as sent, in order, wrong names included
	Region          string // of a template's task; US if the request named none
	ProfileID       string
	SaveBrowserData bool

	CallbackURL             string
	StatusChangeCallbackURL string

	CreatedAt time.Time // by the account's clock, without an offset
	Status    string
	Credits   int64
	Resumes   int // accepted resume requests
}

// Tasks returns the tasks of all keys, oldest first.
func (a *Account) Tasks() []TaskRecord {
	a.mu.Lock()
	defer a.mu.Unlock()
	var records []TaskRecord
	for _, t := range slices.SortedFunc(maps.Values(a.tasks), byCreation) {
		records = append(records, t.record())
	}
	return records
}

func byCreation(x, y *task) int {
	return cmp.Or(x.created.Compare(y.created), cmp.Compare(x.number, y.number))
}
