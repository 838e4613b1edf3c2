package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How often Go collects, as GOGC has it.
const (
	// gcLight lets the server start without a collection, and collects half as often
	// as Go does by itself: it lives on a few megabytes, and nearly all that a call
	// allocates dies with it.
	gcLight = 200
	// gcHeavy is for when much is in use: a thousand waits, or a large output. What is
	// added to it then, as garbage that waits for its collection, counts.
	gcHeavy = 15
	// heavy is how many bytes in use are much, stacks among them.
	heavy = 32 << 20
)

// KeepMemoryLow collects rarely while little memory is in use, and often while much
// is. It returns at once, and works as long as the process runs.
func KeepMemoryLow() {
	debug.SetGCPercent(gcLight)
	afterEachCollection(func() {
		if inUse() > heavy {
			debug.SetGCPercent(gcHeavy)
		} else {
			debug.SetGCPercent(gcLight)
		}
	})
}

// inUse returns the bytes that the last collection found alive, and those of stacks.
func inUse() uint64 {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() + samples[1].Value.Uint64()
}

// afterEachCollection calls do after each collection, soon.
func afterEachCollection(do func()) {
	type sentinel struct{ _ *byte } // nobody refers to it
	var bury func(*sentinel)
	bury = func(*sentinel) {
		do()
		runtime.SetFinalizer(&sentinel{}, bury)
	}
	runtime.SetFinalizer(&sentinel{}, bury)
}
