package schemas_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/schemas"
)

func TestTimesAreReadAsUTC(t *testing.T) {
	t.Parallel()
	const full = "2006-01-02T15:04:05.999Z"
	tests := []struct{ sent, first, last string }{
		{`"2026-01-31"`, "2026-01-31T00:00:00Z", "2026-01-31T23:59:59.999Z"},
		{`" 2024-02-29 "`, "2024-02-29T00:00:00Z", "2024-02-29T23:59:59.999Z"},
		{`"2026-01-31T08:30:00Z"`, "2026-01-31T08:30:00Z", "2026-01-31T08:30:00Z"},
		{`"2026-01-31t08:30:00z"`, "2026-01-31T08:30:00Z", "2026-01-31T08:30:00Z"},
		{`"2026-01-31T08:30:00.25Z"`, "2026-01-31T08:30:00.25Z", "2026-01-31T08:30:00.25Z"},
		{`"2026-01-31T00:30:00+08:00"`, "2026-01-30T16:30:00Z", "2026-01-30T16:30:00Z"},
		{`"2026-01-31T00:30:00+0800"`, "2026-01-30T16:30:00Z", "2026-01-30T16:30:00Z"},
		{`"2026-01-31T08:30Z"`, "2026-01-31T08:30:00Z", "2026-01-31T08:30:00Z"},
		{`"2026-01-31T08:30:15"`, "2026-01-31T08:30:15Z", "2026-01-31T08:30:15Z"},
		{`"2026-01-31T08:30"`, "2026-01-31T08:30:00Z", "2026-01-31T08:30:00Z"},
		{`"2026-01-31 08:30:15"`, "2026-01-31T08:30:15Z", "2026-01-31T08:30:15Z"},
		{`"2026-01-31 08:30:15+01:00"`, "2026-01-31T07:30:15Z", "2026-01-31T07:30:15Z"},
		{`"2026-01-31 08:30"`, "2026-01-31T08:30:00Z", "2026-01-31T08:30:00Z"},
	}
	for _, test := range tests {
		var got schemas.Time
		if err := json.Unmarshal([]byte(test.sent), &got); err != nil {
			t.Errorf("%s: %v", test.sent, err)
		}
		if first := got.First().Format(full); first != test.first {
			t.Errorf("%s begins %s, want %s", test.sent, first, test.first)
		}
		if last := got.Last().Format(full); last != test.last {
			t.Errorf("%s ends %s, want %s", test.sent, last, test.last)
		}
		if got.First().Location() != time.UTC {
			t.Errorf("%s is not in UTC", test.sent)
		}
	}
}

func TestInvalidTimesAreRefused(t *testing.T) {
	t.Parallel()
	for _, sent := range []string{
		`"yesterday"`, `"31.01.2026"`, `"01/31/2026"`, `"2026-1-31"`, `"20260131"`, `"2026-01"`, `"2026-01-31T25:00:00Z"`,
		`"1969-12-31"`, `"0001-01-01T00:00:00Z"`, `"9999-12-31T23:59:59-01:00"`, `"2026-01-31T08:30:60Z"`, `1767225600`, `true`, `{}`, `[]`, `""`,
	} {
		var got schemas.Time
		if err := json.Unmarshal([]byte(sent), &got); err == nil || !got.IsZero() {
			t.Errorf("%s: got %v, %v, want an error", sent, got.First(), err)
		}
	}
}

func TestZeroTimeIsNull(t *testing.T) {
	t.Parallel()
	var none schemas.Time
	if err := json.Unmarshal([]byte(`null`), &none); err != nil || !none.IsZero() {
		t.Errorf("got %v, %v, want the zero Time", none, err)
	}
	if got := marshal(t, none); got != "null" {
		t.Errorf("got %s, want null", got)
	}
}
