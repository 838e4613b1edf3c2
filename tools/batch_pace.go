package tools

import "time"

const (
	leastPace = 5 * time.Second
	mostPace  = time.Minute
	// mostFailures is after how many starts in a row that failed a batch stops.
	mostFailures = 5
)

// A pace says when the next row of a batch may start. Nothing in the API tells how
// many tasks an account may run at a time: its refusals do.
type pace struct {
	most  int           // as the caller asked
	room  int           // how many rows the account was last seen to take
	probe time.Time     // when it may be tried with one more than room
	rest  time.Time     // nothing is tried before, after a failure
	pause time.Duration // until the next probe or try
	// failures counts starts that failed since the last one that did not.
	failures int
}

func newPace(most int) pace { return pace{most: most, room: most, pause: leastPace} }

// wait returns how long to wait for the next start, while that many rows hold a
// place; 0 is at once.
func (p *pace) wait(now time.Time, holding int) time.Duration {
	switch {
	case now.Before(p.rest):
		return p.rest.Sub(now)
	case holding >= p.most:
		return mostPace // sooner, if one of them ends
	case holding >= p.room:
		return max(0, p.probe.Sub(now))
	}
	return 0
}

// started notes that a start went well, and that so many rows hold a place now.
// Where there was more room than known it may be that of a row whose end was not
// seen yet, so the next probe does not follow at once.
func (p *pace) started(now time.Time, holding int) {
	p.failures = 0
	if holding > p.room {
		p.room, p.pause = holding, max(p.pause/2, leastPace)
		p.probe = now.Add(p.pause)
	}
}

// full notes that there was no place for one more than holding.
func (p *pace) full(now time.Time, holding int) {
	p.failures = 0
	p.room = holding
	p.probe = now.Add(p.pause)
	p.slower()
}

// failed notes that a start failed, and that another is of no use for a while. It
// reports whether that has happened too often.
func (p *pace) failed(now time.Time, atLeast time.Duration) (tooOften bool) {
	p.failures++
	p.rest = now.Add(max(p.pause, atLeast))
	p.slower()
	return p.failures >= mostFailures
}

func (p *pace) slower() { p.pause = min(2*p.pause, mostPace) }
