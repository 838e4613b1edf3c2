package cli

import "runtime/debug"

const (
	// gcPercent lets the server start without a collection and then collect half as
	// often as by Go's default: it lives on a few megabytes, and nearly all that a call
	// allocates dies with it.
	gcPercent = 200
	// memoryLimit is where collections become frequent. The first page of an output of
	// 20 MB and a thousand waits each stay within 110 MB with it.
	memoryLimit = 75 << 20
)

// TuneGC sets how often Go collects garbage. A variable that the operator sets, GOGC
// or GOMEMLIMIT, stays in force.
func TuneGC(getenv func(string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
