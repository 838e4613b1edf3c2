package runs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
)

// Fingerprint tells runs apart by all that decides what they do. Two starts with
// one fingerprint are the same run asked for twice.
func (r Request) Fingerprint(caller string) string {
	region := r.Region
	if r.TemplateID != "" && region == "" {
		region = defaultRegion
	}
	return Digest(caller, string(r.Kind()), r.Target(), inputList(r.Inputs), region, r.ProfileID)
}

// defaultRegion is where BrowserAct runs a template that names no region.
const defaultRegion = "US"

// inputShapes are the hashes of every shape in which the API may give these
// inputs back: a list, and texts whose values cannot be told from their signs.
// With them a run can be recognised without its inputs being kept.
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

func pairsOf(inputs []browseract.Input) []string {
	pairs := make([]string, len(inputs))
	for i, in := range inputs {
		pairs[i] = in.Name + "=" + in.Value
	}
	return pairs
}

const pairMark = "pair "

// pairShape stands for one input in a run's shapes.
func pairShape(pair string) string { return pairMark + Digest("pair", pair) }

// includes reports whether the inputs of a task have all that shapes stand for, and
// perhaps more: BrowserAct may fill in what was left blank, and tell that too.
func includes(in *browseract.TaskInputs, shapes []string) bool {
	told := map[string]bool{}
	if in != nil {
		for _, pair := range append(pairsOf(in.List), pairsIn(in.Text)...) {
			told[pairShape(pair)] = true
		}
	}
	sent := 0
	for _, shape := range shapes {
		if strings.HasPrefix(shape, pairMark) {
			sent++
			if !told[shape] {
				return false
			}
		}
	}
	return sent > 0 || slices.Contains(shapes, noInputs())
}

// maxPieces is how many signs a text may have that is looked through for pairs.
const maxPieces = 30

// pairsIn returns all parts of a text k=v;k=v that may be a pair: values hold the
// sign that divides them. Behind a pair another one follows, or nothing.
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

func noInputs() string { return Digest("none") }

// textShape leaves out how the text ends: a sign there may belong to the last value
// or to none.
func textShape(text string) string { return Digest("text", strings.TrimRight(text, "; ")) }

// shapeOf is the hash of the inputs that the API tells of a task, one of
// inputShapes if the task was started with them.
func shapeOf(in *browseract.TaskInputs) string {
	switch {
	case in == nil || (len(in.List) == 0 && in.Text == ""):
		return noInputs()
	case len(in.List) > 0:
		return Digest("list", inputList(in.List))
	}
	return textShape(in.Text)
}

func inputList(inputs []browseract.Input) string {
	raw, _ := json.Marshal(inputs) // two strings each
	return string(raw)
}

// Digest hashes parts so that none can run into the next.
func Digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256([]byte(p))
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
