package custom

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
)

// A Tool runs one workflow or template. It is immutable.
type Tool struct {
	Entry
	// Known says that the inputs are those of BrowserAct's definition.
	Known bool

	noDefinition bool // no tool of the server returns the definition
	form         schemas.Form
	inputs       []argument      // with an argument of their own
	fields       []schemas.Field // of the inputs, then of the control arguments
	control      controls
	unlisted     int // inputs of a known definition without an argument of their own
	unlistedMust int // of those, the required ones
}

// An argument is an input that the model sees, and its key.
type argument struct {
	Input
	key string
}

// controls are the keys of the arguments that are not inputs. inputs takes those
// without an argument of their own; it is empty if there are none.
type controls struct{ wait, duplicate, inputs string }

// Build makes the tools of the entries, with unique names that are not reserved. known
// returns the definition of a target, if there is one. A name in an entry that is
// taken is an error. noDefinition are the kinds whose definition no tool returns, so
// that descriptions refer to none.
func Build(entries []Entry, known func(Target) (Definition, bool), reserved []string, noDefinition ...Kind) ([]*Tool, error) {
	taken := map[string]bool{}
	for _, e := range entries {
		if slices.Contains(reserved, e.Name) {
			return nil, fmt.Errorf("%s: %s is a tool of this server: choose another name for the %s", e.Where, e.Name, e.Target)
		}
		if taken[e.Name] {
			return nil, fmt.Errorf("%s: two tools are named %s", e.Where, e.Name)
		}
		taken[e.Name] = e.Name != ""
	}
	for _, name := range reserved {
		taken[name] = true
	}
	tools := make([]*Tool, len(entries))
	definitions := make([]Definition, len(entries))
	for i, e := range entries {
		tools[i] = &Tool{Entry: e, noDefinition: slices.Contains(noDefinition, e.Kind)}
		definitions[i], tools[i].Known = known(e.Target)
	}
	nameTools(tools, definitions, taken)
	for i, t := range tools {
		t.define(definitions[i])
	}
	return tools, nil
}

// nameTools names the tools whose entries do not. Tools that would have a taken or
// the same name get a hash of their target.
func nameTools(tools []*Tool, definitions []Definition, taken map[string]bool) {
	count := map[string]int{}
	wanted := make([]string, len(tools))
	for i, t := range tools {
		if t.Name == "" {
			wanted[i] = toolName(t.Target, definitions[i].Name)
			count[wanted[i]]++
		}
	}
	for i, t := range tools {
		if t.Name != "" {
			continue
		}
		t.Name = wanted[i]
		if taken[t.Name] || count[t.Name] > 1 {
			t.Name = uniqueName(t.Name, maxToolNamePrefix, t.Target.String(), func(name string) bool { return taken[name] })
		}
		taken[t.Name] = true
	}
}

// define decides which inputs the model sees: the configured ones, and as many of the
// others as fit.
func (t *Tool) define(def Definition) {
	configured, others := t.configured(def), t.others(def)
	all := slices.Concat(configured, candidates(others))
	names := make([]string, len(all))
	for i, in := range all {
		names[i] = in.Name
	}
	keys := keysOf(names, def.Inputs)
	t.inputs = make([]argument, len(all))
	for i, in := range all {
		t.inputs[i] = argument{in, keys[i]}
	}
	t.control = controls{wait: unused("wait_seconds", keys), duplicate: unused("allow_duplicate", keys)}
	if !t.Known { // there may be inputs that are not configured
		t.control.inputs = unused("inputs", keys)
	}
	t.describe(def, len(configured), others)
	t.form = schemas.NewForm(t.fields)
}

// configured are the inputs of the entry that the model sees. If the definition is
// known, they are among its inputs.
func (t *Tool) configured(def Definition) []Input {
	var inputs []Input
	for _, in := range t.Inputs {
		p, exists := def.input(in.Name)
		if in.Fixed == nil && (!t.Known || exists) {
			in.Required = in.Default == nil && (in.Required || exists && p.Required())
			inputs = append(inputs, in)
		}
	}
	return inputs
}

// others are the inputs of the definition that the entry does not have.
func (t *Tool) others(def Definition) []browseract.Parameter {
	seen := make(map[string]bool, len(def.Inputs))
	for _, in := range t.Inputs {
		seen[in.Name] = true
	}
	others := make([]browseract.Parameter, 0, len(def.Inputs))
	for _, p := range def.Inputs {
		if !seen[p.Name] {
			others = append(others, p)
		}
		seen[p.Name] = true
	}
	return others
}

