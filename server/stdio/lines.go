package stdio

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"

	"github.com/browseract/browseract-mcp/server/rpc"
)

const (
	readBuffer = 64 << 10
	// maxHead and maxTail are the bytes that are kept of a line that is too long, to
	// find its id: clients put it near either end.
	maxHead = 4 << 10
	maxTail = 512
)

// lineReader splits its input at newlines and never holds more of a line than
// max bytes and a buffer.
type lineReader struct {
	in  *bufio.Reader
	max int
}

func newLineReader(in io.Reader, limit int) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(in, readBuffer), max: limit}
}

// next returns the next line without its newline. The last line needs none. At
// the end the error is io.EOF.
func (r *lineReader) next() (line, error) {
	var l line
	for {
		chunk, err := r.in.ReadSlice('\n')
		l.add(bytes.TrimSuffix(chunk, []byte("\n")), r.max)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && l.begun:
			return l, nil
		default:
			return l, err
		}
	}
}

// line is one line, or the ends of one that is too long.
type line struct {
	begun      bool
	text       []byte
	tooLong    bool
	head, tail []byte
}

func (l *line) add(chunk []byte, limit int) {
	l.begun = l.begun || len(chunk) > 0
	if !l.tooLong && len(l.text)+len(chunk) > limit {
		l.tooLong = true
		l.head = append(bytes.Clone(first(l.text, maxHead)), first(chunk, maxHead)...)
		l.tail = bytes.Clone(last(l.text, maxTail))
		l.text = nil
	}
	if l.tooLong {
		l.tail = bytes.Clone(last(append(l.tail, last(chunk, maxTail)...), maxTail))
		return
	}
	l.text = append(l.text, chunk...)
}

func first(b []byte, n int) []byte { return b[:min(n, len(b))] }

func last(b []byte, n int) []byte { return b[max(0, len(b)-n):] }

// id looks for the id of a line that is too long where clients put it: as one
// of the first members, or as the very last. It is nil if it was not found.
func (l line) id() json.RawMessage {
	if id := idInHead(l.head); id != nil {
		return id
	}
	return idInTail(l.tail)
}

// idInHead reads members until the id, or until the text breaks off.
func idInHead(text []byte) json.RawMessage {
	in := json.NewDecoder(bytes.NewReader(text))
	if start, err := in.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	for {
		name, err := in.Token()
		if err != nil {
			return nil
		}
		var value json.RawMessage
		if in.Decode(&value) != nil {
			return nil
		}
		if name == "id" && rpc.IsID(value) {
			return value
		}
	}
}

// idInTail finds an id that the line ends with. The brace after it closes the
// whole message, so that it cannot be the id of something inside.
func idInTail(text []byte) json.RawMessage {
	match := lastMember.FindSubmatch(text)
	if match == nil || !rpc.IsID(match[1]) {
		return nil
	}
	return match[1]
}

var lastMember = regexp.MustCompile(`[{,]\s*"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+)\s*}\s*$`)
