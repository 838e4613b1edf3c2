package browseract

import "bytes"

// A taskPage is a page of list-tasks that is decoded without the outputs which
// the API sends along.
type taskPage struct{ Page[TaskSummary] }

func (taskPage) outline(raw []byte) []byte { return withoutOutputs(raw) }

// An outliner can do with less than all of a body.
type outliner interface{ outline(raw []byte) []byte }

// withoutOutputs returns a page with null in the place of each task's output: a
// page is hardly anything but outputs, no list shows them, and encoding/json
// would read every byte of them twice. What is broken beside the outputs stays
// as broken as it is.
func withoutOutputs(page []byte) []byte {
	var kept []byte
	var around []byte // the brackets that are open
	from := 0
	for i := 0; i < len(page); i++ {
		switch c := page[i]; c {
		case '{', '[':
			around = append(around, c)
		case '}', ']':
			around = around[:max(0, len(around)-1)]
		case '"':
			end := endOfString(page, i)
			if isOutput(page[i:end], page[end:]) && bytes.HasSuffix(around, []byte("[{")) {
				kept = append(append(kept, page[from:end]...), ":null"...)
				end += lengthOfValue(page[end:])
				from = end
			}
			i = end - 1
		}
	}
	return append(kept, page[from:]...)
}

// isOutput reports whether a string is the name of a member output, and not a
// text that reads the same.
func isOutput(quoted, rest []byte) bool {
	return string(quoted) == `"output"` && bytes.HasPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte(":"))
}

// lengthOfValue returns how far rest goes on until the next member, or until the
// object ends.
func lengthOfValue(rest []byte) int {
	depth := 0
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '"':
			i = endOfString(rest, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth < 0 || depth == 0 && rest[i] == ',' {
			return i
		}
	}
	return len(rest)
}

// endOfString returns the place behind the string that begins at i, or the end of
// the text where nothing ends it.
func endOfString(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return len(text)
}
