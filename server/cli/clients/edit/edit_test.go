package edit_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/server/cli/clients/edit"
)

// entry is what the tests put, at servers.us.
func entry() edit.Object {
	return edit.Object{{"command", "/bin/us"}, {"args", []string{"-x"}}, {"env", edit.Object{{"KEY", "${KEY}"}}}}
}

const jsonEntry = `{
      "command": "/bin/us",
      "args": ["-x"],
      "env": {
        "KEY": "${KEY}"
      }
    }`

const tomlEntry = `[servers.us]
command = "/bin/us"
args = ["-x"]
env = { KEY = "${KEY}" }
`

const yamlEntry = `  us:
    command: /bin/us
    args: ["-x"]
    env:
      KEY: "${KEY}"
`

// places are texts, and the same texts with entry in them.
var places = []struct {
	name   string
	format edit.Format
	before string
	after  string
}{
	{"JSON, nothing", edit.JSON, "", "{\n  \"servers\": {\n    \"us\": " + jsonEntry + "\n  }\n}\n"},
	{"JSON, only comments", edit.JSON, "// mine", "// mine\n{\n  \"servers\": {\n    \"us\": " + jsonEntry + "\n  }\n}\n"},
	{"JSON, empty object", edit.JSON, "{}\n", "{\n  \"servers\": {\n    \"us\": " + jsonEntry + "\n  }\n}\n"},
	{"JSON, empty map", edit.JSON, "{\n  \"servers\": {}\n}", "{\n  \"servers\": {\n    \"us\": " + jsonEntry + "\n  }\n}"},
	{"JSON, null", edit.JSON, "{\n  \"servers\": null\n}", "{\n  \"servers\": {\n    \"us\": " + jsonEntry + "\n  }\n}"},
	{"JSON, no map", edit.JSON, "{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\n  \"servers\": {\n    \"us\": " + jsonEntry + "\n  }\n}\n"},
	{
		"JSON, other entries and comments", edit.JSON,
		"// top\n{\n  \"servers\": {\n    \"b\": {\"x\": 1e2}, // of b\n    /* c */ \"a\": {} // of a\n    // last\n  }, \"z\": []\n}\n// end",
		"// top\n{\n  \"servers\": {\n    \"b\": {\"x\": 1e2}, // of b\n    /* c */ \"a\": {}, // of a\n    // last\n    \"us\": " + jsonEntry + "\n  }, \"z\": []\n}\n// end",
	},
	{
		"JSON, trailing commas", edit.JSON,
		"{\n  \"servers\": {\n    \"a\": {},\n  },\n}",
		"{\n  \"servers\": {\n    \"a\": {},\n    \"us\": " + jsonEntry + ",\n  },\n}",
	},
	{
		"JSON, on one line", edit.JSON, `{"a":1,"servers":{"b":{}}}`,
		`{"a":1,"servers":{"b":{},"us":{"command":"/bin/us","args":["-x"],"env":{"KEY":"${KEY}"}}}}`,
	},
	{
		"JSON, on one line with blanks", edit.JSON, `{"servers": {}, "a": 1}`,
		`{"servers": {"us": {"command": "/bin/us", "args": ["-x"], "env": {"KEY": "${KEY}"}}}, "a": 1}`,
	},
	{
		"JSON, tabs, CRLF, byte order mark", edit.JSON, "\ufeff{\r\n\t\"servers\": {\r\n\t}\r\n}\r\n",
		"\ufeff{\r\n\t\"servers\": {\r\n\t\t\"us\": {\r\n\t\t\t\"command\": \"/bin/us\",\r\n\t\t\t\"args\": [\"-x\"],\r\n\t\t\t\"env\": {\r\n\t\t\t\t\"KEY\": \"${KEY}\"\r\n\t\t\t}\r\n\t\t}\r\n\t}\r\n}\r\n",
	},
	{"TOML, nothing", edit.TOML, "", tomlEntry},
	{"TOML, no line break at the end", edit.TOML, "a = 1", "a = 1\n\n" + tomlEntry},
	{"TOML, other tables and comments", edit.TOML, "# top\na = 1 # one\n\n[servers.a]\nx = [\n  1, # why\n]\n# end\n", "# top\na = 1 # one\n\n[servers.a]\nx = [\n  1, # why\n]\n# end\n\n" + tomlEntry},
	{"TOML, dotted keys", edit.TOML, "servers.a.x = 1\n", "servers.a.x = 1\n\n" + tomlEntry},
	{
		"TOML, inline table", edit.TOML, "servers = { a = { x = 1 } } # one\n",
		"servers = { a = { x = 1 }, us = { command = \"/bin/us\", args = [\"-x\"], env = { KEY = \"${KEY}\" } } } # one\n",
	},
	{
		"TOML, the map's own table", edit.TOML, "[servers]\na = {}\n\n[z]\nb = 1\n",
		"[servers]\na = {}\nus = { command = \"/bin/us\", args = [\"-x\"], env = { KEY = \"${KEY}\" } }\n\n[z]\nb = 1\n",
	},
	{"TOML, CRLF", edit.TOML, "a = 1\r\n", "a = 1\r\n\r\n" + strings.ReplaceAll(tomlEntry, "\n", "\r\n")},
	{"YAML, nothing", edit.YAML, "", "servers:\n" + yamlEntry},
	{"YAML, only comments", edit.YAML, "# mine", "# mine\nservers:\n" + yamlEntry},
	{"YAML, empty flow", edit.YAML, "{}\n", "servers:\n" + yamlEntry},
	{"YAML, no map", edit.YAML, "---\na: 1 # one\n# end\n", "---\na: 1 # one\nservers:\n" + yamlEntry + "# end\n"},
	{"YAML, null", edit.YAML, "servers: # mine\nz: 1\n", "servers: # mine\n" + yamlEntry + "z: 1\n"},
	{"YAML, empty map", edit.YAML, "servers: {}  # mine\nz: 1\n", "servers:  # mine\n" + yamlEntry + "z: 1\n"},
	{
		"YAML, other entries and comments", edit.YAML,
		"servers:\n  # of a\n  a:\n    args:\n    - -y # why\n    text: |\n      # no comment\n\n  # b: {}\n\nz: 'x'\n",
		"servers:\n  # of a\n  a:\n    args:\n    - -y # why\n    text: |\n      # no comment\n" + yamlEntry + "\n  # b: {}\n\nz: 'x'\n",
	},
	{
		"YAML, comments at the margin", edit.YAML,
		"servers:\n  a:\n    x: 1\n# of y\n    y: 2\n  # of a\n    z: 3\n# of z\nz: 1\n",
		"servers:\n  a:\n    x: 1\n# of y\n    y: 2\n  # of a\n    z: 3\n" + yamlEntry + "# of z\nz: 1\n",
	},
	{
		"YAML, deeper indentation, CRLF, no end", edit.YAML, "servers:\r\n    a:\r\n        x: 1",
		"servers:\r\n    a:\r\n        x: 1\r\n    us:\r\n        command: /bin/us\r\n        args: [\"-x\"]\r\n        env:\r\n            KEY: \"${KEY}\"\r\n",
	},
}

