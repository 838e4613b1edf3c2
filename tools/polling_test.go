package tools_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools"
)

// A polling is how clients call get_task for tasks until they end. All times are
// real: nothing runs at another speed than in production.
type polling struct {
	name    string
	waits   []int           // wait_seconds of the calls, in turn
	pauses  []time.Duration // after the calls, in turn; none: back to back
	ends    time.Duration   // when the first task ends, from its start
	apart   time.Duration   // from the end of a task to the end of the next
	tasks   int             // 0: one
	callers int             // of each task; 0: one
	inTurn  bool            // one caller calls for one task after the other
	from    time.Duration   // when polling begins, from the start
	timeout time.Duration   // --client-timeout
	slow    time.Duration   // how long the API takes to answer
	fails   int             // one request of so many fails; 0: none
	cancels time.Duration   // after how long a client cancels every third call; 0: never
	paused  bool            // the tasks are paused, and resumed when polling begins
	odd     simulator.Quirks
	ahead   time.Duration // of the API's clock
	dates   string        // created_at of every answer; empty: the true one
	guessed bool          // the age of the task cannot be known: any interval will do
}

// maxLatency is how long after its end a task may still be reported as open: two intervals
// of its age, and what the API takes for the looks.
func (p polling) maxLatency(age time.Duration) time.Duration {
	interval := intervalAt(age)
	if p.guessed {
		interval = 10 * time.Second
	}
	late := 2*interval + 3*p.slow
	if p.tasks > 3 {
		late += 4 * p.slow // four lists
	}
	if p.fails > 0 {
		late += 3 * time.Second // trying again
	}
	return late
}

// intervalAt is the documented time between two polls of a task of an age.
func intervalAt(age time.Duration) time.Duration {
	const young, old = 20 * time.Second, 90 * time.Second
	grown := math.Cbrt(float64(max(0, min(age, old)-young)) / float64(old-young))
	return 2*time.Second + time.Duration(grown*float64(8*time.Second))
}

// expectedPolls is how many polls of a task fit into the time that it is polled.
func (p polling) expectedPolls(until time.Duration) int {
	n := 1
	for at := p.from; at < until; n++ {
		if p.guessed {
			at += 2 * time.Second
		} else {
			at += intervalAt(at)
		}
	}
	return n
}

func TestGetTaskSeesTheEndAtAnyPollRate(t *testing.T) {
	const ms = time.Millisecond
	for _, p := range []polling{
		{name: "a run of 8 s, waits of 1 s each 0.5 s", waits: []int{1}, pauses: []time.Duration{500 * ms}, ends: 8 * time.Second},
		{name: "waits of 3 s back to back", waits: []int{3}, ends: 31 * time.Second},
		{name: "waits of 8 s with pauses of 1 s", waits: []int{8}, pauses: []time.Duration{time.Second}, ends: time.Minute},
		{name: "a client that gives 5 s", waits: []int{25}, timeout: 5 * time.Second, ends: 33 * time.Second},
		{name: "a client that gives 12 s", waits: []int{50}, timeout: 12 * time.Second, ends: 100 * time.Second},
		{name: "paused and resumed", waits: []int{1}, pauses: []time.Duration{time.Second}, paused: true, from: 30 * time.Second, ends: 45 * time.Second},
		{name: "an API that takes longer than the waits", waits: []int{1}, slow: 2 * time.Second, ends: 21 * time.Second},
		{name: "an API that takes as long as the client gives", waits: []int{25}, slow: 4 * time.Second, timeout: 5 * time.Second, ends: 41 * time.Second},
		{name: "six tasks at once", waits: []int{1, 2}, pauses: []time.Duration{300 * ms}, tasks: 6, ends: 19 * time.Second, apart: 3 * time.Second},
		{name: "six tasks at once, a slow API", waits: []int{1, 2}, slow: 3 * time.Second, tasks: 6, ends: 19 * time.Second, apart: 3 * time.Second},
		{name: "six tasks in turn", waits: []int{1, 2}, tasks: 6, inTurn: true, ends: 19 * time.Second, apart: 3 * time.Second},
		{name: "six tasks that end at once after 3 s", waits: []int{1, 2}, tasks: 6, ends: 3 * time.Second},
		{name: "two callers", waits: []int{1}, pauses: []time.Duration{700 * ms}, callers: 2, ends: 17 * time.Second},
		{name: "twenty callers", waits: []int{1, 2, 5}, pauses: []time.Duration{700 * ms}, callers: 20, ends: 17 * time.Second},
		{name: "an old task", waits: []int{2}, pauses: []time.Duration{time.Second}, from: 150 * time.Second, ends: 191 * time.Second},
		{name: "no created_at", waits: []int{1}, pauses: []time.Duration{500 * ms}, odd: simulator.Quirks{NullCreatedAt: true}, ends: 15 * time.Second},
		{name: "no created_at of an old task", waits: []int{1}, pauses: []time.Duration{500 * ms}, odd: simulator.Quirks{NullCreatedAt: true}, guessed: true, from: 150 * time.Second, ends: 190 * time.Second},
		{name: "an API clock that is hours ahead", waits: []int{1}, pauses: []time.Duration{500 * ms}, ahead: 5 * time.Hour, ends: 15 * time.Second},
		{name: "an API clock that is hours behind", waits: []int{1}, pauses: []time.Duration{500 * ms}, ahead: -5 * time.Hour, ends: 15 * time.Second},
		{name: "a created_at in the future, six tasks", waits: []int{2}, tasks: 6, dates: "2031-01-01T00:00:00Z", guessed: true, ends: 40 * time.Second},
		{name: "an ancient created_at", waits: []int{1}, dates: "1971-01-01T00:00:00Z", guessed: true, ends: 15 * time.Second},
		{name: "errors now and then", waits: []int{1}, pauses: []time.Duration{500 * ms}, fails: 4, ends: 17 * time.Second},
		{name: "calls that are canceled", waits: []int{4, 1}, pauses: []time.Duration{500 * ms}, slow: time.Second, cancels: 1500 * ms, ends: 17 * time.Second},
	} {
		t.Run(p.name, func(t *testing.T) { p.test(t) })
	}
}

