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
)

const (
	// maxName is how many characters are shown of the name of an entry.
	maxName = 60
	// maxValue is how many are shown of a setting, and maxRuns of a command line and
	// of the variables in front of it.
	maxValue = 160
	maxRuns  = maxFinding/2 - 2
)

// A difference is a setting of an entry that is another one than this process has.
type difference struct {
	// setting is the name of a flag, or of a variable.
	setting string
	// entry and here are its values, as they may be shown; without entry, it is a
	// variable that is no setting of this program.
	entry, here string
}

func (d difference) String() string {
	if d.isForeign() {
		return "sets " + clip(d.setting, maxValue)
	}
	return fmt.Sprintf("%s %s instead of %s", d.setting, clip(redact(d.entry), maxValue), clip(redact(d.here), maxValue))
}

func (d difference) isForeign() bool { return d.entry == "" }

// among reports whether one of the settings differs.
func among(differs []difference, settings ...string) bool {
	return slices.ContainsFunc(differs, func(d difference) bool { return slices.Contains(settings, d.setting) })
}

// differences are the settings of an entry that are not those of this process, in
// the order of the help, and the variables that lead a program elsewhere.
func (x *examination) differences(e entry) []difference {
	var all []difference
	if e.line != nil {
		own := settingsOf(x.line)
		for _, flag := range e.line.Model.Flags {
			if value := valueOf(flag); variable(flag) != "" && value != own[flag.Name] {
				all = append(all, difference{flag.Name, cmp.Or(value, "none"), cmp.Or(own[flag.Name], "none")})
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

// sourceOf says where a variable comes from, and nothing of its value.
func sourceOf(v clients.Variable) string {
	switch {
	case v.From != "":
		return "from " + quote(v.From)
	case v.Value == "":
		return "none"
	}
	return "one in the entry"
}

// settingsOf are the values of the flags for all commands, by name.
func settingsOf(line *kong.Context) map[string]string {
	values := map[string]string{}
	for _, flag := range line.Model.Flags {
		values[flag.Name] = valueOf(flag)
	}
	return values
}

// isSetting reports whether a variable is named like one that this program reads.
func isSetting(name string) bool { return strings.HasPrefix(systemName(name), "BROWSERACT_") }

func isKey(name string) bool { return systemName(name) == keyVariable }

// commandLine is what a client runs that starts the entry, as a shell would have it:
// in one line, with no secret, and with nothing that a terminal would obey.
func (e entry) commandLine() string {
	var set []string
	for _, v := range e.launch.Env {
		set = append(set, quote(v.Name)+"="+e.shownValue(v))
	}
	words := []string{quote(redact(e.launch.Command))}
	for n, arg := range e.launch.Args {
		if n > 0 && takesSecret(e.launch.Args[n-1]) {
			arg = hiddenValue
		}
		words = append(words, quote(redact(withoutAssigned(arg))))
	}
	return strings.TrimSpace(clip(strings.Join(set, " "), maxRuns) + " " + clip(strings.Join(words, " "), maxRuns))
}

// hiddenValue stands for a value that is not shown.
const hiddenValue = "[redacted]"

// shownValue is the value of a variable, if it is a setting of this program and not
// the key: what another program has there may be a secret.
func (e entry) shownValue(v clients.Variable) string {
	switch {
	case v.From != "":
		return "$" + quote(v.From)
	case isKey(v.Name) || !e.takes(v.Name):
		return hiddenValue
	}
	return quote(redact(v.Value))
}

// takes reports whether this program reads a variable.
func (e entry) takes(name string) bool {
	return e.line != nil && slices.ContainsFunc(e.line.Model.Flags, func(flag *kong.Flag) bool { return variable(flag) == systemName(name) })
}

// secretName matches a name of something secret, but for a file that holds it.
var secretName = lazily(`(?i)(?:token|key|auth|cred|secret|pass|pwd)[a-z]*$`)

// takesSecret reports whether a flag is named like one that a secret follows.
func takesSecret(flag string) bool {
	return strings.HasPrefix(flag, "-") && (secretName().MatchString(flag) || redact(flag+"=x") != flag+"=x")
}

// assigned matches a value that is given to a name, as shells and docker take it.
var assigned = lazily(`(^|[\s;&"'])(--?[\w-]*|[A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^\s;&"']+)`)

// withoutAssigned hides in an argument the values of variables, which may be another
// program's secrets, and of flags that are named like one.
func withoutAssigned(arg string) string {
	return assigned().ReplaceAllStringFunc(arg, func(found string) string {
		part := assigned().FindStringSubmatch(found)
		if strings.HasPrefix(part[2], "-") && !takesSecret(part[2]) {
			return found
		}
		return part[1] + part[2] + "=" + hiddenValue
	})
}

// quote puts a word in quotes unless it is one without them.
func quote(word string) string {
	odd := func(r rune) bool { return unicode.IsSpace(r) || !strconv.IsPrint(r) || strings.ContainsRune(`"'`, r) }
	if word == "" || strings.ContainsFunc(word, odd) {
		return strconv.Quote(word)
	}
	return word
}
