package tools

import (
	"strings"
	"sync"
	"testing"

	"github.com/browseract/browseract-mcp/tools/output"
)

func readingOf(bytes int) reading {
	return reading{document: output.Parse(strings.Repeat("x", bytes)), ended: true}
}

func TestDocumentsUsedLongestAgoMakeRoom(t *testing.T) {
	t.Parallel()
	d := documents{limit: 3 * (1000 + keptOverhead)}
	for _, task := range []string{"a", "b", "c"} {
		d.put(readingKey{task: task}, readingOf(1000))
	}
	d.get(readingKey{task: "a"})
	d.put(readingKey{task: "d"}, readingOf(1000))
	d.put(readingKey{task: "huge"}, readingOf(d.limit))
	for task, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true, "huge": false} {
		if _, kept := d.get(readingKey{task: task}); kept != want {
			t.Errorf("%s is kept: %t, want %t", task, kept, want)
		}
	}
	d.put(readingKey{task: "large"}, readingOf(2*(1000+keptOverhead)))
	if d.bytes > d.limit || len(d.kept) != d.used.Len() {
		t.Errorf("%d bytes of %d in %d documents, %d listed", d.bytes, d.limit, len(d.kept), d.used.Len())
	}
}

func TestManySmallDocumentsAreBoundedToo(t *testing.T) {
	t.Parallel()
	d := documents{limit: 1 << 20}
	for i := range 2000 {
		d.put(readingKey{task: "t", program: strings.Repeat("x", i)}, readingOf(1))
	}
	if n := len(d.kept); n > 256 {
		t.Errorf("%d documents are kept in 1 MB, each of which takes 4 KB", n)
	}
}

func TestZeroDocumentsKeepNothing(t *testing.T) {
	t.Parallel()
	var d documents
	d.put(readingKey{task: "a"}, readingOf(0))
	if _, kept := d.get(readingKey{task: "a"}); kept {
		t.Error("kept a document")
	}
}

func TestDocumentsAreKeptFromSeveralCalls(t *testing.T) {
	t.Parallel()
	d := documents{limit: 10 * (1000 + keptOverhead)}
	var calls sync.WaitGroup
	for i := range 8 {
		calls.Go(func() {
			for n := range 100 {
				key := readingKey{task: string(rune('a' + (i*n)%26))}
				if _, kept := d.get(key); !kept {
					d.put(key, readingOf(1000))
				}
			}
		})
	}
	calls.Wait()
	total := 0
	for element := d.used.Front(); element != nil; element = element.Next() {
		total += element.Value.(*keptReading).bytes()
	}
	if total != d.bytes || total > d.limit || len(d.kept) != d.used.Len() {
		t.Errorf("%d bytes counted, %d kept, of %d", d.bytes, total, d.limit)
	}
}
