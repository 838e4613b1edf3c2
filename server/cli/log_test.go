package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/server/cli"
)

// A sink is where a test's log goes.
type sink interface {
	io.Writer
	fmt.Stringer
}

// A terminal is a writer that says that it is one.
type terminal struct{ bytes.Buffer }

func (*terminal) Stat() (fs.FileInfo, error) { return terminalInfo{}, nil }

type terminalInfo struct{ fs.FileInfo }

func (terminalInfo) Mode() fs.FileMode { return fs.ModeDevice | fs.ModeCharDevice }

// Tint looks at neither NO_COLOR nor the terminal.
func TestLogIsColouredOnATerminalOnly(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a Windows console is never coloured")
	}
	var screen, screenWithout terminal
	cli.NewLogger("info", "text", environment{}.get, &screen).Info("served")
	cli.NewLogger("info", "text", environment{"NO_COLOR": "1"}.get, &screenWithout).Info("served")
	var pipe bytes.Buffer
	cli.NewLogger("info", "text", environment{}.get, &pipe).Info("served")
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cli.NewLogger("info", "text", environment{}.get, file).Info("served")
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		where, text string
		want        bool
	}{
		{"a terminal", screen.String(), true},
		{"a terminal under NO_COLOR", screenWithout.String(), false},
		{"a pipe", pipe.String(), false},
		{"a file", string(text), false},
	} {
		if got := strings.Contains(c.text, "\x1b["); got != c.want {
			t.Errorf("on %s: coloured is %t, want %t: %q", c.where, got, c.want, c.text)
		}
	}
}

func TestLogLevelKeepsTheRestBack(t *testing.T) {
	t.Parallel()
	for level, want := range map[string]int{"debug": 4, "info": 3, "warn": 2, "error": 1} {
		for _, format := range []string{"text", "json"} {
			var out bytes.Buffer
			logger := cli.NewLogger(level, format, environment{}.get, &out)
			logger.Debug("said")
			logger.Info("said")
			logger.Warn("said")
			logger.Error("said")
			if got := strings.Count(out.String(), "said"); got != want {
				t.Errorf("%s as %s: got %d lines, want %d", level, format, got, want)
			}
		}
	}
}

// Tint prints a message as it is, and in colour the escape sequences of values.
func TestNothingThatIsLoggedWithTintForgesALineOrReachesTheTerminal(t *testing.T) {
	t.Parallel()
	const evil = "fine\n12:00:00 INF forged\r\x1b[2J\x1b]0;title\a\u009b2J\x00"
	for name, out := range map[string]sink{"terminal": &terminal{}, "pipe": &bytes.Buffer{}} {
		logger := cli.NewLogger("info", "text", environment{}.get, out).With("with", evil).WithGroup("group")
		logger.Info(evil, "text", evil, "error", errors.New(evil), "list", []string{evil}, "bytes", []byte(evil),
			slog.Group("inner", "text", evil), "self", selfLogged{evil})
		text := out.String()
		if strings.Count(text, "\n") != 1 || strings.ContainsAny(text, "\r\a\x00\u009b") {
			t.Errorf("on a %s one line became %q", name, text)
		}
		if strings.Contains(text, "\x1b[2J") || strings.Contains(text, "\x1b]0") {
			t.Errorf("on a %s the terminal obeys %q", name, text)
		}
	}
}

func TestJSONLogIsALineOfJSONARecord(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	cli.NewLogger("info", "json", environment{}.get, &out).Info("one\ntwo "+goodKey, "key", goodKey, "url", `https://files.example.com/a?X-Amz-Signature=abc&b="c"`)
	var record map[string]any
	if err := json.Unmarshal(out.Bytes(), &record); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if record["msg"] != "one\ntwo [redacted]" || record["url"] != `https://files.example.com/a?X-Amz-Signature=[redacted]&b="c"` || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("got %s", out.String())
	}
}

// selfLogged logs itself, selfWritten and selfMarshalled write themselves.
type (
	selfLogged     struct{ text string }
	selfWritten    struct{ Text string }
	selfMarshalled struct{ text string }
)

func (s selfLogged) LogValue() slog.Value             { return slog.GroupValue(slog.String("self", s.text)) }
func (s selfWritten) String() string                  { return s.Text }
func (s selfMarshalled) MarshalText() ([]byte, error) { return []byte(s.text), nil }

