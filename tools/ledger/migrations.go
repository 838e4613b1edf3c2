package ledger

import (
	_ "embed" // the migrations
)

// schema1 is the first version of the tables. Times are milliseconds since 1970,
// 0 for none.
//
//go:embed schema1.sql
var schema1 string

// schema2 adds what is known of ends and of starts without a clear answer.
//
//go:embed schema2.sql
var schema2 string

// migrations are the steps from an empty file to the tables of this version. Those
// that were published are never changed.
func migrations() []string { return []string{schema1, schema2} }
