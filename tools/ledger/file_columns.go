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

// A textColumn keeps a text, an empty one as NULL.
type textColumn[T ~string | ~[]byte] struct{ text *T }

func (c textColumn[T]) Value() (driver.Value, error) {
	if len(*c.text) == 0 {
		return nil, nil
	}
	return string(*c.text), nil
}

func (c textColumn[T]) Scan(value any) error {
	var none T
	if *c.text = none; value != nil && value != "" {
		text, _ := value.(string)
		*c.text = T(text)
	}
	return nil
}
