package custom

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/browseract/browseract-mcp/browseract"
)

const (
	maxToolName = 40
	maxTargetID = 128
	// maxKey is how much of a name a key shows, with a hash of all of it behind. The
	// clients' limit is 64, but a model pays for each character in each prompt.
	maxKey = 32
	// maxRest is that for a name of which the key shows a part: it is told besides.
	maxRest = 16
	// mostKey is the longest name that is a key as it is.
	mostKey = 40
)

// keysOf returns for each name the key that stands for it in a schema: letters,
// digits, _ and - only, 1 to 64 of them, each once. A name that is such a key stays
// what it is, and no other has that key, whether it is among the names or only among
// all that there are. What a key is depends on all names, but not on their order.
func keysOf(names []string, all []browseract.Parameter) []string {
	keys := make([]string, len(names))
	count := make(map[string]int, len(names))
	for _, p := range all {
		if isKey(p.Name) && !slices.Contains(names, p.Name) {
			count[p.Name]++
		}
	}
	for i, name := range names {
		if isKey(name) {
			keys[i] = name
		} else {
			keys[i] = cleanKey(name)
		}
		count[keys[i]]++
	}
	for i, name := range names {
		if count[keys[i]] > 1 && keys[i] != name {
			keys[i] = apart(keys[i], name, count)
		}
	}
	return keys
}

// apart makes another key for a name whose first one is taken.
func apart(key, name string, count map[string]int) string {
	for salt := 0; ; salt++ {
		if other := cut(key, maxKey) + "_" + hash(name, salt); count[other] == 0 {
			count[other]++
			return other
		}
	}
}

// isToolName reports whether every client takes a name for a tool.
func isToolName(name string) bool {
	for i := range len(name) {
		if !isNameByte(name[i]) {
			return false
		}
	}
	return name != "" && len(name) <= maxToolName && !isDigit(name[0]) && name[0] != '_'
}

// isTargetID reports whether BrowserAct can have an id like that.
func isTargetID(id string) bool {
	for i := range len(id) {
		if !isKeyByte(id[i]) {
			return false
		}
	}
	return id != "" && len(id) <= maxTargetID
}

// isKey reports whether a name can be a key as it is.
func isKey(name string) bool {
	for i := range len(name) {
		if !isKeyByte(name[i]) {
			return false
		}
	}
	return name != "" && len(name) <= mostKey
}

func isKeyByte(c byte) bool {
	return isNameByte(c) || c == '-'
}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '_'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// cleanKey makes a key of free text: what no key has becomes _, and what is cut off
// or lost altogether leaves a hash.
func cleanKey(name string) string {
	key, lost := clean(beginning(name, maxLooked), isKeyByte)
	switch {
	case key == "":
		return "input_" + hash(name, 0)
	case lost:
		return cut(key, maxRest) + "_" + hash(name, 0)
	case len(key) > mostKey, len(name) > maxLooked:
		return cut(key, maxKey) + "_" + hash(name, 0)
	}
	return key
}

// maxLooked is how many bytes of a name go into its key; the hash is of all.
const maxLooked = 120

// beginning is the first n bytes of a text, less what is left of a character then.
func beginning(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// clean keeps the characters of text that fits takes, accents aside, and puts one _
// in the place of those between them. lost says that letters of another script were
// among those.
func clean(text string, fits func(byte) bool) (cleaned string, lost bool) {
	var b strings.Builder
	gap := false
	for _, r := range plain(text) {
		switch {
		case r < utf8.RuneSelf && fits(byte(r)):
			if gap && b.Len() > 0 {
				b.WriteByte('_')
			}
			gap = false
			b.WriteByte(byte(r))
		case !unicode.Is(unicode.Mn, r):
			gap, lost = true, lost || r >= utf8.RuneSelf
		}
	}
	return strings.Trim(b.String(), "_"), lost
}

// plain takes letters and their accents apart.
func plain(text string) string {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return norm.NFKD.String(text)
		}
	}
	return text
}

// cut shortens a key to at most n characters.
func cut(key string, n int) string {
	return strings.TrimRight(key[:min(len(key), n)], "_-")
}

// hash tells texts apart that look the same when they are cleaned. It guards
// nothing, and a model reads it: six digits are two tokens.
func hash(text string, salt int) string {
	sum := crc32.ChecksumIEEE([]byte(text))
	if salt > 0 {
		sum = crc32.ChecksumIEEE(fmt.Appendf(nil, "%s\x00%d", text, salt))
	}
	return fmt.Sprintf("%06d", sum%1_000_000)
}

// nameFor makes the name of a tool of what it runs.
func nameFor(target Target, called string) string {
	name, lost := clean(strings.ToLower(called), isNameByte)
	if name == "" || lost && len(name) < 3 {
		name, _ = clean(string(target.Kind)+"_"+target.ID, isNameByte)
		lost = false
	}
	if name[0] < 'A' {
		name = "run_" + name
	}
	if len(name) > maxToolName || lost {
		name = cut(name, maxToolName-7) + "_" + hash(called+target.ID, 0)
	}
	return name
}

// nameApart makes another name for a tool whose first one is taken.
func nameApart(name string, target Target, taken map[string]bool) string {
	for salt := 0; ; salt++ {
		other := cut(name, maxToolName-7) + "_" + hash(target.String(), salt)
		if !taken[other] {
			return other
		}
	}
}
