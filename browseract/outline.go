package browseract

import "bytes"

// A taskPage is a page of list-tasks that is decoded without the tasks' outputs.
type taskPage struct{ Page[TaskSummary] }

// withoutOutputs returns a page with null in place of each task's output. Nearly all
// of a page is outputs, no list shows them, and encoding/json would read each byte
// of them twice. Broken JSON outside the outputs stays broken.
func withoutOutputs(page []byte) []byte {
	var kept []byte
	var open []byte // the brackets around i
	from := 0
	for i := 0; i < len(page); i++ {
		switch c := page[i]; c {
		case '{', '[':
			open = append(open, c)
		case '}', ']':
			open = open[:max(0, len(open)-1)]
		case '"':
			end := stringEnd(page, i)
			if isOutput(page[i:end], page[end:]) && bytes.HasSuffix(open, []byte("[{")) {
				kept = append(append(kept, page[from:end]...), ":null"...)
				end += valueLength(page[end:])
				from = end
			}
			i = end - 1
		}
	}
	return append(kept, page[from:]...)
}

// isOutput reports whether a string is the name of a member output, not a value.
func isOutput(quoted, rest []byte) bool {
	return string(quoted) == `"output"` && bytes.HasPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte(":"))
}

// valueLength returns how long rest is up to the next member or the object's end.
func valueLength(rest []byte) int {
	depth := 0
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '"':
			i = stringEnd(rest, i) - 1
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

// stringEnd returns the index after the string that begins at i, or the length of
// the text if nothing ends it.
func stringEnd(text []byte, i int) int {
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
