package runs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
)

// defaultRegion is where BrowserAct runs a template that names no region.
const defaultRegion = "US"

// Fingerprint returns a hash of the caller and all that decides what the run does. Two
// starts with one fingerprint are the same run asked for twice.
func (r Request) Fingerprint(caller string) string {
	region := r.Region
	if r.TemplateID != "" && region == "" {
		region = defaultRegion
	}
	return Digest(caller, string(r.Kind()), r.Target(), inputList(r.Inputs), region, r.ProfileID)
}

// Digest returns a hash of parts in which none can run into the next: 32 hexadecimal
// digits.
func Digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256([]byte(p))
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// inputShapes are the hashes of every shape in which the API may show these inputs: a
// list, a text of pairs k=v;k=v, whose values may have the signs between them too, and
// each pair. With them a run can be recognised without its inputs being kept.
func inputShapes(inputs []browseract.Input) []string {
	if len(inputs) == 0 {
		return []string{noInputs()}
	}
	pairs := pairsOf(inputs)
	shapes := []string{
		Digest("list", inputList(inputs)),
		textShape(strings.Join(pairs, ";")),
		textShape(strings.Join(pairs, "; ")),
	}
	for _, pair := range pairs {
		shapes = append(shapes, pairShape(pair))
	}
	return shapes
}

// shapeOf is the hash of the inputs that the API shows of a task, one of inputShapes if
// the task was started with them.
func shapeOf(in *browseract.TaskInputs) string {
	switch {
	case in == nil || (len(in.List) == 0 && in.Text == ""):
		return noInputs()
	case len(in.List) > 0:
		return Digest("list", inputList(in.List))
	}
	return textShape(in.Text)
}

func noInputs() string { return Digest("none") }

func inputList(inputs []browseract.Input) string {
	raw, _ := json.Marshal(inputs) // two strings each
	return string(raw)
}

// textShape leaves out how the text ends: a sign there may belong to the last value or
// to none.
func textShape(text string) string { return Digest("text", strings.TrimRight(text, "; ")) }

const pairMark = "pair "

// pairShape stands for one input in a run's shapes.
func pairShape(pair string) string { return pairMark + Digest("pair", pair) }

func pairsOf(inputs []browseract.Input) []string {
	pairs := make([]string, len(inputs))
	for i, in := range inputs {
		pairs[i] = in.Name + "=" + in.Value
	}
	return pairs
}

// includes reports whether the inputs of a task have all that shapes stand for, and
// perhaps more: BrowserAct may fill in what was left blank, and show that too.
func includes(in *browseract.TaskInputs, shapes []string) bool {
	shown := map[string]bool{}
	if in != nil {
		for _, pair := range append(pairsOf(in.List), pairsIn(in.Text)...) {
			shown[pairShape(pair)] = true
		}
	}
	isPair := func(shape string) bool { return strings.HasPrefix(shape, pairMark) }
	isMissing := func(shape string) bool { return isPair(shape) && !shown[shape] }
	return !slices.ContainsFunc(shapes, isMissing) && (slices.ContainsFunc(shapes, isPair) || slices.Contains(shapes, noInputs()))
}

// maxPieces is how many semicolons a text may have that is searched for pairs.
const maxPieces = 30

// pairsIn returns all parts of a text k=v;k=v that may be a pair: values may have
// semicolons too. Behind a pair another one follows, or nothing.
func pairsIn(text string) []string {
	pieces := strings.Split(text, ";")
	pieces = pieces[:min(len(pieces), maxPieces)]
	var parts []string
	for from := range pieces {
		for to := from; to < len(pieces); to++ {
			if to+1 < len(pieces) && !strings.Contains(pieces[to+1], "=") && strings.Join(pieces[to+1:], "") != "" {
				continue
			}
			parts = append(parts, strings.TrimLeft(strings.Join(pieces[from:to+1], ";"), " "))
		}
	}
	return parts
}
