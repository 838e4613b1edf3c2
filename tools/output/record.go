package output

import "strings"

// record is one row, taken apart at most once however often it is written.
type record struct {
	*Document
	raw    string
	span   span
	values []value
	fields []field
}

// field is a key of an object, quoted and escaped, and its value.
type field struct {
	key   string
	value value
}

func (d *Document) record(row span) *record {
	return &record{Document: d, raw: d.src[row.start:row.end], span: row}
}

// cells returns the row's values in the order of the columns.
func (r *record) cells() []value {
	if r.values == nil {
		r.values = r.Document.cells(r.span, nil)
	}
	return r.values
}

// members returns the keys and values of a row that is an object of JSON.
func (r *record) members() []field {
	if r.fields == nil {
		for key, text := range members(r.raw) {
			r.fields = append(r.fields, field{key, jsonValue(text)})
		}
	}
	return r.fields
}

// line returns a row that is a line, without its end.
func (r *record) line() string {
	return strings.TrimSuffix(strings.TrimSuffix(r.raw, "\n"), "\r")
}
