package schemas

// A Comparison counts the differences between the outputs of two runs. It is the
// first line of the result of compare_tasks; a page of the changes follows.
type Comparison struct {
	BeforeTaskID string `json:"before_task_id"`
	AfterTaskID  string `json:"after_task_id"`
	// Key is the column that identifies a row; empty: the whole row does.
	Key string `json:"key,omitempty"`
	// KeyGuessed says that the caller did not name the key.
	KeyGuessed bool          `json:"key_guessed"`
	RowsBefore int           `json:"rows_before"`
	RowsAfter  int           `json:"rows_after"`
	Added      int           `json:"added"`
	Removed    int           `json:"removed"`
	Changed    int           `json:"changed"`
	Unchanged  int           `json:"unchanged"`
	Columns    ColumnChanges `json:"columns"`
	// Offset and Returned say which of the changes are on the page.
	Offset   int `json:"offset"`
	Returned int `json:"returned"`
	// NextOffset is where the next page begins; nil on the last one.
	NextOffset *int      `json:"next_offset,omitempty"`
	Warnings   []string  `json:"warnings"`
	NextStep   *NextStep `json:"next_step,omitempty"`
}

// ColumnChanges are the columns that only one of two outputs has, and those whose
// type changed. The lists are never nil.
type ColumnChanges struct {
	Added   []string        `json:"added"`
	Removed []string        `json:"removed"`
	Retyped []RetypedColumn `json:"retyped"`
}

// A RetypedColumn is a column whose values changed their type, such as string or
// number.
type RetypedColumn struct {
	Name   string `json:"name"`
	Before string `json:"before"`
	After  string `json:"after"`
}
