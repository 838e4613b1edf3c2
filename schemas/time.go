package schemas

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// A Time is a moment that a caller names: an ISO 8601 instant, UTC where it
// tells no zone, or a date. The zero Time means that none was named.
type Time struct {
	start    time.Time
	dateOnly bool
}

// IsZero tells whether no time was named.
func (t Time) IsZero() bool { return t.start.IsZero() }

// First returns the instant in UTC; of a date, its midnight.
func (t Time) First() time.Time { return t.start }

// Last returns the instant in UTC; of a date, its last millisecond, so that a
// range up to a date has the whole day in it.
func (t Time) Last() time.Time {
	if !t.dateOnly {
		return t.start
	}
	return t.start.AddDate(0, 0, 1).Add(-time.Millisecond)
}

// MarshalJSON writes the time as ISO 8601, the zero Time as null.
func (t Time) MarshalJSON() ([]byte, error) {
	switch {
	case t.IsZero():
		return []byte("null"), nil
	case t.dateOnly:
		return encode(t.start.Format(time.DateOnly)), nil
	default:
		return encode(t.start.Format(time.RFC3339Nano)), nil
	}
}

// UnmarshalJSON reads a time as [Time] says. Null leaves it as it is.
func (t *Time) UnmarshalJSON(raw []byte) error {
	if kindOf(raw) == isNull {
		return nil
	}
	read, err := readTime(raw)
	if err == nil {
		*t = read
	}
	return err
}

func normalizeTime(raw json.RawMessage) (json.RawMessage, error) {
	t, err := readTime(raw)
	if err != nil {
		return nil, err
	}
	return t.MarshalJSON()
}

func readTime(raw json.RawMessage) (Time, error) {
	s, ok := text(raw)
	if !ok {
		return Time{}, notATime(showJSON(raw))
	}
	s = strings.TrimSpace(s)
	if start, err := time.Parse(time.DateOnly, s); err == nil {
		return Time{start: start, dateOnly: true}, nil
	}
	for _, layout := range []string{
		time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04",
		"2006-01-02 15:04:05Z07:00", time.DateTime, "2006-01-02 15:04",
	} {
		if start, err := time.Parse(layout, s); err == nil {
			return Time{start: start.UTC()}, nil
		}
	}
	return Time{}, notATime(show(s))
}

func notATime(sent string) error {
	return fmt.Errorf("must be an ISO 8601 date or time in UTC, such as 2026-01-31 or 2026-01-31T08:00:00Z; %s was sent.", sent)
}
