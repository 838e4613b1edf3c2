package schemas

import (
	"encoding/json"
	"strings"
	"time"
)

// A Time is a time that a caller names, from 1970 to 9999: an ISO 8601 instant, read
// as UTC where it has no zone, or a date. The zero Time means not sent.
type Time struct {
	start    time.Time
	dateOnly bool
}

// IsZero reports whether no time was sent.
func (t Time) IsZero() bool { return t.start.IsZero() }

// First returns the instant in UTC; of a date, its midnight.
func (t Time) First() time.Time { return t.start }

// Last returns the instant in UTC; of a date, its last millisecond, so that a period
// that ends with a date includes the whole day.
func (t Time) Last() time.Time {
	if !t.dateOnly {
		return t.start
	}
	return t.start.AddDate(0, 0, 1).Add(-time.Millisecond)
}

// MarshalJSON writes the time as ISO 8601 in UTC, the zero Time as null.
func (t Time) MarshalJSON() ([]byte, error) {
	switch {
	case t.IsZero():
		return []byte("null"), nil
	case t.dateOnly:
		return encode(t.start.Format(time.DateOnly)), nil
	}
	return encode(t.start.Format(time.RFC3339Nano)), nil
}

// UnmarshalJSON reads a time as described at [Time]. Null leaves it as it is.
func (t *Time) UnmarshalJSON(raw []byte) error { return unmarshal(t, raw, readTime) }

func readTime(raw json.RawMessage) (Time, *valueError) {
	s := strings.ToUpper(trimmed(raw))
	for _, layout := range timeLayouts() {
		start, err := time.Parse(layout, s)
		start = start.UTC()
		if err == nil && start.Year() >= 1970 && start.Year() <= 9999 {
			return Time{start: start, dateOnly: layout == time.DateOnly}, nil
		}
	}
	return Time{}, invalid("must be a date or time in ISO 8601, UTC, such as 2026-01-31 or 2026-01-31T08:00:00Z; %s was sent.", quoteJSON(raw))
}

// timeLayouts are the variants of ISO 8601 that models write, and the API's own.
func timeLayouts() []string {
	return []string{
		time.DateOnly, time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00",
		"2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04",
	}
}
