package custom

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/output"
)

// A Tool runs one workflow or template. It does not change.
type Tool struct {
	Entry
	// Known says that the inputs are those of BrowserAct's definition.
	Known bool

	unread  bool // no tool reads the definition
	form    schemas.Form
	fields  []schemas.Field
	inputs  []shown // those that the model sees
	control controls
	more    int // inputs that only control.free takes, where the definition is known
	must    int // of those, the required ones
}

// shown is an input that the model sees under a key.
type shown struct {
	Input
	key string
}

// controls are the keys of the arguments that steer a call.
type controls struct{ wait, again, free string }

// Build makes the tools of the entries, each with a name of its own that is none of
// the reserved ones. known tells what BrowserAct says of a target, if that is known.
// A name that an entry chose and cannot have is an error. Of the kinds that are unread
// there is no tool that reads a definition, so that none is named.
func Build(entries []Entry, known func(Target) (Definition, bool), reserved []string, unread ...Kind) ([]*Tool, error) {
	tools := make([]*Tool, len(entries))
	taken := map[string]bool{}
	for _, name := range reserved {
		taken[name] = true
	}
	for i, e := range entries {
		tools[i] = &Tool{Entry: e, unread: slices.Contains(unread, e.Kind)}
		if e.Name == "" {
			continue
		}
		if slices.Contains(reserved, e.Name) {
			return nil, fmt.Errorf("%s: %s is a tool of this server: choose another name for the %s", e.Where, e.Name, e.Target)
		}
		if taken[e.Name] {
			return nil, fmt.Errorf("%s: two tools are named %s", e.Where, e.Name)
		}
		taken[e.Name] = true
	}
	definitions := make([]Definition, len(tools))
	for i, t := range tools {
		definitions[i], t.Known = known(t.Target)
	}
	nameAll(tools, definitions, taken)
	for i, t := range tools {
		t.fill(definitions[i])
	}
	return tools, nil
}

// nameAll names the tools whose entries do not. What is cleaned to a name that is
// taken, or to the same one, is told apart by its target.
func nameAll(tools []*Tool, definitions []Definition, taken map[string]bool) {
	count := map[string]int{}
	wanted := make([]string, len(tools))
	for i, t := range tools {
		if t.Name == "" {
			wanted[i] = nameFor(t.Target, definitions[i].Name)
			count[wanted[i]]++
		}
	}
	for i, t := range tools {
		switch {
		case t.Name != "":
			continue
		case taken[wanted[i]] || count[wanted[i]] > 1:
			t.Name = nameApart(wanted[i], t.Target, taken)
		default:
			t.Name = wanted[i]
		}
		taken[t.Name] = true
	}
}

// fill decides what the model sees: what the entry tells of, and as much of the rest
// as fits.
func (t *Tool) fill(def Definition) {
	said, rest := t.said(def), t.rest(def)
	all := slices.Concat(said, rest.first)
	names := make([]string, len(all))
	for i, in := range all {
		names[i] = in.Name
	}
	keys := keysOf(names, def.Inputs)
	t.inputs = make([]shown, len(all))
	for i, in := range all {
		t.inputs[i] = shown{in, keys[i]}
	}
	t.control = controls{wait: free("wait_seconds", keys), again: free("allow_duplicate", keys)}
	if !t.Known { // there may be more than the entry tells of
		t.control.free = free("inputs", keys)
	}
	t.describe(def, len(said), rest)
}

// said are the inputs of the entry that the model sees. Where there is a definition,
// there are no others than its own.
func (t *Tool) said(def Definition) []Input {
	var inputs []Input
	for _, in := range t.Inputs {
		p, there := parameter(def, in.Name)
		if in.Fixed == nil && (!t.Known || there) {
			in.Required = in.Default == nil && (in.Required || there && p.Required())
			inputs = append(inputs, in)
		}
	}
	return inputs
}

// others are the inputs of which the entry tells nothing.
type others struct {
	// first are all of them, or of more than manyInputs some: those that a run cannot
	// do without before others.
	first           []Input
	count, required int
}

