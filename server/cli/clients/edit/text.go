package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// splitMark splits a byte order mark off src. It is an error if src is not UTF-8.
func splitMark(src []byte) (mark, body []byte, err error) {
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		return nil, nil, errors.New("the file is UTF-16; save it as UTF-8 first")
	}
	body = bytes.TrimPrefix(src, []byte("\ufeff"))
	for at := 0; at < len(body); {
		r, n := utf8.DecodeRune(body[at:])
		if r == utf8.RuneError && n == 1 {
			return nil, nil, fmt.Errorf("line %d: the file is not UTF-8", lineOf(body, at))
		}
		at += n
	}
	return src[:len(src)-len(body)], body, nil
}

// lineOf is the number of the line that offset is in.
func lineOf(src []byte, offset int) int {
	return 1 + bytes.Count(src[:min(offset, len(src))], []byte("\n"))
}

func lineStart(src []byte, offset int) int {
	return bytes.LastIndexByte(src[:offset], '\n') + 1
}

// lineEnd is where the line of offset ends, after its line break.
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

func newlineOf(src []byte) string {
	if n := bytes.IndexByte(src, '\n'); n > 0 && src[n-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// terminated is src with a line break after its last line.
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

// scalar writes a string, bool, int or list on one line, as all formats read it.
func scalar(value any) string {
	switch v := value.(type) {
	case string:
		return quote(v)
	case []string:
		quoted := make([]string, 0, len(v))
		for _, element := range v {
			quoted = append(quoted, quote(element))
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	}
	return fmt.Sprint(value)
}
