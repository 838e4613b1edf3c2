package tools

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/browseract/browseract-mcp/browseract"
)

// fingerprint tells runs apart by all that decides what they do. Two starts with
// one fingerprint are the same run asked for twice.
func (s start) fingerprint(caller string) string {
	region := s.region
	if s.templateID != "" && region == "" {
		region = defaultRegion
	}
	return digest(caller, string(s.kind()), s.target(), inputList(s.inputs), region, s.profileID)
}

// defaultRegion is where BrowserAct runs a template that names no region.
const defaultRegion = "US"

// inputShapes are the hashes of every shape in which the API may give these
// inputs back: a list, and texts whose values cannot be told from their signs.
// With them a run can be recognised without its inputs being kept.
func inputShapes(inputs []browseract.Input) []string {
	if len(inputs) == 0 {
		return []string{digest("none")}
	}
	pairs := make([]string, len(inputs))
	for i, in := range inputs {
		pairs[i] = in.Name + "=" + in.Value
	}
	return []string{
		digest("list", inputList(inputs)),
		textShape(strings.Join(pairs, ";")),
		textShape(strings.Join(pairs, "; ")),
	}
}

// textShape leaves out how the text ends: a sign there may belong to the last value
// or to none.
func textShape(text string) string { return digest("text", strings.TrimRight(text, "; ")) }

// shapeOf is the hash of the inputs that the API tells of a task, one of
// inputShapes if the task was started with them.
func shapeOf(in *browseract.TaskInputs) string {
	switch {
	case in == nil || (len(in.List) == 0 && in.Text == ""):
		return digest("none")
	case len(in.List) > 0:
		return digest("list", inputList(in.List))
	}
	return textShape(in.Text)
}

func inputList(inputs []browseract.Input) string {
	raw, _ := json.Marshal(inputs) // two strings each
	return string(raw)
}

// digest hashes parts so that none can run into the next.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256([]byte(p))
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
