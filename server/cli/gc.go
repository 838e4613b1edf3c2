package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// lightPercent is GOGC while little is in use: the server starts without a
	// collection, and then collects half as often as by Go's default. It lives on a few
	// megabytes, and nearly all that a call allocates dies with it.
	lightPercent = 200
	// heavyUse is how many bytes in use are much, stacks among them: a thousand waits,
	// or a large output.
	heavyUse = 16 << 20
	// minGarbage is how many bytes wait for their collection then, at least; a quarter of
	// the heap in use where that is more. A fixed limit of memory serves not both: one
	// that suits a thousand waits makes the first page of a large output collect without
	// end.
	minGarbage = 10 << 20
)

// TuneGC collects rarely while little memory is in use, and often while much is. It
// returns at once, and works as long as the process runs. Where the operator sets GOGC,
// that stays in force; GOMEMLIMIT always does.
func TuneGC(getenv func(string) string) {
	if getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(lightPercent)
	afterEachCollection(func() { debug.SetGCPercent(percentFor(inUse())) })
}

// percentFor returns GOGC, which is of the heap in use and the stacks together.
func percentFor(heap, stacks uint64) int {
	used := heap + stacks
	if used < heavyUse {
		return lightPercent
	}
	return int(100*max(minGarbage, heap/4)/used) + 1
}

// inUse returns the bytes of heap that the last collection found alive, and those of
// stacks.
func inUse() (heap, stacks uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64(), samples[1].Value.Uint64()
}

// afterEachCollection calls do after each collection, soon.
func afterEachCollection(do func()) {
	type sentinel struct{ _ *byte } // nothing refers to it
	var collected func(*sentinel)
	collected = func(*sentinel) {
		do()
		runtime.SetFinalizer(&sentinel{}, collected)
	}
	runtime.SetFinalizer(&sentinel{}, collected)
}
