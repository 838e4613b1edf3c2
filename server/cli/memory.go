package cli

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// gcLight is how often Go collects, as GOGC has it, while little is in use: the
	// server starts without a collection, and then collects half as often as Go does
	// by itself. It lives on a few megabytes, and nearly all that a call allocates
	// dies with it.
	gcLight = 200
	// heavy is how many bytes in use are much, stacks among them: a thousand waits,
	// or a large output.
	heavy = 16 << 20
	// garbage is about how many bytes wait for their collection then, however much is
	// in use.
	garbage = 8 << 20
)

// KeepMemoryLow collects rarely while little memory is in use, and often while much
// is. It returns at once, and works as long as the process runs.
func KeepMemoryLow() {
	debug.SetGCPercent(gcLight)
	afterEachCollection(func() { debug.SetGCPercent(percentFor(inUse())) })
}

func percentFor(used uint64) int {
	if used < heavy {
		return gcLight
	}
	return int(100*garbage/used) + 1
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