func TestPutAddsAnEntryAndChangesNothingElse(t *testing.T) {
	t.Parallel()
	for _, tt := range places {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			buffer := []byte(tt.before + "of others")
			got, err := tt.format.Put(buffer[:len(tt.before)], []string{"servers", "us"}, entry())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.after, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if string(buffer) != tt.before+"of others" {
				t.Errorf("the buffer is now %q", buffer)
			}
			again, err := tt.format.Put(got, []string{"servers", "us"}, entry())
			if err != nil || string(again) != string(got) {
				t.Errorf("a second time it changes to %q, %v", again, err)
			}
		})
	}
}

func TestRemoveTakesOnlyTheEntry(t *testing.T) {
	t.Parallel()
	for _, tt := range places {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.format.Remove([]byte(tt.after), "servers", "us")
			if err != nil {
				t.Fatal(err)
			}
			if others(t, tt.format, tt.before) && string(got) != tt.before && string(got) != tt.before+newlineOf(tt.before) {
				t.Errorf("got  %q\nwant %q", got, tt.before)
			}
			if left, err := tt.format.Lookup(got, "servers", "us"); left != nil || err != nil {
				t.Errorf("there is still %v, %v", left, err)
			}
			again, err := tt.format.Remove(got, "servers", "us")
			if err != nil || string(again) != string(got) {
				t.Errorf("a second time it changes to %q, %v", again, err)
			}
		})
	}
}

// others reports whether text has entries of others: then nothing but ours is
// taken away, while a map that was made for ours stays.
func others(t *testing.T, format edit.Format, text string) bool {
	t.Helper()
	servers, err := format.Lookup([]byte(text), "servers")
	if err != nil {
		t.Fatal(err)
	}
	members, _ := servers.(map[string]any)
	return len(members) > 0
}

func newlineOf(text string) string {
	if strings.Contains(text, "\r\n") {
		return "\r\n"
	}
	return "\n"
}

