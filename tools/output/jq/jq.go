// Package jq runs untrusted jq programs on untrusted data. A program sees its input
// and nothing else: no environment, no files, no further inputs. One that takes too
// long, too much memory or gives too much is stopped. Begin with [Compile].
//
// gojq asks its context before each step of a program whether to go on: there, time
// and memory are measured (meter.go). A single step can cost any amount, so operators
// and builtins whose work outgrows their operands are replaced by ones that weigh the
// operands first (guards.jq, rewrite.go, weigh.go).
package jq

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/itchyny/gojq"

	"github.com/browseract/browseract-mcp/tools/lazyregexp"
)

const (
	// MaxProgram is the length limit of a program, in characters.
	MaxProgram = 4000
	// MaxResults is how many results a program may give.
	MaxResults = 100_000
)

// Program is a jq program, ready to run. It is not safe for concurrent use.
type Program struct {
	code  *gojq.Code
	meter *meter
	keys  []string
}

// startVariable holds the time at which a program began, which now returns.
const startVariable = "$__now"

//go:embed guards.jq
var guards string

// Compile parses a program. Its errors say where the program is wrong.
func Compile(source string) (*Program, error) {
	if n := utf8.RuneCountInString(source); n > MaxProgram {
		return nil, fmt.Errorf("the program has %d characters; use %d or fewer", n, MaxProgram)
	}
	query, err := gojq.Parse(source)
	if err != nil {
		return nil, syntaxError(source, err)
	}
	r := rewriter{}
	if err := r.rewrite(query); err != nil {
		return nil, err
	}
	guarded, err := gojq.Parse(guards)
	if err != nil {
		return nil, fmt.Errorf("guards.jq: %w", err)
	}
	query.FuncDefs = append(guarded.FuncDefs, query.FuncDefs...)
	p := &Program{meter: &meter{}, keys: r.keys}
	p.code, err = gojq.Compile(query, append(p.meter.functions(), gojq.WithVariables([]string{startVariable}))...)
	if err != nil {
		return nil, fmt.Errorf("%w. jq's own functions are available, except modules, input and debug", err)
	}
	return p, nil
}

func syntaxError(source string, err error) error {
	wrong, ok := errors.AsType[*gojq.ParseError](err)
	if !ok {
		return err
	}
	before := source[:min(max(wrong.Offset-len(wrong.Token), 0), len(source))]
	return fmt.Errorf("this is not valid jq: %w at character %d", err, utf8.RuneCountInString(before)+1)
}

// Keys returns the keys of the objects that the program writes, in their order.
func (p *Program) Keys() []string { return p.keys }

// Run runs the program on a value as encoding/json decodes it, with numbers as
// json.Number, and calls emit with each result; an error of emit ends it. Results can
// also hold numbers of the types int, float64 and *big.Int, and can be far larger in
// JSON than in memory.
//
// The program is stopped within 2 s, or when it uses much more memory than the input,
// which is about size bytes. Errors say what to change, and never quote the input.
func (p *Program) Run(ctx context.Context, input any, size int, emit func(any) error) error {
	p.meter.start(ctx, size)
	began := float64(time.Now().UnixMilli()) / 1000
	results := p.code.RunWithContext(p.meter, input, began)
	for n := 0; ; n++ {
		v, ok := results.Next()
		if !ok {
			return nil
		}
		if err, failed := v.(error); failed {
			return p.runError(err)
		}
		if n == MaxResults {
			return fmt.Errorf("the program gave more than %d results; use limit, or a narrower condition", MaxResults)
		}
		if err := emit(v); err != nil {
			return err
		}
	}
}

// runError replaces an error of gojq, which quotes the input, by one that does not.
func (p *Program) runError(err error) error {
	if p.meter.stopped != nil {
		return p.meter.stopped
	}
	if _, ok := errors.AsType[gojq.ValueError](err); ok {
		return errors.New("the program ended itself with error or halt")
	}
	return fmt.Errorf("the program failed on the output: %s. Look at the values first with view profile, or pass over odd ones with ? and //", unquoted(err))
}

// typeMismatch finds in an error of gojq the type of a value that a function does not take.
var typeMismatch = lazyregexp.New(`cannot be applied to:? (?:null|boolean|number|string|array|object)\b`)

// unquoted returns an error of gojq up to its first quote, and the type that was wrong.
func unquoted(err error) string {
	text := err.Error()
	head := text
	if i := strings.IndexAny(text, "(\"`[{0123456789"); i >= 0 {
		head = strings.TrimRight(text[:i], " :")
	}
	if found := typeMismatch().FindString(text); found != "" && !strings.Contains(head, found) {
		head += " " + found
	}
	return head
}