// forms are all the ways in which a text can come to stand in a log.
var forms = map[string]func(*slog.Logger, string){
	"message":     func(l *slog.Logger, s string) { l.Info(s) }, //nolint:sloglint // the message is what is tested
	"string":      func(l *slog.Logger, s string) { l.Info("m", "a", s) },
	"any string":  func(l *slog.Logger, s string) { l.Info("m", slog.Any("a", s)) },
	"error":       func(l *slog.Logger, s string) { l.Info("m", "a", errors.New(s)) },
	"wrapped":     func(l *slog.Logger, s string) { l.Info("m", "a", fmt.Errorf("get: %w", errors.New(s))) },
	"with":        func(l *slog.Logger, s string) { l.With("a", s).Info("m") },
	"group":       func(l *slog.Logger, s string) { l.Info("m", slog.Group("g", "a", s)) },
	"groups":      func(l *slog.Logger, s string) { l.Info("m", slog.Group("g", slog.Group("h", "a", errors.New(s)))) },
	"with group":  func(l *slog.Logger, s string) { l.WithGroup("g").With("a", s).Info("m", "b", s) },
	"LogValuer":   func(l *slog.Logger, s string) { l.Info("m", "a", selfLogged{s}) },
	"Stringer":    func(l *slog.Logger, s string) { l.Info("m", "a", selfWritten{s}) },
	"marshaler":   func(l *slog.Logger, s string) { l.Info("m", "a", selfMarshalled{s}) },
	"slice":       func(l *slog.Logger, s string) { l.Info("m", "a", []string{"x", s, "y"}) },
	"map":         func(l *slog.Logger, s string) { l.Info("m", "a", map[string]any{"b": map[string]string{"c": s}}) },
	"struct":      func(l *slog.Logger, s string) { l.Info("m", "a", struct{ B string }{s}) },
	"raw message": func(l *slog.Logger, s string) { l.Info("m", "a", json.RawMessage(`{"b":"`+s+`"}`)) },
	"header":      func(l *slog.Logger, s string) { l.Info("m", "a", http.Header{"X-Note": {s}, "Via": {"1.1 x"}}) },
	"quoted":      func(l *slog.Logger, s string) { l.Info("m", "a", fmt.Errorf("get %q: EOF", s)) },
}

func TestNoSecretIsLoggedInAnyForm(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]string{
		"key":                  "app-SECRET1234",
		"key within":           "the key app-SECRET1234, sent",
		"bearer":               "Bearer SECRET",
		"lower-case bearer":    "authorization: bearer SECRET.with-dots_and~/+=",
		"basic":                "Authorization: Basic U0VDUkVUSECRET==",
		"Amazon signature":     "https://files.example.com/a.csv?X-Amz-Expires=60&X-Amz-Signature=SECRET",
		"Amazon credential":    "https://files.example.com/a.csv?X-Amz-Credential=SECRET%2Fus-east-1&X-Amz-Expires=60",
		"Google signature":     "https://storage.example.com/a?X-Goog-Signature=SECRET&x=1",
		"Azure signature":      "https://blob.example.com/a?se=2026&sig=SECRET%3D",
		"Aliyun signature":     "https://oss.example.com/a?OSSAccessKeyId=SECRET&Signature=SECRET",
		"live view":            "https://live.browseract.example/task/1?token=SECRET",
		"password in a proxy":  "proxyconnect tcp: dial http://user:SECRET@proxy.example.com:8080",
		"assignment":           "api_key=SECRET",
		"JSON with single key": "password: SECRET",
	} {
		for form, log := range forms {
			for _, format := range []string{"text", "json"} {
				for _, out := range []sink{&bytes.Buffer{}, &terminal{}} {
					log(cli.NewLogger("info", format, environment{}.get, out), secret)
					if text := out.String(); strings.Contains(text, "SECRET") || !strings.Contains(text, "[redacted]") {
						t.Errorf("%s as %s in %s: %s", name, form, format, text)
					}
				}
			}
		}
	}
}

func TestValueNamedLikeASecretIsNotLogged(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"authorization", "Authorization", "api_key", "apikey", "X-Api-Key", "cookie", "Set-Cookie", "password", "client_secret"} {
		for _, format := range []string{"text", "json"} {
			for _, out := range []sink{&bytes.Buffer{}, &terminal{}} {
				logger := cli.NewLogger("info", format, environment{}.get, out)
				logger.Info("m", name, "HIDDEN")
				logger.Info("m", "header", http.Header{name: {"HIDDEN"}})
				logger.Info("m", slog.Group("g", name, "HIDDEN"))
				if strings.Contains(out.String(), "HIDDEN") {
					t.Errorf("%s in %s: %s", name, format, out.String())
				}
			}
		}
	}
}

func TestWhatIsNoSecretIsLogged(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"the API key cannot be used: BROWSERACT_API_KEY holds a placeholder",
		"https://files.example.com/a.csv?page=2&limit=20",
		"80000522621065975",
		"tokens=1500",
		"an app that bears a name",
	} {
		for form, log := range forms {
			var out bytes.Buffer
			log(cli.NewLogger("info", "text", environment{}.get, &out), text)
			if strings.Contains(out.String(), "[redacted]") {
				t.Errorf("%q as %s: %s", text, form, out.String())
			}
		}
	}
}
