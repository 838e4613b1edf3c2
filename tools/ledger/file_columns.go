package ledger

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// A timeColumn keeps a time in milliseconds since 1970; 0 is the zero time.
type timeColumn struct{ t *time.Time }

func (c timeColumn) Value() (driver.Value, error) { return millis(*c.t), nil }

func (c timeColumn) Scan(value any) error {
	ms, ok := value.(int64)
	if !ok {
		return fmt.Errorf("a time is a %T", value)
	}
	if *c.t = (time.Time{}); ms != 0 {
		*c.t = time.UnixMilli(ms).UTC()
	}
	return nil
}

// millis returns t as the file keeps it.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// A jsonColumn keeps what its pointer points to as JSON.
type jsonColumn struct{ v any }

func (c jsonColumn) Value() (driver.Value, error) {
	text, err := json.Marshal(c.v)
	return string(text), err
}

func (c jsonColumn) Scan(value any) error {
	text, _ := value.(string)
	return json.Unmarshal([]byte(text), c.v)
}

// An optionalText keeps "" as NULL.
type optionalText string

func (c *optionalText) Value() (driver.Value, error) {
	if *c == "" {
		return nil, nil
	}
	return string(*c), nil
}

func (c *optionalText) Scan(value any) error {
	text, _ := value.(string)
	*c = optionalText(text)
	return nil
}

// A rawColumn keeps JSON as it is, nil as NULL.
type rawColumn json.RawMessage

func (c *rawColumn) Value() (driver.Value, error) {
	if *c == nil {
		return nil, nil
	}
	return string(*c), nil
}

func (c *rawColumn) Scan(value any) error {
	if *c = nil; value != nil {
		text, _ := value.(string)
		*c = rawColumn(text)
	}
	return nil
}