func TestPutChangesOnlyTheMembersThatDiffer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		format edit.Format
		before string
		after  string
	}{
		{
			"JSON", edit.JSON,
			`{"servers": {"us": {"args": ["-y", /* old */ "z"], "timeout": 5, /* mine */ "command": "/old" /* why */, "env": {"PROXY": "p", "OLD": "secret"}}}}`,
			`{"servers": {"us": {"args": ["-x"], "timeout": 5, /* mine */ "command": "/bin/us" /* why */, "env": {"PROXY": "p", "KEY": "${KEY}"}}}}`,
		},
		{
			"JSON, members that are missing", edit.JSON,
			"{\n \"servers\": {\n  \"us\": {\n   \"off\": true // mine\n  }\n }\n}",
			"{\n \"servers\": {\n  \"us\": {\n   \"off\": true, // mine\n   \"command\": \"/bin/us\",\n   \"args\": [\"-x\"],\n   \"env\": {\n    \"KEY\": \"${KEY}\"\n   }\n  }\n }\n}",
		},
		{
			"TOML", edit.TOML,
			"[servers.us] # us\ncommand = '/old' # why\nargs = [\n  \"a\",\n] # list\ntimeout = 5\n\n[servers.us.env]\nPROXY = \"p\" # mine\nOLD = \"secret\"\n\n[z]\n",
			"[servers.us] # us\ncommand = \"/bin/us\" # why\nargs = [\"-x\"] # list\ntimeout = 5\n\n[servers.us.env]\nPROXY = \"p\" # mine\nKEY = \"${KEY}\"\n\n[z]\n",
		},
		{
			"TOML, inline", edit.TOML,
			"[servers]\nus = {none = 1, command = \"/old\", off = true} # us\n",
			"[servers]\nus = {command = \"/bin/us\", off = true, args = [\"-x\"], env = { KEY = \"${KEY}\" }} # us\n",
		},
		{
			"YAML", edit.YAML,
			"servers:\n  us: # us\n    args:\n    - -y\n    command: /old  # why\n    # mine\n    timeout: 5\n    env:\n      OLD: secret\n      PROXY: p # mine\nz: 1\n",
			"servers:\n  us: # us\n    args: [\"-x\"]\n    command: /bin/us  # why\n    # mine\n    timeout: 5\n    env:\n      PROXY: p # mine\n      KEY: \"${KEY}\"\nz: 1\n",
		},
		{
			"YAML, env without members", edit.YAML,
			"servers:\n  us:\n    command: /bin/us\n    args:\n      - -x\n    env: {} # mine\n    off: true\n",
			"servers:\n  us:\n    command: /bin/us\n    args:\n      - -x\n    env: # mine\n      KEY: \"${KEY}\"\n    off: true\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.format.Put([]byte(tt.before), []string{"servers", "us"}, entry(), []string{"env", "OLD"}, []string{"none"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.after, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatCannotBeEditedIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		format edit.Format
		text   string
		want   string
	}{
		{"JSON, cut off", edit.JSON, "{\n  \"servers\": {\n", "line 3"},
		{"JSON, missing comma", edit.JSON, "{\n  \"a\": 1\n  \"servers\": {}\n}", "line 3"},
		{"JSON, bad literal", edit.JSON, "{\n  \"a\": \"app-secret\\x\"\n}", "line 2"},
		{"JSON, no object", edit.JSON, "\n[]", "line 2"},
		{"JSON, wrong type", edit.JSON, "{\n  \"servers\": []\n}", "line 2: servers is not a map"},
		{"JSON, a key twice", edit.JSON, "{\n  \"servers\": {},\n  \"servers\": {}\n}", "line 3: servers is there twice"},
		{"TOML, missing value", edit.TOML, "a = 1\nb =\n", "line 2"},
		{"TOML, a key twice", edit.TOML, "a = 1\na = 2\n", "line 2"},
		{"TOML, wrong type", edit.TOML, "\n[[servers]]\nx = 1\n", "line 2: servers is not a map"},
		{"TOML, dotted entry", edit.TOML, "servers.us.command = \"x\"\n", "written in a form"},
		{"YAML, tab", edit.YAML, "a: 1\n\tb: 2\n", "line 2"},
		{"YAML, first line", edit.YAML, "a: b: c\n", "line 1"},
		{"YAML, a key twice", edit.YAML, "a: 1\na: 2\n", "line 2"},
		{"YAML, wrong type", edit.YAML, "a: 1\nservers:\n- x\n", "line 2: servers is not a map"},
		{"YAML, flow", edit.YAML, "a: 1\nservers: {a: {}}\n", "line 2: servers is written in a form"},
		{"YAML, alias", edit.YAML, "a: &a\n  x: {}\nservers: *a\n", "written in a form"},
		{"YAML, explicit keys", edit.YAML, "? servers\n: a: {}\n", "line 1: the file is written in a form"},
		{"YAML, bare carriage returns", edit.YAML, "a: 1\rservers:\r  a: {}\r", "written in a form"},
		{"YAML, no map", edit.YAML, "- a\n", "line 1"},
		{"YAML, two documents", edit.YAML, "a: 1\n---\nb: 1\n", "more than one document"},
		{"YAML, text that ends at the margin", edit.YAML, "servers:\n  a: \"x\ny\"\n", "written in a form"},
		{"UTF-16", edit.JSON, "\xff\xfe{\x00}\x00", "UTF-16"},
		{"not UTF-8", edit.JSON, "{\n\"a\": \"\xff\"}", "line 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.format.Put([]byte(tt.text), []string{"servers", "us"}, entry())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, %v, want an error with %q", got, err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the error quotes the file: %v", err)
			}
		})
	}
}

func TestAMergedKeyIsNotRemoved(t *testing.T) {
	t.Parallel()
	const text = "base: &base\n  us:\n    command: /bin/us\nservers:\n  <<: *base\n"
	for _, path := range [][]string{{"servers", "us"}, {"servers", "us", "command"}} {
		if got, err := edit.YAML.Remove([]byte(text), path...); err == nil || !strings.Contains(err.Error(), "change it by hand") {
			t.Errorf("%v: got %s, %v", path, got, err)
		}
	}
}
