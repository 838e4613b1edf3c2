package cli_test

import (
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/browseract/simulator"
	"github.com/browseract/browseract-mcp/tools/ledger"
)

// A doctorReport is what doctor --json prints.
type doctorReport struct {
	Version, Status  string
	Errors, Warnings int
	Checks           []struct {
		Check, Level, Found, Next, Runs string
		Differs                         []string
		Milliseconds                    int
	}
}

// doctorJSON runs doctor --json.
func doctorJSON(t *testing.T, env environment, args ...string) (doctorReport, outcome) {
	t.Helper()
	got := run(t.Context(), env, "", append([]string{"doctor", "--json"}, args...)...)
	var d doctorReport
	dec := json.NewDecoder(strings.NewReader(got.stdout))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		t.Fatalf("%v in\n%s", err, got.stdout)
	}
	if (got.err == nil) != (d.Status != "error") || (d.Errors > 0) != (d.Status == "error") {
		t.Errorf("ended with %v and the status %s", got.err, d.Status)
	}
	return d, got
}

// of are the levels and findings of a check.
func (d doctorReport) of(check string) string {
	var lines []string
	for _, c := range d.Checks {
		if c.Check == check {
			lines = append(lines, strings.TrimSpace(c.Level+" "+c.Found+" "+c.Next))
		}
	}
	return strings.Join(lines, "\n")
}

func TestDoctorPrintsTheSameAsJSON(t *testing.T) {
	t.Parallel()
	d, _ := doctorJSON(t, nil, "--simulator")
	var names []string
	for _, c := range d.Checks {
		names = append(names, c.Check)
		if c.Found == "" || (c.Next == "") != (c.Level == "ok") {
			t.Errorf("%s: %s, %q, next %q", c.Check, c.Level, c.Found, c.Next)
		}
	}
	want := []string{"version", "api", "key", "call", "clock", "proxy", "trust", "ledger", "budgets", "limits", "clients"}
	if !slices.Equal(names, want) || d.Version != "v1.2.3" || d.Status != "ok" || d.Errors+d.Warnings != 0 {
		t.Errorf("got %v of %+v, want %v", names, d, want)
	}
	if call := d.Checks[3]; call.Milliseconds < 1 {
		t.Errorf("the call took %d ms", call.Milliseconds)
	}
}

func TestDoctorReachesTheAPIWithoutAKey(t *testing.T) {
	t.Parallel()
	d, _ := doctorJSON(t, nil, "--api-url="+serveAccount(t, simulator.New()))
	if got := d.of("call"); !strings.HasPrefix(got, "ok answered in ") || d.Errors != 1 {
		t.Errorf("got %s of %d errors", got, d.Errors)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	d, _ = doctorJSON(t, nil, "--api-url="+gone.URL)
	if got := d.of("call"); !strings.HasPrefix(got, "error ") || d.Errors != 2 || d.of("clock") != "ok not compared: the API sent no time" {
		t.Errorf("got %s of %d errors, and %s", got, d.Errors, d.of("clock"))
	}
}

func TestDoctorComparesTheClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		ahead time.Duration
		want  string
	}{
		{10 * time.Second, "ok within 30s of the API's"},
		{time.Hour, "warning 1h0m0s behind the API's Set this machine's clock"},
		{-time.Hour, "warning 1h0m0s ahead of the API's Set this machine's clock"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(tt.ahead).UTC().Format(http.TimeFormat))
			_, _ = w.Write([]byte(`{"code":401,"msg":"Invalid authorization"}`))
		}))
		defer server.Close()
		d, _ := doctorJSON(t, nil, "--api-url="+server.URL)
		got := strings.NewReplacer("1h0m1s", "1h0m0s", "59m59s", "1h0m0s").Replace(d.of("clock")) // the header has whole seconds
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("ahead by %s: got %s, want %s", tt.ahead, got, tt.want)
		}
	}
}

func TestDoctorShowsProxiesWithoutSecrets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		env  environment
		want string
	}{
		{nil, "ok none"},
		{environment{"HTTPS_PROXY": "http://user:SECRET@proxy.example:3128"}, "ok HTTPS_PROXY=http://proxy.example:3128"},
		{environment{"https_proxy": "user:SECRET@proxy.example:3128", "NO_PROXY": "localhost,.example"}, "ok https_proxy=http://proxy.example:3128, NO_PROXY=localhost,.example"},
		{environment{"HTTP_PROXY": "socks5://proxy.example"}, "ok HTTP_PROXY=socks5://proxy.example"},
		{environment{"HTTPS_PROXY": "ftp://SECRET@proxy.example"}, "error HTTPS_PROXY is set, and is no address of a proxy"},
		{environment{"HTTPS_PROXY": "http://user:SE CRET@"}, "error HTTPS_PROXY is set, and is no address of a proxy"},
	} {
		d, out := doctorJSON(t, tt.env, "--simulator")
		if got := d.of("proxy"); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%v: got %s, want %s", tt.env, got, tt.want)
		}
		if strings.Contains(out.stdout+out.message(), "CRET") {
			t.Errorf("%v: a secret in %s", tt.env, out.stdout)
		}
	}
}

func TestDoctorShowsTrustedCertificates(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("the variables change nothing here")
	}
	folder := t.TempDir()
	file := filepath.Join(folder, "certificate.pem")
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(file, append([]byte("mine\n"), text...), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		env  environment
		want string
	}{
		{nil, "ok the system's certificates"},
		{environment{"SSL_CERT_FILE": file, "SSL_CERT_DIR": folder}, "ok SSL_CERT_FILE=" + file + " with 1 certificates, SSL_CERT_DIR=" + folder + " with 1 certificates"},
		{environment{"SSL_CERT_FILE": filepath.Join(folder, "none")}, "warning SSL_CERT_FILE names " + filepath.Join(folder, "none")},
		{environment{"SSL_CERT_DIR": t.TempDir()}, "warning SSL_CERT_DIR names "},
	} {
		if d, _ := doctorJSON(t, tt.env, "--simulator"); !strings.HasPrefix(d.of("trust"), tt.want) {
			t.Errorf("%v: got %s, want %s", tt.env, d.of("trust"), tt.want)
		}
	}
}

func TestDoctorCountsTheRunsOfTheLedger(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	runs, err := ledger.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	start := ledger.Start{Caller: ledger.HashCaller(simulator.Key), Kind: ledger.Workflow, TargetID: "wf_1", Fingerprint: "f1"}
	for _, s := range []ledger.Settlement{{State: ledger.Started, TaskID: "task_1"}, {State: ledger.Unknown}, {State: ledger.Refused}} {
		start.Fingerprint += "x"
		claim, err := runs.Begin(t.Context(), start)
		if err != nil {
			t.Fatal(err)
		}
		if err := runs.Settle(t.Context(), claim.Run.ID, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := runs.Close(); err != nil {
		t.Fatal(err)
	}
	d, _ := doctorJSON(t, nil, "--simulator", "--ledger="+path, "--max-runs-per-day=9")
	if got := d.of("ledger"); !strings.HasPrefix(got, "warning "+path) || !strings.Contains(got, "runs known: 2, open: 1, unclear: 1 It is unknown") {
		t.Errorf("got %s", got)
	}
	if got := d.of("budgets"); got != "ok 9 runs a day, 2 of them used (enforce)" {
		t.Errorf("got %s", got)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if d, _ := doctorJSON(t, nil, "--simulator", "--ledger="+path); !strings.Contains(d.of("ledger"), "(mode 0") {
		t.Errorf("got %s", d.of("ledger"))
	}
}
