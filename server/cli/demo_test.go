package cli_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/server/cli"
)

func TestDemoShowsASessionWithItsProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		got := run(t.Context(), nil, "", "demo")
		if got.err != nil || got.stderr != "" {
			t.Errorf("ended with %v and %q on stderr", got.err, got.stderr)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("took %s, want at most 10 s", took)
		}
		inOrder(t, got.stdout,
			"on a simulated BrowserAct account",
			"user    Find coffee shops in Lisbon",
			"agent   list_templates {",
			`the first is "Google Maps Businesses"`,
			"agent   get_template {",
			"it takes keywords (required), language, country",
			"agent   run_template {",
			"  0.0 s  created",
			" s  step 1: Open Google Maps",
			" s  step 2: Search for coffee shops in Lisbon",
			" s  step 6: Write the rows as JSON",
			"The run finished after ", "and used 31 credits",
			"agent   get_task_output {",
			"<<<UNTRUSTED-WEB-DATA ",
			"| name | category | rating |",
			"| Copper Sparrow | coffee shops in Lisbon | 4.7 |",
			"<<<END UNTRUSTED-WEB-DATA ",
			" s. Now plug it into your agent",
		)
	})
}

// inOrder fails if text does not hold all wants, one after the other.
func inOrder(t *testing.T, text string, wants ...string) {
	t.Helper()
	rest := text
	for _, want := range wants {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("%q is missing, or in another place, in\n%s", want, text)
		}
		rest = after
	}
}

func TestDemoFitsATerminalOf80Columns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for line := range strings.Lines(run(t.Context(), nil, "", "demo").stdout) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 || strings.HasSuffix(line, " \n") {
				t.Errorf("%d columns: %q", n, line)
			}
		}
	})
}

func TestDemoDrawsProgressWhenItHappens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		screen, stdout := io.Pipe()
		drawn := map[string]time.Duration{}
		began := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			buf := make([]byte, 4096)
			for n, err := screen.Read(buf); err == nil; n, err = screen.Read(buf) {
				drawn[strings.TrimSpace(string(buf[:n]))] = time.Since(began)
			}
		}()
		err := cli.Run(t.Context(), cli.Program{Version: "v1"}, []string{"demo"}, environment{}.get, strings.NewReader(""), stdout, io.Discard)
		_ = stdout.Close()
		<-done
		if err != nil {
			t.Fatal(err)
		}
		line := regexp.MustCompile(`^(\d+\.\d) s  `)
		count := 0
		for text, at := range drawn {
			if match := line.FindStringSubmatch(text); match != nil {
				count++
				if shown, _ := time.ParseDuration(match[1] + "s"); (at - shown).Abs() > 100*time.Millisecond {
					t.Errorf("%q was drawn at %s", text, at)
				}
			}
		}
		if count < 7 {
			t.Errorf("%d lines of progress, want at least 7: %v", count, drawn)
		}
	})
}

func TestDemoCanBeInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		got := run(ctx, nil, "", "demo")
		if got.message() != "browseract-mcp: interrupted" {
			t.Errorf("got %q", got.message())
		}
		if took := time.Since(began); took > 4500*time.Millisecond {
			t.Errorf("took %s to stop", took-3*time.Second)
		}
	})
}

func TestDemoLiveStartsNothingWithoutConsent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key, stdin, want string
	}{
		"no":       {goodKey, "no\n", "nothing was started"},
		"y":        {goodKey, "y\n", "nothing was started"},
		"Enter":    {goodKey, "\n", "nothing was started"},
		"nothing":  {goodKey, "", "nothing was started"},
		"no key":   {"", "yes\n", "demo --live needs an API key. The user can set it: put BROWSERACT_API_KEY"},
		"bad key":  {"${KEY}", "yes\n", "BROWSERACT_API_KEY holds a placeholder and not a key"},
		"yes, but": {goodKey, "yes, but later\n", "nothing was started"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := simulator.New(simulator.WithKeys(goodKey))
			env := environment{"BROWSERACT_API_KEY": c.key, "BROWSERACT_API_URL": serveAccount(t, account)}
			got := run(t.Context(), env, c.stdin, "demo", "--live")
			if got.err == nil || !strings.Contains(got.message(), c.want) {
				t.Errorf("got %v, want %q", got.err, c.want)
			}
			if asked := account.Requests(); len(asked) != 0 {
				t.Errorf("%d requests were sent", len(asked))
			}
			if strings.Contains(got.stdout, "It costs credits") != (c.key == goodKey) {
				t.Errorf("stdout is %q", got.stdout)
			}
		})
	}
}

