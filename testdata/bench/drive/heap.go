package drive

import (
	"runtime"
	"time"
)

// A Heap is what a Go process holds, measured from inside.
type Heap struct {
	Bytes      int64 // that are reachable
	Goroutines int
}

// ReadHeap collects garbage and counts what is left, when what goes on by itself
// has come to rest: the ends of connections above all.
func ReadHeap() Heap {
	const looks, pause = 10, 30 * time.Millisecond
	var lowest Heap
	for look := range looks {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		now := Heap{int64(stats.HeapAlloc), runtime.NumGoroutine()}
		if look == 0 || now.Bytes < lowest.Bytes {
			lowest.Bytes = now.Bytes
		}
		if look == 0 || now.Goroutines < lowest.Goroutines {
			lowest.Goroutines = now.Goroutines
		}
		<-time.After(pause)
	}
	return lowest
}
