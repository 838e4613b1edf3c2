package tools_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools"
)

func TestInvalidInputSendsNoRequest(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	for _, tt := range []struct{ name, tool, arguments, want string }{
		{"no arguments", "get_task", ``, "task_id"},
		{"null for a required one", "get_task", `{"task_id":null}`, "task_id"},
		{"blank id", "get_task", `{"task_id":"  "}`, "task_id"},
		{"unknown argument", "get_task", `{"task_id":"1","taskId":"2"}`, "taskId"},
		{"id above 2^53 as a number", "get_task", `{"task_id":77577579210625331}`, "string"},
		{"id with a slash", "get_task", `{"task_id":"../x"}`, "task_id"},
		{"id with a control character", "stop_task", `{"task_id":"1\u0000"}`, "task_id"},
		{"id of 129 characters", "get_task", `{"task_id":"` + long[:129] + `"}`, "128"},
		{"id of a megabyte", "get_task", `{"task_id":"` + long + `"}`, "128"},
		{"id as a list of two", "get_task", `{"task_id":["1","2"]}`, "task_id"},
		{"wait of 51 s", "get_task", `{"task_id":"1","wait_seconds":51}`, "50"},
		{"wait below zero", "get_task", `{"task_id":"1","wait_seconds":-1}`, "wait_seconds"},
		{"wait as a word", "get_task", `{"task_id":"1","wait_seconds":"soon"}`, "wait_seconds"},
		{"limit 0", "list_tasks", `{"limit":0}`, "limit"},
		{"limit 101", "list_tasks", `{"limit":101}`, "100"},
		{"limit 501 of rows", "get_task_output", `{"task_id":"1","limit":501}`, "500"},
		{"page 0", "list_workflows", `{"page":0}`, "page"},
		{"unknown status", "list_tasks", `{"status":"done"}`, "finished"},
		{"time that is none", "list_tasks", `{"created_from":"yesterday"}`, "created_from"},
		{"unknown view", "get_task_output", `{"task_id":"1","view":"table"}`, "profile"},
		{"arguments that are a list", "list_tasks", `[1]`, "object"},
		{"arguments that are text", "list_tasks", `"all of them"`, "object"},
		{"input that is an object", "run_workflow", `{"workflow_id":"1","inputs":{"a":{"b":1}}}`, `"a"`},
		{"input that is a list", "run_template", `{"template_id":"1","inputs":{"a":[1]}}`, `"a"`},
		{"inputs that are text", "run_workflow", `{"workflow_id":"1","inputs":"a=b"}`, "inputs"},
		{"callback that is not allowed", "run_workflow", `{"workflow_id":"1","callback_url":"https://evil.example"}`, "callback_url"},
		{"invalid UTF-8 in an id", "get_task", "{\"task_id\":\"1\xff\"}", "UTF-8"},
		{"invalid UTF-8 in an input", "run_template", "{\"template_id\":\"1\",\"inputs\":{\"keywords\":\"caf\xe9\"}}", "UTF-8"},
		{"half a surrogate in an input", "run_template", `{"template_id":"1","inputs":{"keywords":"\ud800"}}`, "keywords"},
		{"query of 201 characters", "list_templates", `{"query":"` + long[:201] + `"}`, "200"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, newAccount())
			p := srv.call(context.Background(), tt.tool, tt.arguments).problem()
			if p.Code != "invalid_arguments" || !strings.Contains(p.Message, tt.want) || len(p.Message) > 900 {
				t.Errorf("got %+v, want %q in the message", p, tt.want)
			}
			if got := srv.account.Requests(); len(got) != 0 {
				t.Errorf("%d requests were sent", len(got))
			}
		})
	}
}

func TestUnknownToolIsAProtocolError(t *testing.T) {
	t.Parallel()
	srv := newServer(t, newAccount())
	if a := srv.call(context.Background(), "run_everything", `{}`); a.RPCError == "" {
		t.Errorf("got %+v", a)
	}
}

func TestInvalidRunIsRefusedBeforePayment(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, tool, arguments, code, want string }{
		{"misspelt input", "run_template", `{"template_id":"` + googleMaps + `","inputs":{"Keyword":"x"}}`, "invalid_inputs", `"keywords"`},
		{"missing input", "run_template", `{"template_id":"` + googleMaps + `"}`, "invalid_inputs", `"keywords"`},
		{"blank input", "run_template", `{"template_id":"` + googleMaps + `","inputs":{"keywords":"  "}}`, "invalid_inputs", "keywords"},
		{"null input", "run_template", `{"template_id":"` + googleMaps + `","inputs":{"keywords":null}}`, "invalid_inputs", "keywords"},
		{"unknown region", "run_template", `{"template_id":"` + googleMaps + `","inputs":{"keywords":"x"},"region":"Atlantis"}`, "unknown_region", "US"},
		{"a common mistake in a region", "run_template", `{"template_id":"` + googleMaps + `","inputs":{"keywords":"x"},"region":"GB"}`, "unknown_region", "UK"},
		{"unknown template", "run_template", `{"template_id":"1"}`, "api_error", ""},
		{"unknown workflow", "run_workflow", `{"workflow_id":"1"}`, "api_error", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, newAccount())
			a := srv.call(context.Background(), tt.tool, tt.arguments)
			a.checkMessages()
			if p := a.problem(); p.Code != tt.code || !strings.Contains(p.Message, tt.want) {
				t.Errorf("got %+v, want %s with %q", p, tt.code, tt.want)
			}
			if posts(srv.account) != 0 {
				t.Error("a run was asked for")
			}
		})
	}
}