func TestDemoLiveCanBeInterruptedBeforeConsent(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	keyboard, _ := io.Pipe()
	defer keyboard.Close()
	var stdout buffer
	err := cli.Run(ctx, cli.Program{Version: "v1"}, []string{"demo", "--live"}, environment{"BROWSERACT_API_KEY": goodKey}.get, keyboard, &stdout, io.Discard)
	if err == nil || err.Error() != "browseract-mcp: nothing was started" {
		t.Errorf("got %v", err)
	}
}

func TestDemoLiveRunsOnceOnTheUsersAccount(t *testing.T) {
	t.Parallel()
	account := simulator.New(simulator.WithKeys(goodKey), simulator.WithSpeed(1000))
	env := environment{"BROWSERACT_API_KEY": goodKey, "BROWSERACT_API_URL": serveAccount(t, account)}
	got := run(t.Context(), env, "yes\n", "demo", "--live")
	if got.err != nil {
		t.Fatalf("got %v:\n%s", got.err, got.stdout)
	}
	inOrder(t, got.stdout, "It costs credits", "on your BrowserAct account", "agent   run_template", "The run finished", "Done in")
	if tasks := account.Tasks(); len(tasks) != 1 || tasks[0].Key != goodKey {
		t.Errorf("got tasks %+v, want one of the user's", tasks)
	}
	if strings.Contains(got.stdout+got.stderr, goodKey) {
		t.Errorf("the key is shown:\n%s", got.stdout)
	}
}

func TestInterruptedLiveDemoNamesItsTask(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	account := simulator.New(simulator.WithKeys(goodKey))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		account.ServeHTTP(w, r)
		if r.Method == http.MethodPost {
			interrupt()
		}
	}))
	defer server.Close()
	got := run(ctx, environment{"BROWSERACT_API_KEY": goodKey, "BROWSERACT_API_URL": server.URL}, "yes\n", "demo", "--live")
	tasks := account.Tasks()
	if len(tasks) != 1 {
		t.Fatalf("got tasks %+v, want one", tasks)
	}
	if want := "interrupted; task " + tasks[0].ID + " goes on"; !strings.Contains(got.message(), want) {
		t.Errorf("got %q, want %q", got.message(), want)
	}
}

func TestDemoShowsALiveViewOnlyWhereThereIsOne(t *testing.T) {
	t.Parallel()
	for live, want := range map[simulator.Live]string{
		simulator.LiveInfo: "\n\n        https://",
		simulator.LiveNone: "after the user says so.\n\nDone in",
	} {
		account := simulator.New(simulator.WithKeys(goodKey), simulator.WithSpeed(1000))
		asking := account.AddTemplate(simulator.Template{Name: "Asks", Scenario: simulator.Scenario{
			Live: live, Steps: []simulator.Step{{Goal: "Log in", Human: &simulator.Human{Live: true}}},
		}})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost { // each start is this one
				r.Body = io.NopCloser(strings.NewReader(`{"workflow_template_id":"` + asking + `"}`))
			}
			account.ServeHTTP(w, r)
		}))
		defer server.Close()
		got := run(t.Context(), environment{"BROWSERACT_API_KEY": goodKey, "BROWSERACT_API_URL": server.URL}, "yes\n", "demo", "--live")
		if got.err != nil || !strings.Contains(got.stdout, want) || strings.Contains(got.stdout, "\n\n\n") {
			t.Errorf("%q: %v, without %q:\n%s", live, got.err, want, got.stdout)
		}
	}
}
