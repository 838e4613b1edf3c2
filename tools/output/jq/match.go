package jq

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// A pattern is a compiled regular expression of a program.
type pattern struct {
	*regexp.Regexp
	size int // instructions
}

const (
	maxPattern  = 1000     // length of a regular expression, in bytes
	maxMatching = 20 << 20 // cost of a match: the size of the expression for each byte
	// maxCounting is how many bytes may be counted: gojq counts those before each match.
	maxCounting = 64 << 20
)

// weighMatch allows for the worst cost of a match, and of all matches with flag g.
// What cannot be matched is left to gojq to refuse.
func (m *meter) weighMatch(v, re, flags any) error {
	text, ok := v.(string)
	if both, isPair := re.([]any); isPair && len(both) == 2 && flags == nil {
		re, flags = both[0], both[1]
	}
	source, isText := re.(string)
	if !ok || !isText {
		return nil
	}
	if err := m.allow(len(source) <= maxPattern); err != nil {
		return err
	}
	p := m.pattern(source)
	if p == nil {
		return nil
	}
	if err := m.allow(product(p.size, len(text)) <= maxMatching); err != nil {
		return err
	}
	if set, _ := flags.(string); !strings.Contains(set, "g") {
		return nil
	}
	return m.countMatches(p, text)
}

// pattern compiles a regular expression once for each program; nil if it is invalid.
func (m *meter) pattern(source string) *pattern {
	p, ok := m.patterns[source]
	if !ok {
		if re, err := regexp.Compile(source); err == nil {
			parsed, _ := syntax.Parse(source, syntax.Perl) // as regexp.Compile has
			compiled, _ := syntax.Compile(parsed.Simplify())
			p = &pattern{re, len(compiled.Inst)}
		}
		m.patterns[source] = p
	}
	return p
}

// countMatches checks the clock after each match, which has read the whole text.
func (m *meter) countMatches(p *pattern, text string) error {
	counted := 0
	for at := 0; at <= len(text); {
		found := p.FindStringIndex(text[at:])
		if found == nil {
			break
		}
		at += max(found[1], 1)
		counted += len(text)
		m.check()
		if err := m.allow(counted <= maxCounting); err != nil {
			return err
		}
		if m.stopped != nil {
			return m.stopped
		}
	}
	return nil
}
