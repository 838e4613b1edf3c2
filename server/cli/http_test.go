package cli_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/server/cli"
)

const (
	operatorKey = "app-operator-0001"
	aliceKey    = "app-alice-000001"
	bobKey      = "app-bob-00000001"
)

func TestHTTPCallUsesItsOwnKeyAndTheOperatorsOnlyByTheFlag(t *testing.T) {
	t.Parallel()
	const noKey = `\"code\":\"no_api_key\"`
	for name, c := range map[string]struct {
		operator string
		flags    []string
		own      string
		used     []string
		want     string
	}{
		"no key at all":                    {"", nil, "", nil, noKey},
		"own key":                          {"", nil, aliceKey, []string{aliceKey}, `"total_count":40`},
		"own key, operator has one":        {operatorKey, nil, aliceKey, []string{aliceKey}, `"total_count":40`},
		"none, operator has one":           {operatorKey, nil, "", nil, noKey},
		"none, operator lends":             {operatorKey, []string{"--use-operator-key"}, "", []string{operatorKey}, `"total_count":40`},
		"own key, operator lends":          {operatorKey, []string{"--use-operator-key"}, aliceKey, []string{aliceKey}, `"total_count":40`},
		"own bad key, operator lends":      {operatorKey, []string{"--use-operator-key"}, "app-unknown", []string{"app-unknown"}, `\"code\":\"unauthorized\"`},
		"none, operator lends what is not": {"", []string{"--use-operator-key"}, "", nil, noKey},
		"none, operator lends a bad one":   {"${KEY}", []string{"--use-operator-key"}, "", nil, noKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := simulator.New(simulator.WithKeys(operatorKey, aliceKey, bobKey))
			env := environment{"BROWSERACT_API_KEY": c.operator, "BROWSERACT_API_URL": serveAccount(t, account)}
			url, _ := startHTTP(t, env, c.flags...)
			got := post(t.Context(), new(http.Client), url, c.own, toList)
			if got.err != nil || got.status != http.StatusOK || !strings.Contains(got.body, c.want) {
				t.Errorf("got %+v, want %s", got, c.want)
			}
			if used := keys(account); !slices.Equal(used, c.used) {
				t.Errorf("the API saw the keys %q, want %q", used, c.used)
			}
			if strings.Contains(got.body, operatorKey) || strings.Contains(got.body, "BROWSERACT_API_KEY") {
				t.Errorf("a caller learns of the operator's set-up: %s", got.body)
			}
		})
	}
}

func TestHTTPOnTheSimulatorTakesAnyKeyOrNone(t *testing.T) {
	t.Parallel()
	url, _ := startHTTP(t, nil, "--simulator")
	for _, key := range []string{"", aliceKey} {
		if got := post(t.Context(), new(http.Client), url, key, toList); !strings.Contains(got.body, `"total_count":40`) {
			t.Errorf("with the key %q: got %+v", key, got)
		}
	}
}

func TestHTTPCallsWithTwoKeysInParallelNeverMix(t *testing.T) {
	t.Parallel()
	account := simulator.New(simulator.WithKeys(aliceKey, bobKey))
	url, _ := startHTTP(t, environment{"BROWSERACT_API_URL": serveAccount(t, account)})
	want := map[string]string{}
	for _, key := range []string{aliceKey, bobKey} {
		want[key] = post(t.Context(), new(http.Client), url, key, toList).body
	}
	if want[aliceKey] == want[bobKey] {
		t.Fatal("the two accounts look alike")
	}
	answers := make(chan string)
	for n := range 40 {
		key := []string{aliceKey, bobKey}[n%2]
		go func() {
			if got := post(t.Context(), new(http.Client), url, key, toList); got.body != want[key] {
				answers <- fmt.Sprintf("%s got %+v", key, got)
				return
			}
			answers <- ""
		}()
	}
	for range 40 {
		if wrong := <-answers; wrong != "" {
			t.Error(wrong)
		}
	}
}

