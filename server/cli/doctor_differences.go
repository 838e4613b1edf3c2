package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"

	"github.com/browseract/browseract-mcp/server/cli/clients"
	"github.com/browseract/browseract-mcp/tools/lazyregexp"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

const (
	// maxName is how many characters are shown of an entry's name, maxValue of a
	// setting, and maxWords of a command line and of the variables before it.
	maxName, maxValue, maxWords = 60, 160, maxText/2 - 2

	// hidden stands for a value that is not shown.
	hidden = "[redacted]"
)

// A difference is a setting of an entry that this process has otherwise.
type difference struct {
	// setting is the name of a flag or of a variable.
	setting string
	// entry and here are its values, without secrets. Without entry, it is a variable
	// that is no setting of this program.
	entry, here string
}

func (d difference) String() string {
	if d.isForeign() {
		return "sets " + shorten(d.setting)
	}
	return fmt.Sprintf("%s %s instead of %s", d.setting, shorten(d.entry), shorten(d.here))
}

func shorten(value string) string { return sanitize.Truncate(sanitize.Secrets(value), maxValue) }

func (d difference) isForeign() bool { return d.entry == "" }

func among(differs []difference, settings ...string) bool {
	return slices.ContainsFunc(differs, func(d difference) bool { return slices.Contains(settings, d.setting) })
}

// differences are the settings that an entry and this process have otherwise, in the
// order of the help, and the variables that can redirect a program.
func (c *checker) differences(e entry) []difference {
	var all []difference
	if e.line != nil {
		here := map[string]string{}
		for _, flag := range c.line.Model.Flags {
			here[flag.Name] = valueOf(flag)
		}
		for _, flag := range e.line.Model.Flags {
			if value := valueOf(flag); variable(flag) != "" && value != here[flag.Name] {
				all = append(all, difference{flag.Name, cmp.Or(value, "none"), cmp.Or(here[flag.Name], "none")})
			}
		}
	}
	for _, v := range e.launch.Env {
		switch {
		case isKey(v.Name) && v.From != keyVariable:
			all = append(all, difference{keyVariable, sourceOf(v), "that of the environment"})
		case !isSetting(v.Name):
			all = append(all, difference{setting: quote(v.Name)})
		}
	}
	if file := e.launch.EnvFile; file != "" {
		all = append(all, difference{setting: "the variables in " + quote(file)})
	}
	return all
}

func sourceOf(v clients.Variable) string {
	switch {
	case v.From != "":
		return "from " + quote(v.From)
	case v.Value == "":
		return "none"
	}
	return "one in the entry"
}

// isSetting reports whether a variable is named like those that this program reads.
func isSetting(name string) bool { return strings.HasPrefix(systemName(name), "BROWSERACT_") }

func isKey(name string) bool { return systemName(name) == keyVariable }

// commandLine is what a client runs for the entry, as a shell would have it: on one
// line, without secrets and without what a terminal would obey.
func (e entry) commandLine() string {
	var variables []string
	for _, v := range e.launch.Env {
		variables = append(variables, quote(v.Name)+"="+e.shownValue(v))
	}
	words := []string{quote(sanitize.Secrets(e.launch.Command))}
	for n, arg := range e.launch.Args {
		if n > 0 && takesSecret(e.launch.Args[n-1]) {
			arg = hidden
		}
		words = append(words, quote(sanitize.Secrets(hideAssigned(arg))))
	}
	join := func(words []string) string { return sanitize.Truncate(strings.Join(words, " "), maxWords) }
	return strings.TrimSpace(join(variables) + " " + join(words))
}

// shownValue is a variable's value if it is a setting of this program and not the key:
// another program's may be a secret.
func (e entry) shownValue(v clients.Variable) string {
	isFlag := func(flag *kong.Flag) bool { return variable(flag) == systemName(v.Name) }
	switch {
	case v.From != "":
		return "$" + quote(v.From)
	case isKey(v.Name) || e.line == nil || !slices.ContainsFunc(e.line.Model.Flags, isFlag):
		return hidden
	}
	return quote(sanitize.Secrets(v.Value))
}

// secretName matches the name of a secret, but not of a file that holds one.
var secretName = lazyregexp.New(`(?i)(?:token|key|auth|cred|secret|pass|pwd)[a-z]*$`)

// takesSecret reports whether a flag is named like one that a secret follows.
func takesSecret(flag string) bool {
	return strings.HasPrefix(flag, "-") && (secretName().MatchString(flag) || sanitize.Secrets(flag+"=x") != flag+"=x")
}

// assignment matches a name and its value, as shells and docker take them.
var assignment = lazyregexp.New(`(^|[\s;&"'])(--?[\w-]*|[A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^\s;&"']+)`)

// hideAssigned hides the values that an argument gives to variables, which may be
// another program's secrets, and to flags that are named like secrets.
func hideAssigned(arg string) string {
	return assignment().ReplaceAllStringFunc(arg, func(found string) string {
		part := assignment().FindStringSubmatch(found)
		if strings.HasPrefix(part[2], "-") && !takesSecret(part[2]) {
			return found
		}
		return part[1] + part[2] + "=" + hidden
	})
}

// quote puts quotes around a word that a shell would read otherwise.
func quote(word string) string {
	odd := func(r rune) bool { return unicode.IsSpace(r) || !strconv.IsPrint(r) || strings.ContainsRune(`"'`, r) }
	if word == "" || strings.ContainsFunc(word, odd) {
		return strconv.Quote(word)
	}
	return word
}