func (t *Tool) rest(def Definition) others {
	seen := make(map[string]bool, len(def.Inputs))
	for _, in := range t.Inputs {
		seen[in.Name] = true
	}
	all := make([]browseract.Parameter, 0, len(def.Inputs))
	rest := others{}
	for _, p := range def.Inputs {
		if seen[p.Name] {
			continue
		}
		seen[p.Name] = true
		all = append(all, p)
		if p.Required() {
			rest.required++
		}
	}
	rest.count = len(all)
	if rest.count > manyInputs {
		all = mostNeeded(all)
	}
	for _, p := range all {
		rest.first = append(rest.first, Input{Name: p.Name, Required: p.Required()})
	}
	return rest
}

// mostNeeded are the first of many inputs, required ones before others.
func mostNeeded(all []browseract.Parameter) []browseract.Parameter {
	var needed []browseract.Parameter
	for _, required := range []bool{true, false} {
		for _, p := range all {
			if len(needed) < mostChosen && p.Required() == required {
				needed = append(needed, p)
			}
		}
	}
	return needed
}

func parameter(def Definition, name string) (browseract.Parameter, bool) {
	for _, p := range def.Inputs {
		if p.Name == name {
			return p, true
		}
	}
	return browseract.Parameter{}, false
}

// input is what the entry says of an input.
func (e *Entry) input(name string) (Input, bool) {
	for _, in := range e.Inputs {
		if in.Name == name {
			return in, true
		}
	}
	return Input{}, false
}

// free returns name, or the first after it that none of the keys is.
func free(name string, keys []string) string {
	chosen := name
	for n := 2; slices.Contains(keys, chosen); n++ {
		chosen = fmt.Sprintf("%s_%d", name, n)
	}
	return chosen
}

// Schema is the JSON Schema of the arguments.
func (t *Tool) Schema() json.RawMessage { return t.form.Schema() }

// ArgumentName returns the name by which the model sends an input: its key in the schema, or
// its own where the schema has no room for it; false where it is not the model's to
// send.
func (t *Tool) ArgumentName(name string) (string, bool) {
	for _, in := range t.inputs {
		if in.Name == name {
			return in.key, true
		}
	}
	said, _ := t.input(name)
	return name, t.control.free != "" && said.Fixed == nil
}

// A Call is the arguments of one call.
type Call struct {
	// Inputs have BrowserAct's names. Fixed ones and defaults are among them.
	Inputs         schemas.Inputs
	WaitSeconds    int
	AllowDuplicate bool
}

// Decode reads the arguments of one call.
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
		case t.control.again:
			err = json.Unmarshal(a.Value, &call.AllowDuplicate)
		case t.control.free:
			call.Inputs, err = t.decodeFree(a.Value)
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

// decodeFree reads the inputs that are not in the schema. Those that are, or that are
// fixed, have no place there.
func (t *Tool) decodeFree(raw json.RawMessage) (schemas.Inputs, error) {
	var inputs schemas.Inputs
	if err := json.Unmarshal(raw, &inputs); err != nil {
		return nil, err
	}
	wrong := &schemas.ArgumentError{}
	for _, v := range inputs {
		key, may := t.ArgumentName(v.Name)
		shown := slices.ContainsFunc(t.inputs, func(in shown) bool { return in.Name == v.Name })
		switch {
		case !may:
			wrong.Arguments = append(wrong.Arguments, schemas.InvalidArgument{Name: t.control.free, Message: fmt.Sprintf("There is no input %q in %s.", output.Line(v.Name, maxTitle), t.control.free)})
		case shown:
			wrong.Arguments = append(wrong.Arguments, schemas.InvalidArgument{Name: t.control.free, Message: fmt.Sprintf("%q is an argument of its own: send it as %s.", output.Line(v.Name, maxTitle), key)})
		}
	}
	if len(wrong.Arguments) > 0 {
		return nil, wrong
	}
	return inputs, nil
}

// Resolve makes the inputs of a call those that the definition has: it adds the fixed
// ones and leaves out what only the entry knows, and tells of that.
func (t *Tool) Resolve(sent schemas.Inputs, def Definition) (schemas.Inputs, []string) {
	fitted := make(schemas.Inputs, 0, len(sent)+len(t.Inputs))
	for _, v := range sent {
		_, there := parameter(def, v.Name)
		in, said := t.input(v.Name)
		if there || !said || in.Default == nil || *in.Default != v.Value {
			fitted = append(fitted, v)
		}
	}
	for _, in := range t.Inputs {
		if _, there := parameter(def, in.Name); there && in.Fixed != nil {
			fitted = append(fitted, schemas.InputValue{Name: in.Name, Value: *in.Fixed})
		}
	}
	return fitted, t.warnings(def)
}
