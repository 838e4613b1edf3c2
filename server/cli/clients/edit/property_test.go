package edit_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"

	"github.com/browseract/browseract-mcp/server/cli/clients/edit"
)

// TestRandomFilesKeepEveryOtherByte writes files of any style. With our entry in
// them, another reader has to find all that the file said and the entry; without
// it again they have to be what they were.
func TestRandomFilesKeepEveryOtherByte(t *testing.T) {
	t.Parallel()
	const files = 300
	for _, tt := range []struct {
		name   string
		format edit.Format
		file   func(*author) map[string]any
		read   func([]byte, *map[string]any) error
	}{
		{"JSON", edit.JSON, (*author).json, readJSON},
		{"TOML", edit.TOML, (*author).toml, func(b []byte, v *map[string]any) error { return toml.Unmarshal(b, v) }},
		{"YAML", edit.YAML, (*author).yaml, func(b []byte, v *map[string]any) error { return yaml.Unmarshal(b, v) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(files) {
				a := newAuthor(seed)
				doc := tt.file(a)
				before := a.text.String()
				after, err := tt.format.Put([]byte(before), []string{"servers", "us"}, entry())
				if err != nil {
					t.Fatalf("seed %d: %v\n%s", seed, err, before)
				}
				var got map[string]any
				if err := tt.read(after, &got); err != nil {
					t.Fatalf("seed %d: %v\n%s", seed, err, after)
				}
				if diff := cmp.Diff(fmt.Sprint(withEntry(doc)), fmt.Sprint(got)); diff != "" {
					t.Fatalf("seed %d: (-want +got):\n%s\n%s", seed, diff, after)
				}
				removed, err := tt.format.Remove(after, "servers", "us")
				if err != nil || hasOthers(doc) && string(removed) != before {
					t.Fatalf("seed %d: removed: %v\ngot  %q\nwant %q", seed, err, removed, before)
				}
			}
		})
	}
}

// withEntry is what a file says that also has our entry.
func withEntry(doc map[string]any) map[string]any {
	servers := map[string]any{"us": map[string]any{"command": "/bin/us", "args": []any{"-x"}, "env": map[string]any{"KEY": "${KEY}"}}}
	if others, ok := doc["servers"].(map[string]any); ok {
		maps.Copy(servers, others)
	}
	doc = maps.Clone(doc)
	doc["servers"] = servers
	return doc
}

// hasOthers reports whether a map is there to come back to: one that was made for
// our entry stays.
func hasOthers(doc map[string]any) bool {
	servers, _ := doc["servers"].(map[string]any)
	return len(servers) > 0
}

// An author writes a file in a style of its own.
type author struct {
	*rand.Rand
	text    strings.Builder
	newline string
}

func newAuthor(seed uint64) *author {
	a := &author{Rand: rand.New(rand.NewPCG(seed, 0)), newline: "\n"}
	if a.chance(4) {
		a.newline = "\r\n"
	}
	return a
}

func (a *author) chance(n int) bool { return a.IntN(n) == 0 }

