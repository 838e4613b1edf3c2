package present

import (
	"fmt"
	"strconv"
	"time"

	"github.com/browseract/browseract-mcp/tools/runs"
)

// remaining is how long a task has left by what is typical, 0 where that is not known or
// where it takes longer than usual.
func remaining(s *runs.Snapshot) time.Duration {
	if s.Typical.Duration.Runs < runs.MinRuns {
		return 0
	}
	return max(0, s.Typical.Duration.Median-s.Elapsed())
}

// Typical returns an estimate: typically 4–6 min, 30–33 credits (7 runs). It is "" for
// fewer than 3 runs.
func Typical(typical runs.Typical) string {
	n := typical.Duration.Runs
	if n < runs.MinRuns {
		return ""
	}
	text := "typically " + formatDurations(typical.Duration.Low, typical.Duration.High)
	if typical.Credits.Runs >= runs.MinRuns {
		text += ", " + formatRange(typical.Credits.Low, typical.Credits.High) + " credits"
	}
	return fmt.Sprintf("%s (%d runs)", text, n)
}

// formatDurations writes a range in the unit that suits the longer one: 45–80 s, 4–6 min, 1–3 h.
func formatDurations(low, high time.Duration) string {
	unit, name := time.Second, "s"
	switch {
	case high >= 2*time.Hour:
		unit, name = time.Hour, "h"
	case high >= 2*time.Minute:
		unit, name = time.Minute, "min"
	}
	return formatRange(int64((low+unit/2)/unit), int64((high+unit/2)/unit)) + " " + name
}

// formatRange writes a range of whole numbers.
func formatRange(low, high int64) string {
	if low == high {
		return strconv.FormatInt(low, 10)
	}
	return fmt.Sprintf("%d–%d", low, high)
}
