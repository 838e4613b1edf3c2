package ledger

import "context"

// prune deletes what is old, once in pruneInterval. A failure is not reported: the next
// use of the file reports it too.
func (l *Ledger) prune(ctx context.Context, mainToo bool) {
	now, last := stamp(l.now()), l.pruned.Load()
	if now.UnixMilli()-last < pruneInterval.Milliseconds() || !l.pruned.CompareAndSwap(last, now.UnixMilli()) {
		return
	}
	if mainToo {
		_ = l.failover.main.update(ctx, func(t tx) error { return t.prune(now.Add(-retention), now.Add(-queueRetention)) })
	}
	if f := l.failover.fallback; f != nil {
		_ = f.update(ctx, func(t tx) error { return t.prune(now.Add(-fallbackRetention), now) })
	}
}
