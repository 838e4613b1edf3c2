package stdio

// maxIdle is how many goroutines wait for another call when theirs has ended.
const maxIdle = 8

// workerPool runs calls on goroutines that have run others before, where one is free: to
// grow the stack of a new one takes a third of a short call.
type workerPool struct {
	next    chan func()
	idle    chan struct{} // one for each that waits
	stopped <-chan struct{}
}

func newWorkerPool(stopped <-chan struct{}) *workerPool {
	return &workerPool{next: make(chan func()), idle: make(chan struct{}, maxIdle), stopped: stopped}
}

// run runs f beside what runs already.
func (p *workerPool) run(f func()) {
	select {
	case p.next <- f:
	default:
		go p.work(f) // ends after f, or with stopped
	}
}

// work runs f and what comes after it. It ends where enough others wait.
func (p *workerPool) work(f func()) {
	for f != nil {
		f()
		select {
		case p.idle <- struct{}{}:
		default:
			return
		}
		f = nil
		select {
		case f = <-p.next:
		case <-p.stopped:
		}
		<-p.idle
	}
}