func TestInputsAreSentUnchanged(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, inputs, want string }{
		{"object", `{"keywords":"a b","country":"PT"}`, "[{keywords a b} {country PT}]"},
		{"order of the definition", `{"country":"PT","keywords":"x"}`, "[{keywords x} {country PT}]"},
		{"the API's own list", `[{"name":"keywords","value":"x"}]`, "[{keywords x}]"},
		{"JSON in a string", `"{\"keywords\":\"x\"}"`, "[{keywords x}]"},
		{"numbers and booleans", `{"keywords":1.50,"language":true}`, "[{keywords 1.50} {language true}]"},
		{"number above 2^53", `{"keywords":90071992547409931}`, "[{keywords 90071992547409931}]"},
		{"the word null", `{"keywords":"null"}`, "[{keywords null}]"},
		{"blank optional", `{"keywords":"x","country":""}`, "[{keywords x}]"},
		{"null optional", `{"keywords":"x","country":null}`, "[{keywords x}]"},
		{"white space is kept", `{"keywords":" x "}`, "[{keywords  x }]"},
		{"signs and scripts", `{"keywords":"a=b;c&d 東京 😀"}`, "[{keywords a=b;c&d 東京 😀}]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, newAccount())
			srv.call(context.Background(), "run_template", `{"template_id":"`+googleMaps+`","inputs":`+tt.inputs+`,"wait_seconds":0}`).task()
			if got := fmt.Sprint(srv.account.Tasks()[0].Inputs); got != tt.want {
				t.Errorf("sent %s, want %s", got, tt.want)
			}
		})
	}
}

func TestRegionIsSentAsTheAPISpellsIt(t *testing.T) {
	t.Parallel()
	srv := newServer(t, newAccount())
	srv.call(context.Background(), "run_template", `{"template_id":"`+googleMaps+`","inputs":{"keywords":"x"},"region":"de","wait_seconds":0}`).task()
	if got := srv.account.Tasks()[0].Region; got != "DE" {
		t.Errorf("ran in %q", got)
	}
}

func TestProfileIDIsSent(t *testing.T) {
	t.Parallel()
	srv := newServer(t, newAccount())
	first := srv.call(context.Background(), "run_workflow", srv.runArguments("Price Monitor", `,"save_browser_data":true,"wait_seconds":0`)).task()
	if first.ProfileID == "" {
		t.Fatal("no profile_id")
	}
	srv.call(context.Background(), "run_workflow", srv.runArguments("Price Monitor", fmt.Sprintf(`,"profile_id":%q,"wait_seconds":0`, first.ProfileID))).task()
	if got := srv.account.Tasks()[1].ProfileID; got != first.ProfileID {
		t.Errorf("ran with profile %q", got)
	}
}

func TestCallbacksGoToAllowedHostsOnly(t *testing.T) {
	t.Parallel()
	for link, allowed := range map[string]bool{
		"https://hooks.example.com/x":                          true,
		"http://hooks.example.com:8080/":                       true,
		"https://a.b.example.com":                              true,
		"https://HOOKS.example.COM./":                          true,
		"https://api.partner.net/done":                         true,
		"https://example.com":                                  false, // *.example.com is below it
		"https://evilexample.com":                              false,
		"https://example.com.evil.net":                         false,
		"https://evil.net":                                     false,
		"https://evil.net/?https://api.partner.net":            false,
		"https://api.partner.net@evil.net/":                    false,
		"https://u:p@api.partner.net/":                         false,
		"ftp://api.partner.net/":                               false,
		"//api.partner.net/":                                   false,
		"javascript:alert(1)":                                  false,
		"https://127.0.0.1/":                                   false,
		"https://[::1]/":                                       false,
		"https://[::ffff:10.0.0.1]/":                           false,
		"https://169.254.169.254/latest/meta-data":             false,
		"https://192.168.0.1/":                                 false,
		"https://localhost/":                                   false,
		"https://printer.local/":                               false,
		"https://metadata.google.internal/":                    false,
		"https://0x7f000001/":                                  false,
		"https://2130706433/":                                  false,
		"https://api.partner.net/" + strings.Repeat("a", 2048): false,
	} {
		t.Run(link[:min(len(link), 50)], func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, newAccount(), func(cfg *tools.Config) { cfg.CallbackHosts = []string{"*.example.com", "api.partner.net"} })
			a := srv.call(context.Background(), "run_workflow", srv.runArguments("Price Monitor", fmt.Sprintf(`,"wait_seconds":0,"callback_url":%q`, link)))
			if sent := len(srv.account.Tasks()) == 1; sent != allowed || a.IsError == allowed {
				t.Errorf("sent: %v, answer: %s", sent, a.Text)
			}
		})
	}
}

