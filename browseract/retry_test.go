package browseract_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// elsewhere is a redirect that no request may follow.
var elsewhere = http.Header{"Location": {"http://elsewhere.example/"}}

func TestReadsAreRepeatedWhereThatCanHelp(t *testing.T) {
	t.Parallel()
	page := "<html><body>Sign in</body></html>"
	for _, tt := range []struct {
		name  string
		fault simulator.Fault
		tries int
	}{
		{"429", simulator.Fault{Status: 429}, 3},
		{"429 in an envelope", simulator.Fault{Status: 429, Code: 99999, Msg: "slow down"}, 3},
		{"200 with code 429", simulator.Fault{Code: 429}, 3},
		{"500", simulator.Fault{Status: 500}, 3},
		{"500 in an envelope", simulator.Fault{Status: 500, Code: 99999}, 3},
		{"502", simulator.Fault{Status: 502}, 3},
		{"503", simulator.Fault{Status: 503}, 3},
		{"504", simulator.Fault{Status: 504}, 3},
		{"200 with code 500", simulator.Fault{Code: 500}, 3},
		{"a connection that breaks before the answer", simulator.Fault{Abort: true}, 3},
		{"a connection that breaks in the answer", simulator.Fault{Truncate: 10}, 3},
		{"no answer", simulator.Fault{Delay: time.Hour}, 3},
		{"half an answer", simulator.Fault{Stall: time.Hour}, 3},

		{"400", simulator.Fault{Status: 400}, 1},
		{"400 in an envelope", simulator.Fault{Status: 400, Code: 99999}, 1},
		{"401", simulator.Fault{Status: 401}, 1},
		{"403", simulator.Fault{Status: 403}, 1},
		{"404", simulator.Fault{Status: 404}, 1},
		{"code 401 by status 500", simulator.Fault{Status: 500, Code: 401}, 1},
		{"no such task", simulator.Fault{Status: 400, Code: 10112}, 1},
		{"no such task by status 200", simulator.Fault{Code: 10112}, 1},
		{"no such task by status 500", simulator.Fault{Status: 500, Code: 10112}, 1},
		{"200 with an unknown code", simulator.Fault{Code: 99999}, 1},
		{"HTML with 200", simulator.Fault{Status: 200, Body: page}, 1},
		{"an empty object", simulator.Fault{Body: "{}"}, 1},
		{"JSON that was cut off", simulator.Fault{Body: `{"id":"1`}, 1},
		{"a redirect", simulator.Fault{Status: 302, Header: elsewhere}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				id := r.run(t, "Seven Hours")
				r.network.Transport.CloseIdleConnections() // net/http repeats a read on one that was kept alive
				remove := r.account.Inject(tt.fault)
				if _, err := r.client.Task(t.Context(), id); err == nil {
					t.Error("no error, want one")
				}
				if got := len(r.sent("get-task")); got != tt.tries {
					t.Errorf("%d tries, want %d", got, tt.tries)
				}
				remove()
				tt.fault.Times = 2
				r.account.Inject(tt.fault)
				if _, err := r.client.Task(t.Context(), id); (err == nil) != (tt.tries > 2) {
					t.Errorf("after two such answers: %v", err)
				}
			}, simulator.WithoutGzip())
		})
	}
}

func TestReadsSurviveARefusedConnection(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		r.network.Refuse(2)
		if _, err := r.client.Regions(t.Context()); err != nil || r.network.Dials() != 3 {
			t.Errorf("%v after %d dials", err, r.network.Dials())
		}
	})
}

// How long the three tries of a read take where the API does not say: two waits
// of 300 and 450 ms, each up to half as long or half as short again.
func TestWaitsBetweenTriesGrowAndDiffer(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		r.account.Inject(simulator.Fault{Status: 503})
		different := map[time.Duration]bool{}
		for range 20 {
			began := len(r.sent(""))
			_ = second(r.client.Regions(t.Context()))
			tries := r.sent("")[began:]
			first, next := tries[1].Time.Sub(tries[0].Time), tries[2].Time.Sub(tries[1].Time)
			if first < 150*time.Millisecond || first > 450*time.Millisecond || next < 225*time.Millisecond || next > 675*time.Millisecond {
				t.Errorf("waited %v and %v", first, next)
			}
			different[first] = true
		}
		if len(different) < 10 {
			t.Errorf("20 clients waited only %d different times", len(different))
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	for _, tt := range []struct {
		name    string
		value   string
		ahead   time.Duration // of the API's clock
		timeout time.Duration // of the caller
		tries   int
		min     time.Duration
		max     time.Duration
	}{
		{"seconds", "7", 0, hour, 2, 7 * time.Second, 8 * time.Second},
		{"no seconds", "0", 0, hour, 2, 150 * time.Millisecond, 450 * time.Millisecond},
		{"negative seconds", "-5", 0, hour, 2, 150 * time.Millisecond, 450 * time.Millisecond},
		{"not a number", "soon", 0, hour, 2, 150 * time.Millisecond, 450 * time.Millisecond},
		{"a date", "+20s", 0, hour, 2, 20 * time.Second, 21 * time.Second},
		{"a date of a clock that runs ahead", "+20s", 10 * time.Minute, hour, 2, 20 * time.Second, 21 * time.Second},
		{"a date of a clock that runs behind", "+20s", -10 * time.Minute, hour, 2, 20 * time.Second, 21 * time.Second},
		{"a date in the past", "-20s", 0, hour, 2, 150 * time.Millisecond, 450 * time.Millisecond},
		{"longer than the caller waits", "7", 0, 5 * time.Second, 1, 0, 0},
		{"a date that is later than the caller waits", "+20s", 0, 5 * time.Second, 1, 0, 0},
		{"as long as the caller waits", "7", 0, 7 * time.Second, 1, 0, 0},
		{"longer than any clock counts", "99999999999999999999", 0, hour, 1, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				value := tt.value
				if d, err := time.ParseDuration(value); err == nil && d != 0 {
					value = time.Now().Add(tt.ahead + d).UTC().Format(http.TimeFormat)
				}
				r.account.Inject(simulator.Fault{Status: 429, Header: http.Header{"Retry-After": {value}}, Times: 1})
				ctx, cancel := context.WithTimeout(t.Context(), tt.timeout)
				defer cancel()
				began := time.Now()
				_, err := r.client.Regions(ctx)
				if took := time.Since(began); took < tt.min || took > tt.max {
					t.Errorf("took %v, want %v to %v", took, tt.min, tt.max)
				}
				if got := len(r.sent("")); got != tt.tries || (err == nil) != (tt.tries == 2) {
					t.Errorf("%d tries, want %d; %v", got, tt.tries, err)
				}
			}, simulator.WithDateOffset(tt.ahead))
		})
	}
}