func (a *author) put(format string, args ...any) {
	a.text.WriteString(strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", a.newline))
}

// comment is a comment behind something, or nothing.
func (a *author) comment(mark string) string {
	if a.chance(3) {
		return mark + " a { remark: [ \"" + a.word() + "\n"
	}
	return "\n"
}

func (a *author) word() string {
	return string("abcdefgh"[a.IntN(8)]) + fmt.Sprint(a.IntN(90)+10)
}

// keys are names without repetition.
func (a *author) keys(minimum int) []string {
	set := map[string]bool{}
	for range minimum + a.IntN(3) {
		set[a.word()] = true
	}
	keys := slices.Sorted(maps.Keys(set))
	a.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	return keys
}

// top are the keys of a file: mostly with servers among them.
func (a *author) top() []string {
	keys := a.keys(0)
	if !a.chance(5) {
		keys = slices.Insert(keys, a.IntN(len(keys)+1), "servers")
	}
	return keys
}

// plain is a value that all formats write alike.
func (a *author) plain() (text string, value any) {
	switch a.IntN(4) {
	case 0:
		return "17", 17
	case 1:
		return "true", true
	case 2:
		return `["x #", "//y"]`, []any{"x #", "//y"}
	}
	text = []string{`"a # // \" b"`, `"üñ 漢 /* */"`, `""`, `"C:\\x"`}[a.IntN(4)]
	var s string
	_ = json.Unmarshal([]byte(text), &s)
	return text, s
}

func (a *author) json() map[string]any {
	if a.chance(6) {
		a.put("\ufeff")
	}
	if a.chance(3) {
		a.put("// first%s", a.comment(""))
	}
	style := jsonStyle{indent: []string{"  ", "\t", "    "}[a.IntN(3)], inline: a.chance(4), comments: a.chance(2)}
	doc := a.jsonObject(style, "", a.top(), 0)
	a.put("%s", strings.Repeat("\n", a.IntN(3)))
	return doc
}

type jsonStyle struct {
	indent           string
	inline, comments bool
}

func (a *author) jsonObject(style jsonStyle, indent string, keys []string, depth int) map[string]any {
	object := map[string]any{}
	line := "\n" + indent + style.indent
	if style.inline {
		line = []string{"", " "}[a.IntN(2)]
	}
	a.put("{")
	for n, key := range keys {
		if style.comments && !style.inline && a.chance(4) {
			a.put("%s// \"servers\": {", line)
		}
		a.put("%s%q:%s", line, key, []string{"", " "}[a.IntN(2)])
		if depth < 2 && (key == "servers" || a.chance(3)) {
			object[key] = a.jsonObject(style, indent+style.indent, a.keys(0), depth+1)
		} else {
			text, value := a.plain()
			a.put("%s", text)
			object[key] = value
		}
		if style.comments && a.chance(4) {
			a.put(" /* , } */")
		}
		if n < len(keys)-1 || style.comments && a.chance(3) {
			a.put(",")
		}
		if style.comments && !style.inline && a.chance(4) {
			a.put(" // of %s", key)
		}
	}
	if !style.inline && (len(keys) > 0 || a.chance(2)) {
		a.put("\n%s", indent)
	}
	a.put("}")
	return object
}

// readJSON reads JSON with comments and trailing commas.
func readJSON(src []byte, doc *map[string]any) error {
	var out strings.Builder
	text := strings.TrimPrefix(string(src), "\ufeff")
	for len(text) > 0 {
		switch {
		case text[0] == '"':
			n := 1
			for ; text[n] != '"'; n++ {
				if text[n] == '\\' {
					n++
				}
			}
			out.WriteString(text[:n+1])
			text = text[n+1:]
		case strings.HasPrefix(text, "//"):
			_, text, _ = strings.Cut(text, "\n")
		case strings.HasPrefix(text, "/*"):
			_, text, _ = strings.Cut(text, "*/")
		case strings.ContainsRune(" \t\r\n", rune(text[0])):
			text = text[1:]
		default:
			if text[0] == '}' {
				shorter := strings.TrimSuffix(out.String(), ",")
				out.Reset()
				out.WriteString(shorter)
			}
			out.WriteByte(text[0])
			text = text[1:]
		}
	}
	return json.Unmarshal([]byte(out.String()), doc)
}

func (a *author) toml() map[string]any {
	doc := map[string]any{}
	a.tomlPairs(doc, a.keys(0))
	for _, key := range a.top() {
		if _, taken := doc[key]; taken {
			continue
		}
		tables := map[string]any{}
		doc[key] = tables
		if a.chance(3) {
			a.put("\n[%s]%s", key, a.comment(" #"))
			a.tomlPairs(tables, []string{"x1", "x2"}[:a.IntN(3)])
		}
		for _, name := range a.keys(1) {
			table := map[string]any{}
			tables[name] = table
			a.put("%s[ %s . %q ]%s", strings.Repeat("\n", a.IntN(3)), key, name, a.comment(" #"))
			a.tomlPairs(table, a.keys(0))
			if a.chance(2) {
				env := map[string]any{}
				table["env"] = env
				a.put("\n[%s.%s.env]\n", key, name)
				a.tomlPairs(env, a.keys(1))
			}
		}
	}
	if a.chance(3) {
		a.put("# [servers.us]\n")
	}
	return doc
}

func (a *author) tomlPairs(table map[string]any, keys []string) {
	for _, key := range keys {
		if a.chance(4) {
			a.put("%s# %s = 1\n", strings.Repeat("\n", a.IntN(2)), key)
		}
		text, value := a.plain()
		switch a.IntN(6) {
		case 0:
			text, value = "[ # [\n  \"p\", # ]\n  'q',\n]", []any{"p", "q"}
		case 1:
			text, value = "{ i = 1, \"j k\" = { l = '#' } }", map[string]any{"i": 1, "j k": map[string]any{"l": "#"}}
		case 2:
			text, value = "'''\n[servers.us]\n'''", "[servers.us]"+a.newline
		}
		table[key] = value
		a.put("%s%s=%s%s%s", []string{"", "  "}[a.IntN(2)], key, []string{"", " "}[a.IntN(2)], text, a.comment(" #"))
	}
}

func (a *author) yaml() map[string]any {
	if a.chance(5) {
		a.put("---\n")
	}
	doc := a.yamlMap(0, a.top(), 0)
	if a.chance(5) {
		a.put("# end\n")
	}
	return doc
}

func (a *author) yamlMap(indent int, keys []string, depth int) map[string]any {
	doc := map[string]any{}
	step := []int{2, 4}[a.IntN(2)]
	for _, key := range keys {
		margin := strings.Repeat(" ", indent)
		if a.chance(5) {
			a.put("%s%s# %s: {\n", strings.Repeat("\n", a.IntN(2)), margin, key)
		}
		a.put("%s%s:", margin, key)
		if depth < 3 && (key == "servers" || a.chance(3)) {
			a.put("%s", a.comment(" #"))
			doc[key] = a.yamlMap(indent+step, a.keys(1), depth+1)
			continue
		}
		text, value := a.plain()
		switch a.IntN(5) {
		case 0:
			text, value = "|\n"+margin+"    # x: {\n\n"+margin+"    y", "# x: {\n\ny\n"
			a.put(" %s\n", text)
		case 1:
			dash := strings.Repeat(" ", indent+[]int{0, 2}[a.IntN(2)]) + "- "
			a.put("%s%s'p'\n%sq%s", a.comment(" #"), dash, dash, a.comment(" #"))
			value = []any{"p", "q"}
		default:
			a.put(" %s%s", text, a.comment(" #"))
		}
		doc[key] = value
	}
	return doc
}
