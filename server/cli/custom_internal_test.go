package cli

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/browseract/simulator"
)

// TestStartWaitsForDefinitionsOnce holds to the millisecond what the tests of
// the program cannot: when the API takes 30 s for each definition, or answers nothing
// that can be read.
func TestStartWaitsForDefinitionsOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"slow":    {Endpoint: "get-workflow", Delay: 30 * time.Second},
		"rubbish": {Endpoint: "get-workflow", Body: "<html>"},
		"down":    {Endpoint: "get-workflow", Abort: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := newStarts(t, folder)
				repair := s.account.Inject(fault)
				if took, known := s.start(t, time.Second); took > startFetchTimeout || known {
					t.Errorf("the first start took %v, known %t", took, known)
				}
				s.start(t, time.Minute) // in which the attempt is noted
				if took, known := s.start(t, 0); took > 0 || known {
					t.Errorf("a later start took %v, known %t", took, known)
				}
				repair()
				s.start(t, time.Minute)
				s.account.Inject(fault)
				time.Sleep(time.Hour) // it is to be read again
				if took, known := s.start(t, time.Minute); took > 0 || !known {
					t.Errorf("a start with the cache took %v, known %t", took, known)
				}
			})
		})
	}
}

// starts are those of a server with one workflow exposed.
type starts struct {
	account *simulator.Account
	sys     *system
	flags   *accountFlags
	connect func(browseract.KeyFunc) (*browseract.Client, error)
}

func newStarts(t *testing.T, folder string) *starts {
	t.Helper()
	s := &starts{account: simulator.New()}
	network := s.account.Start()
	t.Cleanup(network.Close)
	s.connect = func(key browseract.KeyFunc) (*browseract.Client, error) {
		return browseract.New(key, browseract.WithBaseURL(network.URL), browseract.WithTransport(network.Transport))
	}
	env := map[string]string{"XDG_CACHE_HOME": folder, "LOCALAPPDATA": folder, "HOME": folder}
	s.sys = &system{getenv: func(name string) string { return env[name] }, logger: slog.New(slog.DiscardHandler)}
	s.flags = &accountFlags{APIURL: network.URL, Custom: customFlags{Expose: []string{s.account.Workflow("Price Monitor").ID}}}
	return s
}

// start starts, lives for so long, and returns how long it took to have tools, and
// whether their definitions are known.
func (s *starts) start(t *testing.T, lives time.Duration) (took time.Duration, known bool) {
	t.Helper()
	began := time.Now()
	a := &account{key: simulator.Key, connect: s.connect}
	e, err := s.flags.customTools(context.Background(), s.sys, a, startFetchTimeout)
	if err != nil {
		t.Fatal(err)
	}
	took = time.Since(began)
	time.Sleep(lives)
	e.close()
	return took, e.tools[0].Known
}
