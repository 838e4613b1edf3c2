package cli_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what the sessions answer into testdata/session")

// TestSessions plays the sessions of testdata/session, each in both eras of the
// protocol unless it is about one of them. A session is an archive: what it is
// about, the arguments of the program, and a script.
//
//	> tool {…}   calls a tool and waits
//	& tool {…}   calls a tool and does not
//	?            lists the tools
//	! {…}        sends a message as it stands
//	~ 30s        lets time pass
//	< …  . …     the reply and the progress that are expected
func TestSessions(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/session/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d sessions: %v", len(files), err)
	}
	for _, file := range files {
		for _, era := range eras(filepath.Base(file)) {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+" "+era, func(t *testing.T) {
				t.Parallel()
				checkSession(t, file, era)
			})
		}
	}
}

// eras are those that a session is played in: both, with the same answers. One
// that is named after an era has messages that stand as they are. An update takes
// the answers of the first.
func eras(name string) []string {
	switch {
	case strings.HasPrefix(name, "era_"):
		return []string{"raw"}
	case *update:
		return []string{"2025-11-25"}
	}
	return []string{"2025-11-25", "2026-07-28"}
}

func checkSession(t *testing.T, file, era string) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Files) != 2 || archive.Files[0].Name != "arguments" || archive.Files[1].Name != "script" {
		t.Fatalf("%s has to hold arguments and a script", file)
	}
	var got string
	synctest.Test(t, func(t *testing.T) {
		got = play(t, era, string(archive.Files[0].Data), string(archive.Files[1].Data))
	})
	if *update {
		acceptSession(t, file, archive, got)
		return
	}
	if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
		t.Errorf("the session is another one (-want +got):\n%s\nto accept it: go test ./server/cli -run TestSessions -update", diff)
	}
}

func acceptSession(t *testing.T, file string, archive *txtar.Archive, script string) {
	t.Helper()
	archive.Files[1].Data = []byte(script)
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
