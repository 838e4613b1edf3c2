package schemas_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// FuzzDecode checks that Decode returns arguments that the schema allows and that it
// decodes again unchanged, or an error that can be shown to a model.
func FuzzDecode(f *testing.F) {
	input := schemas.NewInput[arguments]()
	published := compiled(f, input.Schema())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if once, refused := schemas.Coerce(input, raw); !refused {
			twice, refused := schemas.Coerce(input, once)
			if refused || !bytes.Equal(once, twice) {
				t.Errorf("coerced once %s, twice %s", once, twice)
			}
		}
		args, err := input.Decode(raw)
		if err != nil {
			checkMessage(t, err)
			return
		}
		valid := json.RawMessage(marshal(t, args))
		checkAllowed(t, published, valid)
		again, err := input.Decode(valid)
		if err != nil || marshal(t, again) != string(valid) {
			t.Errorf("decoded once %s, twice %s, %v", valid, marshal(t, again), err)
		}
	})
}

func compiled(f *testing.F, schema json.RawMessage) *jsonschema.Schema {
	f.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		f.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("test:///schema", document); err != nil {
		f.Fatal(err)
	}
	return compiler.MustCompile("test:///schema")
}

func checkAllowed(t *testing.T, schema *jsonschema.Schema, args json.RawMessage) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(args))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s was decoded: %v", args, err)
	}
}

func checkMessage(t *testing.T, err error) {
	t.Helper()
	var invalid *schemas.ArgumentError
	if !errors.As(err, &invalid) || len(invalid.Arguments) == 0 {
		t.Fatalf("got %T, want an ArgumentError that names arguments", err)
	}
	message := err.Error()
	if !utf8.ValidString(message) || len(message) > 8000 || !strings.HasSuffix(message, correct) {
		t.Errorf("not a message for a model: %q", message)
	}
	if i := strings.IndexFunc(message, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		t.Errorf("an invisible character at %d: %q", i, message)
	}
}
