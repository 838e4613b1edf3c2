package cli_test

import (
	"math"
	"runtime/debug"
	"testing"

	"github.com/browseract/browseract-mcp/server/cli"
)

// TestTuneGC changes the process that it runs in, so it is not parallel.
func TestTuneGC(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64)
	defer func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}()
	for _, tt := range []struct {
		env         environment
		wantPercent int
		wantLimit   int64
	}{
		{nil, 200, 75 << 20},
		{environment{"GOGC": "50"}, 100, 75 << 20},
		{environment{"GOMEMLIMIT": "1GiB"}, 200, math.MaxInt64},
		{environment{"GOGC": "off", "GOMEMLIMIT": "off"}, 100, math.MaxInt64},
	} {
		cli.TuneGC(tt.env.get)
		gotPercent, gotLimit := debug.SetGCPercent(100), debug.SetMemoryLimit(math.MaxInt64)
		if gotPercent != tt.wantPercent || gotLimit != tt.wantLimit {
			t.Errorf("%v: got %d %% and %d bytes, want %d %% and %d", tt.env, gotPercent, gotLimit, tt.wantPercent, tt.wantLimit)
		}
	}
}