func TestGetTaskWithoutAWaitIsFresh(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.start("Never Ends")
		for range 5 {
			srv.call(context.Background(), "get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":1}`, id))
			time.Sleep(300 * time.Millisecond)
		}
		srv.account.FinishTask(id, "[]")
		if task := srv.call(context.Background(), "get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":0}`, id)).task(); !task.Done {
			t.Errorf("got %s at once after the end", task.Status)
		}
	})
}

func TestGetTaskKeepsWaitingAfterSlowResume(t *testing.T) {
	runSynctest(t, func(t *testing.T, srv *testServer) {
		id := srv.start("Slow Resume")
		srv.waitForPause(id)
		srv.call(context.Background(), "resume_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":1}`, id))
		if task := srv.call(context.Background(), "get_task", taskArgument(id)).task(); task.NeedsHuman {
			t.Errorf("the pause before the resume is reported: %+v", task)
		}
	})
}

func TestGetTaskSeesTheEndInRandomPolls(t *testing.T) {
	for seed := range uint64(60 / fewerSeeds) {
		p := randomPolling(rand.New(rand.NewPCG(seed, 1)))
		t.Run(p.name, func(t *testing.T) { p.test(t) })
	}
}

func randomPolling(r *rand.Rand) polling {
	pick := func(of ...time.Duration) time.Duration { return of[r.IntN(len(of))] }
	p := polling{
		tasks:   []int{1, 1, 1, 2, 6}[r.IntN(5)],
		callers: []int{1, 1, 2, 3}[r.IntN(4)],
		inTurn:  r.IntN(5) == 0,
		from:    pick(0, 0, time.Second, 30*time.Second, 2*time.Minute),
		timeout: pick(0, 0, 5*time.Second, 8*time.Second, 12*time.Second),
		slow:    pick(0, 0, 300*time.Millisecond, time.Second, 2*time.Second, 4*time.Second),
		paused:  r.IntN(6) == 0,
		apart:   pick(0, time.Second, 4*time.Second),
		odd:     simulator.Quirks{NullCreatedAt: r.IntN(6) == 0},
	}
	if p.paused {
		p.from += 10 * time.Second
	}
	if r.IntN(5) == 0 {
		p.cancels = time.Duration(500+r.IntN(4000)) * time.Millisecond
	}
	longest := []int{2, 5, 50}[r.IntN(3)]
	for range 5 {
		p.waits = append(p.waits, 1+r.IntN(longest))
		p.pauses = append(p.pauses, time.Duration(r.IntN(1+[]int{0, 800, 10_000}[r.IntN(3)]))*time.Millisecond)
	}
	p.ends = p.from + 10*time.Second + time.Duration(r.IntN(100_000))*time.Millisecond
	p.guessed = p.odd.NullCreatedAt || p.tasks > 1 // the youngest makes the pace of all
	p.name = fmt.Sprintf("%d tasks, %d callers, waits %v, pauses %v, from %v to %v, given %v, slow %v, cancels %v, paused %v", p.tasks, p.callers, p.waits, p.pauses, p.from, p.ends, p.timeout, p.slow, p.cancels, p.paused)
	return p
}

// test polls tasks of an account that ends them at their times.
func (p polling) test(t *testing.T) {
	p.tasks, p.callers = max(1, p.tasks), max(1, p.callers)
	open := func(t *testing.T) *testServer {
		return newServer(t, newAccount(simulator.WithDateOffset(p.ahead)), func(cfg *tools.Config) { cfg.ClientTimeout = p.timeout })
	}
	runSynctestOn(t, open, func(t *testing.T, srv *testServer) {
		began := time.Now()
		ids := p.begin(srv)
		time.Sleep(time.Until(began.Add(p.from)))
		p.injectFaults(srv)
		if p.paused {
			for _, id := range ids {
				srv.call(context.Background(), "resume_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":2}`, id))
			}
		}
		before := len(srv.account.Requests())
		var callers sync.WaitGroup
		for range p.callers {
			for _, chain := range p.chains(ids) {
				callers.Go(func() { p.poll(t, srv, began, chain) })
				time.Sleep(137 * time.Millisecond)
			}
		}
		callers.Wait()
		p.count(t, srv, time.Since(began), before)
	})
}