func TestHTTPServesTLSByFiles(t *testing.T) {
	t.Parallel()
	lender := httptest.NewTLSServer(http.NotFoundHandler()) // has a certificate, and a client that trusts it
	defer lender.Close()
	key, err := x509.MarshalPKCS8PrivateKey(lender.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	url, _ := startHTTP(t, nil, "--simulator",
		"--tls-cert="+writePEM(t, "CERTIFICATE", lender.Certificate().Raw),
		"--tls-key="+writePEM(t, "PRIVATE KEY", key))
	if !strings.HasPrefix(url, "https://") {
		t.Errorf("listening on %s", url)
	}
	if got := post(t.Context(), lender.Client(), url, "", toPing); got.status != http.StatusOK {
		t.Errorf("got %+v", got)
	}
	if got := post(t.Context(), lender.Client(), strings.Replace(url, "https:", "http:", 1), "", toPing); got.status == http.StatusOK {
		t.Errorf("without TLS: got %+v", got)
	}
}

func writePEM(t *testing.T, kind string, der []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestHTTPThatCannotServeSaysWhy(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"port taken":     {[]string{"--listen=" + taken.Addr().String()}, taken.Addr().String()},
		"no certificate": {[]string{"--listen=127.0.0.1:0", "--tls-cert=http_test.go", "--tls-key=http_test.go"}, "--tls-cert and --tls-key: tls: failed to find any PEM data"},
		"no such file":   {[]string{"--listen=127.0.0.1:0", "--tls-cert=/nowhere/cert.pem", "--tls-key=/nowhere/key.pem"}, "cert.pem"},
	} {
		got := run(t.Context(), nil, "", append([]string{"http", "--simulator"}, c.args...)...)
		if got.err == nil || errors.Is(got.err, cli.ErrUsage) || !strings.Contains(got.message(), c.want) {
			t.Errorf("%s: got %v", name, got.err)
		}
		if strings.Contains(got.stderr, "listening") {
			t.Errorf("%s: it says that it listens: %s", name, got.stderr)
		}
	}
}

func TestHTTPStopsInOrderAndAnswersOpenWaits(t *testing.T) {
	t.Parallel()
	account := simulator.New(simulator.WithKeys(operatorKey))
	account.AddWorkflow(simulator.Workflow{ID: "endless", Name: "Endless", Scenario: simulator.Scenario{Ending: simulator.EndNever}})
	env := environment{"BROWSERACT_API_KEY": operatorKey, "BROWSERACT_API_URL": serveAccount(t, account)}
	url, s := startHTTP(t, env, "--use-operator-key")
	answered := make(chan exchange, 1)
	go func() {
		answered <- post(t.Context(), new(http.Client), url, "",
			`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"run_workflow","arguments":{"workflow_id":"endless","wait_seconds":50}}}`)
	}()
	s.awaitLine("run started")
	s.stop()
	if got := <-answered; got.status != http.StatusOK || !strings.Contains(got.body, `"task_id":"`+account.Tasks()[0].ID) || !strings.Contains(got.body, `"done":false`) {
		t.Errorf("got %+v", got)
	}
}

func TestHTTPDoesNotEndWhileAStartIsInFlight(t *testing.T) {
	t.Parallel()
	account := simulator.New(simulator.WithKeys(aliceKey))
	arrived, letGo := make(chan struct{}), make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			close(arrived)
			<-letGo
		}
		account.ServeHTTP(w, r)
	}))
	defer api.Close()
	url, s := startHTTP(t, environment{"BROWSERACT_API_URL": api.URL})
	answered := make(chan exchange, 1)
	go func() {
		answered <- post(t.Context(), new(http.Client), url, aliceKey,
			`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"run_template","arguments":{"template_id":"77577579210625331","inputs":{"keywords":"tea"}}}}`)
	}()
	<-arrived
	s.stop()
	time.AfterFunc(2*time.Second, func() { close(letGo) }) // calls that wait for nothing paid are cut after 1.3 s
	if got := <-answered; !strings.Contains(got.body, `"status":"`) {
		t.Fatalf("got %+v", got)
	}
	s.awaitLine("run started task_id=" + account.Tasks()[0].ID)
}

func TestHTTPReportsThatItIsUp(t *testing.T) {
	t.Parallel()
	url, _ := startHTTP(t, nil, "--simulator")
	for _, path := range []string{"/healthz", "/readyz"} {
		resp, err := new(http.Client).Get(strings.TrimSuffix(url, "/mcp") + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("%s: got %s", path, resp.Status)
		}
	}
}

func TestSimulatorServesAnAccountThatTheProgramCanUse(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "simulator", "--listen=127.0.0.1:0")
	s.awaitLine("Use it with:")
	env := environment{}
	for setting := range strings.FieldsSeq(s.awaitLine("  ")) {
		name, value, _ := strings.Cut(setting, "=")
		env[name] = value
	}
	if got := run(t.Context(), env, "", "doctor"); got.err != nil {
		t.Errorf("doctor: %v\n%s", got.err, got.stdout)
	}
}

func TestPagesKeepWhatTheOperatorSaysTheClientTakes(t *testing.T) {
	t.Parallel()
	workflow := simulator.New().Workflow("Thousand Rows")
	inputs := map[string]string{}
	for _, in := range workflow.Inputs {
		inputs[in.Name] = "x"
	}
	for flag, limit := range map[string]int{"--max-result-tokens=500": 3000, "--max-result-tokens=2000": 12000} {
		url, _ := startHTTP(t, nil, "--simulator", "--simulator-speed=1000", flag)
		call := func(tool string, arguments map[string]any) string {
			message, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": map[string]any{"name": tool, "arguments": arguments}})
			if err != nil {
				t.Fatal(err)
			}
			got := post(t.Context(), new(http.Client), url, "", string(message))
			if got.err != nil {
				t.Fatal(got.err)
			}
			return got.body
		}
		_, after, _ := strings.Cut(call("run_workflow", map[string]any{"workflow_id": workflow.ID, "inputs": inputs}), `"task_id":"`)
		id, _, _ := strings.Cut(after, `"`)
		page := call("get_task_output", map[string]any{"task_id": id, "limit": 500})
		if n := len(page); n > limit || n < limit/4 || !strings.Contains(page, "next_offset") {
			t.Errorf("%s: a page of %d bytes, want at most %d: %s", flag, n, limit, page)
		}
	}
}
