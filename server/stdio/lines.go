package stdio

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"slices"

	"github.com/browseract/browseract-mcp/server/rpc"
)

const (
	readBuffer = 64 << 10
	// maxHead and maxTail are kept of a line that is too long, to find its id, in bytes.
	maxHead = 4 << 10
	maxTail = 512
)

// lineReader splits its input at newlines and holds max bytes and a buffer of a line.
type lineReader struct {
	in  *bufio.Reader
	max int
}

// line is one line, or the ends of one that is too long.
type line struct {
	text    []byte
	tooLong bool
}

// next returns the next line without its newline, and io.EOF at the end.
func (r *lineReader) next() (line, error) {
	var l line
	for {
		chunk, err := r.in.ReadSlice('\n')
		l.add(bytes.TrimSuffix(chunk, []byte("\n")), r.max)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(l.text) > 0:
			return l, nil
		default:
			return l, err
		}
	}
}

func (l *line) add(chunk []byte, limit int) {
	l.text = append(l.text, chunk...)
	l.tooLong = l.tooLong || len(l.text) > limit
	if n := len(l.text); l.tooLong && n > maxHead+maxTail {
		l.text = slices.Concat(l.text[:maxHead], l.text[n-maxTail:])
	}
}

// id looks for the id of a line that is too long where clients put it: as one
// of the first members, or as the very last. It is nil if it was not found.
func (l line) id() json.RawMessage {
	if id := idInHead(l.text[:min(len(l.text), maxHead)]); id != nil {
		return id
	}
	return idInTail(l.text[max(0, len(l.text)-maxTail):])
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