func TestWildcardAllowsPublicHostsOnly(t *testing.T) {
	t.Parallel()
	for link, allowed := range map[string]bool{
		"https://anything.example.org/": true,
		"https://8.8.8.8/":              true,
		"https://10.1.2.3/":             false,
		"https://100.64.0.1/":           false,
		"https://[fd00::1]/":            false,
		"https://[64:ff9b::7f00:1]/":    false,
		"https://0177.0.0.1/":           false,
		"https://intranet/":             false,
		"https://0.0.0.0/":              false,
	} {
		t.Run(link, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, newAccount(), func(cfg *tools.Config) { cfg.CallbackHosts = []string{"*"} })
			srv.call(context.Background(), "run_workflow", srv.runArguments("Price Monitor", fmt.Sprintf(`,"wait_seconds":0,"status_change_callback_url":%q`, link)))
			if sent := len(srv.account.Tasks()) == 1; sent != allowed {
				t.Errorf("sent: %v", sent)
			}
		})
	}
}

func TestInvalidCallbackHostsAreRefused(t *testing.T) {
	t.Parallel()
	client, err := browseract.New(func(context.Context) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"", "https://example.com", "*.*", "ex*.com", "localhost", "10.0.0.1", "*.internal"} {
		if _, err := tools.New(tools.Config{Client: client, Logger: discard(), CallbackHosts: []string{host}}); err == nil {
			t.Errorf("%q was taken", host)
		}
	}
}

func TestMissingKeyErrorSaysHowToSetIt(t *testing.T) {
	t.Parallel()
	account := newAccount()
	srv := newServer(t, account, func(cfg *tools.Config) {
		keyless, err := browseract.New(func(context.Context) string { return "" })
		if err != nil {
			t.Fatal(err)
		}
		cfg.Client = keyless
	})
	for tool, arguments := range srv.allCalls("Price Monitor", "1") {
		p := srv.call(context.Background(), tool, arguments).problem()
		if p.Code != "no_api_key" || p.Retryable || p.NextStep != nil || !strings.Contains(p.Message, "BROWSERACT_API_KEY") {
			t.Errorf("%s: got %+v", tool, p)
		}
		if lower := strings.ToLower(p.Message); strings.Contains(lower, "your key") || strings.Contains(lower, "give me") {
			t.Errorf("%s asks for the key: %s", tool, p.Message)
		}
	}
}

func TestPageTextStaysOutOfSummariesAndErrors(t *testing.T) {
	for _, workflow := range []string{"Injected Page", "Injected Failure"} {
		t.Run(workflow, func(t *testing.T) {
			runSynctest(t, func(t *testing.T, srv *testServer) {
				ctx := withProgressToken(context.Background())
				a := srv.call(ctx, "run_workflow", srv.runArguments(workflow, ""))
				task := a.task()
				for range maxRounds {
					if task.Done {
						break
					}
					a = srv.call(ctx, "get_task", fmt.Sprintf(`{"task_id":%q,"include_steps":true}`, task.TaskID))
					task = a.task()
				}
				for _, p := range a.Progress {
					if m := p["message"].(string); len([]rune(m)) > 120 || strings.ContainsAny(m, "\n\r") || invisibleRune(m) != 0 {
						t.Errorf("progress says %q", m)
					}
				}
				ours := task.Summary + strings.Join(task.Warnings, "")
				if task.NextStep != nil {
					ours += task.NextStep.Why
				}
				if strings.Contains(strings.ToLower(ours), "ignore") || strings.Contains(ours, "![") {
					t.Errorf("our words hold the page's: %s", ours)
				}
				if task.Output != nil && !strings.HasPrefix(task.Output.Preview, "<<<UNTRUSTED") {
					t.Errorf("the preview is not fenced: %s", task.Output.Preview)
				}
				if task.Failure != nil && (len([]rune(task.Failure.Message)) > 500 || strings.Contains(task.Failure.Message, "\n")) {
					t.Errorf("the failure is %q", task.Failure.Message)
				}
				text := a.Text + srv.call(ctx, "get_task_output", taskArgument(task.TaskID)).Text + srv.call(ctx, "list_tasks", `{}`).Text
				if r := invisibleRune(text); r != 0 {
					t.Errorf("the answers hold %U", r)
				}
				if strings.Contains(srv.log.String(), "gnore") {
					t.Errorf("the log holds the page's words: %s", srv.log)
				}
			})
		})
	}
}

// hidden returns a character of s that a reader cannot see and a model can, 0 if
// there is none.
func invisibleRune(s string) rune {
	for _, r := range s {
		if unicode.In(r, unicode.Cf, unicode.Co) || (unicode.IsControl(r) && r != '\n' && r != '\t') {
			return r
		}
	}
	return 0
}
