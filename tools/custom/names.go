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
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	maxToolName = 40
	// maxToolNamePrefix leaves room for _ and a hash.
	maxToolNamePrefix = maxToolName - 7

	maxTargetID = 128
	// maxKey is the longest name that is used as a key unchanged. Clients allow 64
	// characters, but a model pays for each of them in each prompt.
	maxKey = 40
	// maxKeyPrefix is how much of a longer name its key shows, before a hash.
	maxKeyPrefix = 32
	// maxPartialKey is that of a name with letters that a key cannot show.
	maxPartialKey = 16
	// maxKeySource is how many bytes of a name go into its key; the hash is of all.
	maxKeySource = 120
)

// keysOf returns a unique key for each name: 1 to 64 letters, digits, _ and -. A name
// that is such a key is its own key, and is not the key of another name, even if it is
// only among all inputs. A key depends on all names, but not on their order.
func keysOf(names []string, all []browseract.Parameter) []string {
	keys := make([]string, len(names))
	count := make(map[string]int, len(names))
	for _, p := range all {
		if isKey(p.Name) && !slices.Contains(names, p.Name) {
			count[p.Name]++
		}
	}
	for i, name := range names {
		keys[i] = keyOf(name)
		count[keys[i]]++
	}
	for i, name := range names {
		if count[keys[i]] > 1 && keys[i] != name {
			keys[i] = uniqueName(keys[i], maxKeyPrefix, name, func(key string) bool { return count[key] > 0 })
			count[keys[i]]++
		}
	}
	return keys
}

// uniqueName appends a hash of source to a name of at most limit characters, such
// that the result is not taken.
func uniqueName(name string, limit int, source string, taken func(string) bool) string {
	for salt := 0; ; salt++ {
		if unique := truncate(name, limit) + "_" + hash(source, salt); !taken(unique) {
			return unique
		}
	}
}

// isToolName reports whether every client accepts a name of a tool.
func isToolName(name string) bool {
	return consistsOf(name, isNameByte, maxToolName) && !isDigit(name[0]) && name[0] != '_'
}

// isTargetID reports whether a text can be an id of BrowserAct.
func isTargetID(id string) bool { return consistsOf(id, isKeyByte, maxTargetID) }

// isKey reports whether a name is a key as it is.
func isKey(name string) bool { return consistsOf(name, isKeyByte, maxKey) }

func consistsOf(text string, allowed func(byte) bool, limit int) bool {
	isForbidden := func(r rune) bool { return r >= utf8.RuneSelf || !allowed(byte(r)) }
	return text != "" && len(text) <= limit && !strings.ContainsFunc(text, isForbidden)
}

func isKeyByte(c byte) bool { return isNameByte(c) || c == '-' }

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '_'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// keyOf makes a key of a name. A key that does not show all of the name ends in a
// hash.
func keyOf(name string) string {
	if isKey(name) {
		return name
	}
	key, lost := clean(sanitize.Prefix(name, maxKeySource), isKeyByte)
	switch {
	case key == "":
		return "input_" + hash(name, 0)
	case lost:
		return truncate(key, maxPartialKey) + "_" + hash(name, 0)
	case len(key) > maxKey, len(name) > maxKeySource:
		return truncate(key, maxKeyPrefix) + "_" + hash(name, 0)
	}
	return key
}

// clean removes accents and replaces each run of characters that are not allowed by
// one _. lost reports whether letters of another script were among them.
func clean(text string, allowed func(byte) bool) (cleaned string, lost bool) {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(text) {
		switch {
		case r < utf8.RuneSelf && allowed(byte(r)):
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

func truncate(name string, n int) string {
	return strings.TrimRight(name[:min(len(name), n)], "_-")
}

// hash distinguishes texts that are cleaned to the same name. It is not for security,
// and six digits are two tokens.
func hash(text string, salt int) string {
	if salt > 0 {
		text = fmt.Sprintf("%s\x00%d", text, salt)
	}
	return fmt.Sprintf("%06d", crc32.ChecksumIEEE([]byte(text))%1_000_000)
}

// toolName makes the name of a tool from that of its target.
func toolName(target Target, name string) string {
	cleaned, lost := clean(strings.ToLower(name), isNameByte)
	if cleaned == "" || lost && len(cleaned) < 3 {
		cleaned, _ = clean(string(target.Kind)+"_"+target.ID, isNameByte)
		lost = false
	}
	if isDigit(cleaned[0]) {
		cleaned = "run_" + cleaned
	}
	if len(cleaned) > maxToolName || lost {
		return truncate(cleaned, maxToolNamePrefix) + "_" + hash(name+target.ID, 0)
	}
	return cleaned
}
