package stdio

// spares is how many goroutines stay when their call has ended.
const spares = 8

// crew runs calls on goroutines that have run others before, where one is free:
// the stack of a new one has to grow again to what a call needs, which takes
// longer than much of what a short call does.
type crew struct {
	free    chan func()
	waiting chan struct{} // one for each that stays
	ended   <-chan struct{}
}

func newCrew(ended <-chan struct{}) *crew {
	return &crew{free: make(chan func()), waiting: make(chan struct{}, spares), ended: ended}
}

// run runs f beside what runs already.
func (c *crew) run(f func()) {
	select {
	case c.free <- f:
	default:
		go c.work(f) // ends after f, or with ended
	}
}

func (c *crew) work(f func()) {
	for f != nil {
		f()
		f = c.next()
	}
}

// next waits for the next call. It returns nil where enough others wait, and at
// the end.
func (c *crew) next() func() {
	select {
	case c.waiting <- struct{}{}:
		defer func() { <-c.waiting }()
	default:
		return nil
	}
	select {
	case f := <-c.free:
		return f
	case <-c.ended:
		return nil
	}
}
