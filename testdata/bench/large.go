package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/browseract/browseract-mcp/testdata/bench/drive"
)

const (
	largeRounds = 5
	largeRows   = 50_000
)

// largeOutput measures what the pages of an output of 20 MB cost, beside decoding
// it into raw rows in this process, and the memory that the first page takes.
func largeOutput(ctx context.Context, p programs) ([]row, error) {
	api := drive.NewAPI(0)
	defer api.Close()
	output := largeJSON()
	api.SetLarge(output)
	s, err := transports()[0].start(ctx, p.ours, nil, p.env(api))
	if err != nil {
		return nil, err
	}
	defer s.stop()
	task := 0
	first, err := versus(largeRounds,
		func() (float64, error) { task++; return s.page(ctx, task, 0) },
		func() (float64, error) { return decodeRows(api.TaskBody("1")) })
	if err != nil {
		return nil, err
	}
	further, err := versus(largeRounds,
		func() (float64, error) { return s.page(ctx, task, largeRows-1000) },
		func() (float64, error) { return decodeRows(api.TaskBody("1")) })
	if err != nil {
		return nil, err
	}
	peak, err := firstPagePeak(ctx, p, api)
	rows := []row{
		first.row("CPU of the first page of 20 MB, beside decoding it", "ms"),
		further.row("CPU of a further page of 20 MB, beside decoding all", "ms"),
		{name: "most memory for the first page, beside the output's size", got: peak / float64(len(output)), limit: 7},
	}
	rows[0].limit, rows[1].limit = 1.5, 0.05
	return rows, err
}

// largeJSON is an array of flat objects of 20 MB, as a scraper writes it.
func largeJSON() string {
	var b strings.Builder
	for i := range largeRows {
		fmt.Fprintf(&b, `,{"id":%d,"name":"Café No. %d \"%s\"","price":%d.%02d,"in_stock":%t,"url":"https://shop.example.com/item/%016x"}`,
			i, i, strings.Repeat("steel blue wireless ", 14), i%1000, i%100, i%3 == 0, i*7919)
	}
	return "[" + b.String()[1:] + "]"
}

// page returns the milliseconds of CPU that a page takes.
func (s *subject) page(ctx context.Context, task, offset int) (float64, error) {
	return cpuOf(s.server.Process(), func() error {
		reply, err := s.Call(ctx, "tools/call", drive.ReadOutput(fmt.Sprint(task), offset))
		if err == nil && !strings.Contains(string(reply), fmt.Sprintf(`No. %d `, offset)) {
			err = fmt.Errorf("a page without its first row: %.300s", reply)
		}
		return err
	})
}

// decodeRows returns the milliseconds of CPU that it takes to decode a task, and
// its output into raw rows.
func decodeRows(body []byte) (float64, error) {
	return cpuOf(drive.Process{PID: os.Getpid()}, func() error {
		var task struct{ Output struct{ String string } }
		if err := json.Unmarshal(body, &task); err != nil {
			return err
		}
		var rows []json.RawMessage
		return json.Unmarshal([]byte(task.Output.String), &rows)
	})
}

// cpuOf returns the milliseconds of CPU that a process takes while do runs.
func cpuOf(p drive.Process, do func() error) (float64, error) {
	before, err := p.CPU()
	if err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	after, err := p.CPU()
	return (after - before).Seconds() * 1000, err
}

// firstPagePeak returns the most bytes of memory of a process that answers one page.
func firstPagePeak(ctx context.Context, p programs, api *drive.API) (float64, error) {
	s, err := transports()[0].start(ctx, p.ours, nil, p.env(api))
	if err != nil {
		return 0, err
	}
	defer s.stop()
	if _, err := s.page(ctx, 1, 0); err != nil {
		return 0, err
	}
	peak, err := s.server.Process().Peak()
	return float64(peak), err
}