// chains returns which tasks each caller polls.
func (p polling) chains(ids []string) [][]task {
	chains := make([][]task, 0, len(ids))
	for i, id := range ids {
		chains = append(chains, []task{{id, p.ends + time.Duration(i)*p.apart}})
	}
	if !p.inTurn {
		return chains
	}
	var all []task
	for _, chain := range chains {
		all = append(all, chain...)
	}
	return [][]task{all}
}

// A task is one that is polled, and when it ends.
type task struct {
	id   string
	ends time.Duration
}

// begin starts the tasks, which end when the dashboard ends them.
func (p polling) begin(srv *testServer) []string {
	step := simulator.Step{Goal: "Wait"}
	if p.paused {
		step.Human = &simulator.Human{}
	}
	srv.account.AddWorkflow(simulator.Workflow{Name: "Polled", Scenario: simulator.Scenario{Running: time.Hour, Steps: []simulator.Step{step}, Quirks: p.odd}})
	ids := make([]string, p.tasks)
	for i := range ids {
		more := fmt.Sprintf(`,"wait_seconds":0,"allow_duplicate":true,"idempotency_key":"k%d"`, i)
		ids[i] = srv.call(context.Background(), "run_workflow", srv.runArguments("Polled", more)).task().TaskID
		time.AfterFunc(p.ends+time.Duration(i)*p.apart, func() { srv.account.FinishTask(ids[i], "[]") })
	}
	return ids
}

// disturb makes the API slow, failing, or wrong about dates.
func (p polling) injectFaults(srv *testServer) {
	if p.slow > 0 {
		srv.account.Inject(simulator.Fault{Delay: p.slow, After: true}) // the state is that of the request's arrival
	}
	if p.dates != "" {
		srv.account.Inject(simulator.Fault{Mutate: func(body []byte) []byte { return redated(body, p.dates) }})
	}
	for i := 1; p.fails > 0 && i < 100; i++ {
		srv.account.Inject(simulator.Fault{Skip: p.fails * i, Times: 1, Status: 503})
	}
}

// redated writes another created_at into a body.
func redated(body []byte, date string) []byte {
	const name = `"created_at":"`
	parts := strings.Split(string(body), name)
	for i, part := range parts[1:] {
		_, rest, _ := strings.Cut(part, `"`)
		parts[i+1] = date + `"` + rest
	}
	return []byte(strings.Join(parts, name))
}

// poll calls get_task for one task after the other until all have ended, and fails
// the test if an answer later than that is allowed tells that one has not.
func (p polling) poll(t *testing.T, srv *testServer, began time.Time, open []task) {
	for i := 0; len(open) > 0; i++ {
		now := open[i%len(open)]
		done := p.get(srv, i, now.id)
		late := time.Since(began) - now.ends
		if done {
			open = append(open[:i%len(open)], open[i%len(open)+1:]...)
		} else if late > p.maxLatency(now.ends) {
			t.Errorf("call %d tells %v after the end that the task is open, want at most %v", i, late, p.maxLatency(now.ends))
			return
		}
		if len(p.pauses) > 0 {
			time.Sleep(p.pauses[i%len(p.pauses)])
		}
	}
}

// get calls get_task and reports whether the task has ended.
func (p polling) get(srv *testServer, i int, id string) (done bool) {
	ctx := context.Background()
	if p.cancels > 0 && i%3 == 0 {
		canceled, stop := cancelled(p.cancels)
		defer stop()
		ctx = canceled
	}
	a := srv.call(ctx, "get_task", fmt.Sprintf(`{"task_id":%q,"wait_seconds":%d}`, id, p.waits[i%len(p.waits)]))
	return !a.IsError && ctx.Err() == nil && a.task().Done
}

// count fails the test if the API was asked more often than polls fall due: each may
// be a read of the status and one at the whole task, for each caller.
func (p polling) count(t *testing.T, srv *testServer, until time.Duration, before int) {
	singles, lists := 0, 0
	for _, r := range srv.account.Requests()[before:] {
		switch r.Endpoint {
		case "get-task", "get-task-status":
			singles++
		case "list-tasks":
			lists++
		}
	}
	due := p.tasks * p.expectedPolls(until)
	limit := due*(1+p.callers) + p.tasks*p.callers
	if p.fails > 0 {
		limit += limit / (p.fails - 1) // are sent again
	}
	if singles+lists > limit {
		t.Errorf("%d reads of tasks and %d of lists, want at most %d for %d looks", singles, lists, limit, due)
	}
	t.Logf("%d reads of tasks and %d of lists for %d looks", singles, lists, due)
}
