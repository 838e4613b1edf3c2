package simulator

import (
	"bytes"
	"encoding/json"
	"sync"
)

// maxOutputs is how many outputs are kept. When it is reached all are dropped,
// and made again when they are asked for.
const maxOutputs = 1000

// outputs keeps outputs as JSON strings, one for each blueprint and set of
// declared inputs however many tasks have it.
type outputs struct {
	mu   sync.Mutex
	made map[outputKey]func() []byte
}

type outputKey struct {
	output *Output
	inputs string
}

// encoded is the output of a finished task as a JSON string.
func (o *outputs) encoded(t *task, out *Output) []byte {
	declared := Inputs(nil)
	if out.Generate != nil {
		declared = t.blueprint.declared(t.request.Inputs)
	}
	key := outputKey{out, string(encode(declared))}
	o.mu.Lock()
	text, ok := o.made[key]
	if !ok {
		text = sync.OnceValue(func() []byte { return out.encode(declared) })
		if o.made == nil || len(o.made) >= maxOutputs {
			o.made = map[outputKey]func() []byte{}
		}
		o.made[key] = text
	}
	o.mu.Unlock()
	return text()
}

func (out *Output) encode(in Inputs) []byte {
	s := out.Text
	if out.Generate != nil {
		s = out.Generate(in)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic("simulator: encode an output: " + err.Error())
	}
	return bytes.TrimRight(buf.Bytes(), "\n")
}
