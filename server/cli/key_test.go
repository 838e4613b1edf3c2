package cli_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/browseract/browseract-mcp/browseract/simulator"
)

const goodKey = "app-0123456789abcdef"

// writeKey returns the name of a file that holds text.
func writeKey(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestKeyIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		variable, file string
	}{
		"variable":                    {variable: goodKey},
		"variable with white space":   {variable: " " + goodKey + "\r\n"},
		"variable in quotes":          {variable: `"` + goodKey + `"`},
		"variable before file":        {variable: goodKey, file: "app-of-the-file"},
		"file":                        {file: goodKey},
		"file with a newline":         {file: goodKey + "\n"},
		"file with a DOS newline":     {file: goodKey + "\r\n"},
		"file with a byte order mark": {file: "\ufeff" + goodKey + "\r\n"},
		"file in single quotes":       {file: "'" + goodKey + "'\n"},
		"file beside a blank":         {variable: "  ", file: goodKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			account := simulator.New(simulator.WithKeys(goodKey))
			env := environment{"BROWSERACT_API_KEY": c.variable, "BROWSERACT_API_URL": serveAccount(t, account)}
			if c.file != "" {
				env["BROWSERACT_API_KEY_FILE"] = writeKey(t, c.file)
			}
			got := run(t.Context(), env, "", "doctor")
			if got.err != nil {
				t.Errorf("doctor: %v\n%s", got.err, got.stdout)
			}
			if sent := keys(account); !slices.Equal(sent, []string{goodKey}) {
				t.Errorf("sent %q, want %q once", sent, goodKey)
			}
		})
	}
}

// badKeys are keys that cannot be used, and why. The word SECRET stands in those
// that must not be repeated.
func badKeys(t *testing.T) map[string]struct {
	env  environment
	want string
} {
	type keys = map[string]struct {
		env  environment
		want string
	}
	const variable, file = "BROWSERACT_API_KEY", "BROWSERACT_API_KEY_FILE"
	return keys{
		"none":                  {nil, ""},
		"blank":                 {environment{variable: " \n"}, ""},
		"unfilled ${}":          {environment{variable: "${BROWSERACT_SECRET}"}, "BROWSERACT_API_KEY holds a placeholder and not a key"},
		"unfilled $":            {environment{variable: "$BROWSERACT_SECRET"}, "BROWSERACT_API_KEY holds a placeholder and not a key"},
		"unfilled %%":           {environment{variable: "%BROWSERACT_SECRET%"}, "BROWSERACT_API_KEY holds a placeholder and not a key"},
		"unfilled {{}}":         {environment{variable: "{{SECRET}}"}, "BROWSERACT_API_KEY holds a placeholder and not a key"},
		"unfilled <>":           {environment{variable: "<SECRET key>"}, "BROWSERACT_API_KEY holds a placeholder and not a key"},
		"unfilled words":        {environment{variable: "YOUR_SECRET_KEY"}, "BROWSERACT_API_KEY holds a placeholder and not a key"},
		"as the README has it":  {environment{variable: "app-..."}, "BROWSERACT_API_KEY holds a placeholder and not a key"},
		"blank inside":          {environment{variable: "app-SECRET 1234"}, "BROWSERACT_API_KEY holds blanks, line breaks or characters that no key has"},
		"scheme before it":      {environment{variable: "Bearer app-SECRET"}, "BROWSERACT_API_KEY holds blanks, line breaks or characters that no key has"},
		"two lines":             {environment{file: writeKey(t, "app-SECRET\napp-SECRET\n")}, "the file of the API key holds blanks, line breaks or characters that no key has"},
		"UTF-16":                {environment{file: writeKey(t, "\xff\xfea\x00p\x00p\x00-\x00S\x00E\x00C\x00R\x00E\x00T\x00")}, "the file of the API key holds blanks, line breaks or characters that no key has"},
		"placeholder in a file": {environment{file: writeKey(t, "${SECRET}\n")}, "the file of the API key holds a placeholder and not a key"},
		"empty file":            {environment{file: writeKey(t, "\n")}, "the file of the API key is empty"},
		"missing file":          {environment{file: filepath.Join(t.TempDir(), "none")}, "the file of the API key cannot be read: "},
		"directory":             {environment{file: t.TempDir()}, "the file of the API key cannot be read: "},
	}
}

const (
	toPing = `{"jsonrpc":"2.0","id":1,"method":"ping"}` + "\n"
	toList = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_workflows","arguments":{}}}` + "\n"
)

func TestBadKeyIsReportedToCallsAndNotFatal(t *testing.T) {
	t.Parallel()
	for name, c := range badKeys(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t.Context(), c.env, toPing+toList)
			if got.err != nil || strings.Count(got.stdout, "\n") != 2 {
				t.Fatalf("got %v and %q, want two replies", got.err, got.stdout)
			}
			for _, want := range []string{`\"code\":\"no_api_key\"`, "Do not ask for the key in this conversation.", c.want} {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("the error lacks %q: %s", want, got.stdout)
				}
			}
			if !strings.Contains(got.stderr, c.want) || !strings.Contains(got.stderr, "API key") {
				t.Errorf("the log lacks %q: %s", c.want, got.stderr)
			}
			if strings.Contains(got.stdout+got.stderr, "SECRET") {
				t.Errorf("the key is repeated in %s%s", got.stdout, got.stderr)
			}
		})
	}
}

func TestDoctorExplainsProblemsOfTheKey(t *testing.T) {
	t.Parallel()
	for name, c := range badKeys(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t.Context(), c.env, "", "doctor", "--api-url="+serveAccount(t, simulator.New()))
			text := strings.Join(strings.Fields(got.stdout), " ")
			if got.message() != "browseract-mcp: 1 of 11 checks found an error" || !strings.Contains(text, "error key "+c.want) || !strings.Contains(text, "Set BROWSERACT_API_KEY") {
				t.Errorf("got %v and %s; want %q", got.err, text, c.want)
			}
			if strings.Contains(got.stdout+got.stderr+got.message(), "SECRET") {
				t.Errorf("the key is repeated in %s", got.stdout)
			}
		})
	}
}
