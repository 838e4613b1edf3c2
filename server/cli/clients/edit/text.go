package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A text is what a file says, and the byte order mark in front of it.
type text struct{ mark, body []byte }

// decodeText refuses what is not UTF-8.
func decodeText(src []byte) (text, error) {
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		return text{}, errors.New("the file is UTF-16; save it as UTF-8 first")
	}
	body := bytes.TrimPrefix(src, []byte("\ufeff"))
	if valid := bytes.ToValidUTF8(body, nil); len(valid) < len(body) {
		return text{}, fmt.Errorf("line %d: the file is not UTF-8", lineOf(body, firstDifference(body, valid)))
	}
	return text{mark: src[:len(src)-len(body)], body: body}, nil
}

func firstDifference(a, b []byte) int {
	for n := range b {
		if a[n] != b[n] {
			return n
		}
	}
	return len(b)
}

// lineOf is the number of the line that offset is in.
func lineOf(src []byte, offset int) int {
	return 1 + bytes.Count(src[:min(offset, len(src))], []byte("\n"))
}

// lineStart is where the line that offset is in begins.
func lineStart(src []byte, offset int) int {
	return bytes.LastIndexByte(src[:offset], '\n') + 1
}

// lineEnd is where the line that offset is in ends, behind its line break.
func lineEnd(src []byte, offset int) int {
	if n := bytes.IndexByte(src[offset:], '\n'); n >= 0 {
		return offset + n + 1
	}
	return len(src)
}

// indentAt is the white space that the line of offset begins with.
func indentAt(src []byte, offset int) string {
	line := src[lineStart(src, offset):offset]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// newlineOf is how lines of src end.
func newlineOf(src []byte) string {
	if n := bytes.IndexByte(src, '\n'); n > 0 && src[n-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// terminated is src with a line break behind its last line.
func terminated(src []byte) []byte {
	if len(src) == 0 || src[len(src)-1] == '\n' {
		return src
	}
	return slices.Concat(src, []byte(newlineOf(src)))
}

// splice is src with the bytes from start to end replaced.
func splice(src []byte, start, end int, replacement string) []byte {
	return slices.Concat(src[:start], []byte(replacement), src[end:])
}

// quote writes a string as JSON does, which is a string of TOML and YAML too.
func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can always be encoded
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\x7f", `\u007f`)
}

// inlineList writes a list on one line, in a way that all formats read.
func inlineList(list []string) string {
	quoted := make([]string, 0, len(list))
	for _, element := range list {
		quoted = append(quoted, quote(element))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// scalar writes a string, bool, int or list on one line, in a way that all
// formats read.
func scalar(value any) string {
	switch v := value.(type) {
	case string:
		return quote(v)
	case []string:
		return inlineList(v)
	}
	return fmt.Sprint(value)
}
