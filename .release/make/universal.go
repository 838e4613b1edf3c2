package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
)

// The header of a universal binary, as macOS's <mach-o/fat.h> describes it.
const (
	fatMagic = 0xcafebabe
	fatAlign = 14 // 2^14 bytes, a page of the larger kind
)

// fatArch says where the program for one processor is. Its numbers are big-endian.
type fatArch struct{ CPU, Subtype, Offset, Size, Align uint32 }

// universal joins the programs for macOS into one, which the bundle needs: it
// cannot choose by processor.
func (r release) universal() error {
	var programs [][]byte
	for _, processor := range []string{"amd64", "arm64"} {
		program, err := os.ReadFile(r.program(target{"darwin", processor}))
		if err != nil {
			return err
		}
		programs = append(programs, program)
	}
	joined, err := join(programs)
	if err != nil {
		return err
	}
	path := r.program(target{"darwin", "all"})
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, joined, 0o755)
}

func join(programs [][]byte) ([]byte, error) {
	const page = 1 << fatAlign
	header := []any{[]uint32{fatMagic, uint32(len(programs))}}
	var body []byte
	for _, program := range programs {
		// A program for one processor names it in its second and third number.
		cpu, subtype := binary.LittleEndian.Uint32(program[4:]), binary.LittleEndian.Uint32(program[8:])
		header = append(header, fatArch{cpu, subtype, uint32(page + len(body)), uint32(len(program)), fatAlign})
		body = append(body, program...)
		body = append(body, make([]byte, (page-len(body)%page)%page)...)
	}
	var joined bytes.Buffer
	for _, part := range header {
		if err := binary.Write(&joined, binary.BigEndian, part); err != nil {
			return nil, err
		}
	}
	joined.Write(make([]byte, page-joined.Len()))
	joined.Write(body)
	return joined.Bytes(), nil
}
