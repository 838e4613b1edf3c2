// Package simulator is a BrowserAct account in memory: an http.Handler that
// answers the twelve endpoints of the API under /v2/workflow/ with workflows,
// templates, regions and tasks that live, end, fail, pause and cost credits.
//
// Begin with [New], and with [Account.Start] for a network that needs no
// sockets. What a run does is the [Scenario] of its workflow or template, so a
// misbehaviour is picked by running the workflow that is named after it; what
// happens to a single request is a [Fault]. A task's state is computed from its
// scenario, its creation, what was done to it and the clock, whenever somebody
// asks: nothing runs in between.
//
// It knows the API from its description and from what clients have seen of it,
// and nothing of the client in package browseract. Answers whose code nobody
// has published carry codes that are invented here.
package simulator

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Key is the API key that [New] accepts when it is told no others.
const Key = "app-simulator"

// Account is a BrowserAct account, or several: one for each key. It is an
// http.Handler and safe for concurrent use.
type Account struct {
	clock       func() time.Time
	speed       float64
	dateOffset  time.Duration
	headerAhead time.Duration
	listLag     time.Duration
	concurrency int
	authStatus  int
	errorStatus int
	plain       bool // no gzip
	keys        []string
	endpoints   map[string]endpoint

	mu         sync.Mutex
	workspaces map[string]*workspace
	templates  []*blueprint
	tasks      map[string]*task
	ids        ids
	requests   journal
	faults     []*injected

	outputs outputs
}

// workspace is what belongs to one key.
type workspace struct {
	key       string
	number    int // of the key, from 0
	workflows []*blueprint
	tasks     []*task // oldest first
}

// Option changes an account that [New] makes.
type Option func(*Account)

// WithKeys sets the accepted keys, instead of [Key]. Each has tasks and
// workflows of its own: the workflows of the catalogue bear the same names
// under every key, but their ids differ. Templates are the vendor's and so the
// same for all.
func WithKeys(keys ...string) Option {
	return func(a *Account) {
		if len(keys) > 0 {
			a.keys = slices.Clone(keys)
		}
	}
}

// WithSpeed makes x simulated seconds pass in a second of the clock, for the
// phases of tasks only: the times that the API tells stay those of the clock.
// The default is 1, which also stands in for an x that is not positive.
func WithSpeed(x float64) Option {
	return func(a *Account) {
		if x > 0 {
			a.speed = x
		}
	}
}

// WithClock sets the clock, instead of time.Now.
func WithClock(now func() time.Time) Option {
	return func(a *Account) { a.clock = now }
}

// WithDateOffset lets the API's clock run d ahead of ours, or behind if d is
// negative: the Date header, created_at, finished_at and the times in errors.
func WithDateOffset(d time.Duration) Option {
	return func(a *Account) { a.dateOffset = d }
}

// WithHeaderOffset lets the Date header run d ahead of the API's own clock, or behind
// if d is negative, as that of a proxy may.
func WithHeaderOffset(d time.Duration) Option {
	return func(a *Account) { a.headerAhead = d }
}

// WithListLag lets a new task show in list-tasks only d after its creation, in
// time of the clock. The other endpoints know it at once.
func WithListLag(d time.Duration) Option {
	return func(a *Account) { a.listLag = d }
}

// WithConcurrency sets how many tasks of a key may be open at a time. A run
// beyond that is refused with code 10118. The default is 20.
func WithConcurrency(n int) Option {
	return func(a *Account) { a.concurrency = n }
}

// WithAuthStatus sets the HTTP status beside the code 401 for a bad key; the
// default is 401. Nobody has published what the real one sends.
func WithAuthStatus(status int) Option {
	return func(a *Account) { a.authStatus = status }
}

// WithErrorStatus sends every error that has a code of the API under this HTTP
// status, instead of 400 for most; 200 is the one to try.
func WithErrorStatus(status int) Option {
	return func(a *Account) { a.errorStatus = status }
}

// WithoutGzip sends every answer uncompressed. Without it an answer is
// compressed when the request accepts that.
func WithoutGzip() Option {
	return func(a *Account) { a.plain = true }
}

// New makes an account with the built-in catalogue of workflows and templates
// and no tasks.
func New(opts ...Option) *Account {
	a := &Account{
		clock:       time.Now,
		speed:       1,
		concurrency: 20,
		authStatus:  401,
		keys:        []string{Key},
		workspaces:  map[string]*workspace{},
		tasks:       map[string]*task{},
	}
	for _, opt := range opts {
		opt(a)
	}
	a.endpoints = endpointTable()
	a.addCatalogue()
	return a
}

func (a *Account) addCatalogue() {
	for i, key := range a.keys {
		a.workspaces[key] = &workspace{key: key, number: i}
	}
	for _, w := range workflows() {
		a.AddWorkflow(w)
	}
	for _, t := range templates() {
		a.AddTemplate(t)
	}
}

// TaskRecord is a task as the account knows it, for tests to look at.
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

	CreatedAt time.Time // by the account's own clock, without the offset
	Status    string
	Credits   int64
	Resumes   int // resume requests that were accepted
}

// Tasks returns every task under any key, oldest first.
func (a *Account) Tasks() []TaskRecord {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]*task, 0, len(a.tasks))
	for _, t := range a.tasks {
		all = append(all, t)
	}
	slices.SortFunc(all, byCreation)
	records := make([]TaskRecord, len(all))
	for i, t := range all {
		records[i] = t.record(a.now())
	}
	return records
}

func byCreation(x, y *task) int {
	return cmp.Or(x.created.Compare(y.created), cmp.Compare(x.number, y.number))
}

// now is the time by the account's own clock.
func (a *Account) now() time.Time {
	return a.clock()
}

// apiTime is a time of the account's clock as the API tells it.
func (a *Account) apiTime(t time.Time) time.Time {
	return t.Add(a.dateOffset).UTC()
}