// candidates are all of the others, or the first of too many, required ones first.
func candidates(others []browseract.Parameter) []Input {
	var inputs []Input
	if len(others) <= maxListed {
		for _, p := range others {
			inputs = append(inputs, Input{Name: p.Name, Required: p.Required()})
		}
		return inputs
	}
	for _, required := range []bool{true, false} {
		for _, p := range others {
			if len(inputs) < maxCandidates && p.Required() == required {
				inputs = append(inputs, Input{Name: p.Name, Required: required})
			}
		}
	}
	return inputs
}

// unused returns name, or name with the first number that is not among the keys.
func unused(name string, keys []string) string {
	key := name
	for n := 2; slices.Contains(keys, key); n++ {
		key = fmt.Sprintf("%s_%d", name, n)
	}
	return key
}

// Schema returns the JSON Schema of the arguments.
func (t *Tool) Schema() json.RawMessage { return t.form.Schema() }

// ArgumentName returns the name under which the model sends an input: its key in the
// schema, or its own name inside the argument for all other inputs. It is false for an
// input that the model does not send.
func (t *Tool) ArgumentName(input string) (string, bool) {
	if a, ok := t.argument(input); ok {
		return a.key, true
	}
	in, _ := t.input(input)
	return input, t.control.inputs != "" && in.Fixed == nil
}

func (t *Tool) argument(input string) (argument, bool) {
	return find(t.inputs, func(a argument) bool { return a.Name == input })
}

// A Call is the arguments of one call.
type Call struct {
	// Inputs have BrowserAct's names. Defaults are among them, fixed inputs are not.
	Inputs         schemas.Inputs
	WaitSeconds    int
	AllowDuplicate bool
}

// Decode reads the arguments of one call. Invalid ones are a [*schemas.ArgumentError].
func (t *Tool) Decode(raw json.RawMessage) (Call, error) {
	arguments, err := t.form.Decode(raw)
	if err != nil {
		return Call{}, err
	}
	call := Call{Inputs: schemas.Inputs{}}
	sent := map[string]string{}
	for _, a := range arguments {
		switch a.Name {
		case t.control.wait:
			err = json.Unmarshal(a.Value, &call.WaitSeconds)
		case t.control.duplicate:
			err = json.Unmarshal(a.Value, &call.AllowDuplicate)
		case t.control.inputs:
			call.Inputs, err = t.decodeUnlisted(a.Value)
		default:
			sent[a.Name] = a.Text()
		}
		if err != nil {
			return Call{}, err
		}
	}
	for _, in := range t.inputs {
		if value, ok := sent[in.key]; ok {
			call.Inputs = append(call.Inputs, schemas.InputValue{Name: in.Name, Value: value})
		}
	}
	return call, nil
}

// decodeUnlisted reads the inputs without an argument of their own. It refuses others.
func (t *Tool) decodeUnlisted(raw json.RawMessage) (schemas.Inputs, error) {
	var inputs schemas.Inputs
	if err := json.Unmarshal(raw, &inputs); err != nil {
		return nil, err
	}
	var invalid []schemas.InvalidArgument
	for _, v := range inputs {
		name, takes := t.ArgumentName(v.Name)
		message := ""
		if _, listed := t.argument(v.Name); listed {
			message = fmt.Sprintf("%q is an argument of its own: send it as %s.", oneLine(v.Name), name)
		} else if !takes {
			message = fmt.Sprintf("There is no input %q in %s.", oneLine(v.Name), t.control.inputs)
		}
		if message != "" {
			invalid = append(invalid, schemas.InvalidArgument{Name: t.control.inputs, Message: message})
		}
	}
	if len(invalid) > 0 {
		return nil, &schemas.ArgumentError{Arguments: invalid}
	}
	return inputs, nil
}

// Resolve fits the inputs of a call to the definition: it adds fixed inputs and drops
// defaults that the definition does not have, and returns warnings about the changes.
func (t *Tool) Resolve(sent schemas.Inputs, def Definition) (schemas.Inputs, []string) {
	resolved := make(schemas.Inputs, 0, len(sent)+len(t.Inputs))
	for _, v := range sent {
		_, exists := def.input(v.Name)
		in, _ := t.input(v.Name)
		if exists || in.Default == nil || *in.Default != v.Value {
			resolved = append(resolved, v)
		}
	}
	for _, in := range t.Inputs {
		if _, exists := def.input(in.Name); exists && in.Fixed != nil {
			resolved = append(resolved, schemas.InputValue{Name: in.Name, Value: *in.Fixed})
		}
	}
	return resolved, t.warnings(def)
}