func TestRetryAfterIsInTheError(t *testing.T) {
	t.Parallel()
	var got *browseract.Error
	_, err := answering(t, 400, "", "Retry-After", "90").Task(t.Context(), "1")
	if !errors.As(err, &got) || got.RetryAfter != 90*time.Second {
		t.Errorf("%v, want 90 s", err)
	}
}

func TestTheCallersContextEndsTheTries(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault simulator.Fault
		ends  time.Duration
		want  error // nil: what the API answered
	}{
		{"while it waits for an answer", simulator.Fault{Delay: time.Hour}, time.Second, context.Canceled},
		{"in the middle of an answer", simulator.Fault{Stall: time.Hour}, time.Second, context.Canceled},
		{"between two tries", simulator.Fault{Status: 503}, 100 * time.Millisecond, nil},
		{"while it waits as the API wants", simulator.Fault{Status: 429, Header: http.Header{"Retry-After": {"3"}}}, 2 * time.Second, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				r.account.Inject(tt.fault)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(tt.ends, cancel)
				began := time.Now()
				_, err := r.client.Regions(ctx)
				if took := time.Since(began); took != tt.ends {
					t.Errorf("took %v, want %v", took, tt.ends)
				}
				var refusal *browseract.Error
				if tt.want == nil && !errors.As(err, &refusal) || tt.want != nil && !errors.Is(err, tt.want) {
					t.Errorf("got %v", err)
				}
			}, simulator.WithoutGzip())
		})
	}
}

// The caller's cancellation is not a connection error that allows another try.
func TestACanceledReadIsCanceled(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		r.account.Inject(simulator.Fault{Delay: time.Hour})
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("the program ends")) })
		if _, err := r.client.Regions(ctx); !errors.Is(err, context.Canceled) || browseract.IsTransport(err) {
			t.Errorf("got %v, want context canceled", err)
		}
	})
}

// A try ends by silence, not by the length of its answer.
func TestASlowAnswerIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		r.account.Inject(simulator.Fault{Delay: 7 * time.Second, Stall: 7 * time.Second, Times: 1})
		began := time.Now()
		if _, err := r.client.Regions(t.Context()); err != nil || time.Since(began) != 14*time.Second || len(r.sent("")) != 1 {
			t.Errorf("%v after %v and %d requests", err, time.Since(began), len(r.sent("")))
		}
	}, simulator.WithoutGzip())
}

func TestNoAnswerIsGivenUpAfterEightSeconds(t *testing.T) {
	t.Parallel()
	onRig(t, func(t *testing.T, r *rig) {
		r.account.Inject(simulator.Fault{Delay: time.Hour})
		began := time.Now()
		_, err := r.client.Regions(t.Context())
		if took := time.Since(began); took < 24*time.Second || took > 26*time.Second || !browseract.IsTransport(err) {
			t.Errorf("%v after %v, want three times 8 s", err, took)
		}
	})
}

func TestAStopIsRepeated(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault simulator.Fault
		tries int
		ended bool
		fails bool
	}{
		{"503", simulator.Fault{Status: 503, Times: 2}, 3, false, false},
		{"429", simulator.Fault{Status: 429, Times: 2}, 3, false, false},
		{"broken connection", simulator.Fault{Abort: true, Times: 2}, 3, false, false},
		{"no answer", simulator.Fault{Delay: time.Hour, Times: 2}, 3, false, false},
		{"503 after it took effect", simulator.Fault{Status: 503, After: true, Times: 1}, 2, true, false},
		{"broken connection after it took effect", simulator.Fault{Abort: true, After: true, Times: 1}, 2, true, false},
		{"503 always", simulator.Fault{Status: 503}, 3, false, true},
		{"400", simulator.Fault{Status: 400, Times: 1}, 1, false, true},
		{"HTML with 200", simulator.Fault{Body: "<html>", Times: 1}, 1, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onRig(t, func(t *testing.T, r *rig) {
				id := r.run(t, "Seven Hours")
				tt.fault.Endpoint = "stop-task"
				r.account.Inject(tt.fault)
				ended, err := r.client.StopTask(t.Context(), id)
				if ended != tt.ended || (err != nil) != tt.fails || len(r.sent("stop-task")) != tt.tries {
					t.Errorf("ended %v, %v after %d tries", ended, err, len(r.sent("stop-task")))
				}
				if status := r.account.Tasks()[0].Status; (status == "canceled") == tt.fails {
					t.Errorf("the task is %s", status)
				}
			})
		})
	}
}
