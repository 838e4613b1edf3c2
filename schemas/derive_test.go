package schemas_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/schemas/testdata/hygiene"
	"github.com/google/go-cmp/cmp"
)

type (
	node   struct{ Next *node }
	forest struct{ Trees []tree }
	tree   struct{ Branches map[string]forest }
	iface  interface{ Error() string }

	shadowed struct {
		B string `json:"a"`
	}
)

func TestStructsWithoutAPortableSchemaPanic(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		derive func()
		want   string
	}{
		{"a slice", newInput[[]string], "[]string is not a struct"},
		{"a cycle", newInput[node], "node contains itself"},
		{"a cycle through lists and maps", newInput[forest], "forest contains itself"},
		{"any", newInput[struct {
			A any `json:"a"`
		}], "A has no single JSON type"},
		{"an interface", newInput[struct {
			A iface `json:"a"`
		}], "A has no single JSON type"},
		{"a list of any", newInput[struct {
			A []any `json:"a"`
		}], "A[] has no single JSON type"},
		{"a map of one type", newInput[struct {
			A map[string]int `json:"a"`
		}], "A is a map of one type"},
		{"bytes", newInput[struct {
			A []byte `json:"a"`
		}], `A has the keyword "contentEncoding"`},
		{"a time.Time", newInput[struct {
			A time.Time `json:"a"`
		}], `A has the keyword "format"`},
		{"a channel", newInput[struct {
			A chan int `json:"a"`
		}], "unsupported type chan int"},
		{"a field without a name", newInput[struct{ A string }], "A has no name in its json tag"},
		{"two fields of one name", newInput[struct {
			A string `json:"a"`
			shadowed
		}], "B has the name of another field"},
		{"a misspelt keyword", newInput[struct {
			A int `json:"a" jsonschema:"minimun=1"`
		}], `A: "minimun=1" in its jsonschema tag has no effect here`},
		{"a keyword of another type", newInput[struct {
			A string `json:"a" jsonschema:"minimum=1"`
		}], `A: "minimum=1" in its jsonschema tag has no effect here`},
		{"an invalid number", newInput[struct {
			A int `json:"a" jsonschema:"minimum=1,maximum=x"`
		}], `A: "maximum=x" in its jsonschema tag has no effect here`},
		{"a description with a comma", newInput[struct {
			A int `json:"a" jsonschema:"description=one, two"`
		}], `A: "description=one" in its jsonschema tag has no effect here`},
		{"a pattern", newInput[struct {
			A string `json:"a" jsonschema:"pattern=x"`
		}], `A: "pattern=x" in its jsonschema tag has no effect here`},
		{"required by tag", newInput[struct {
			A string `json:"a,omitempty" jsonschema:"required"`
		}], `A: "required" in its jsonschema tag has no effect here`},
		{"nullable", newInput[struct {
			A string `json:"a" jsonschema:"nullable"`
		}], `has no effect here`},
		{"a root of alternatives", newInput[struct {
			A string `json:"a" jsonschema:"oneof_required=b"`
		}], `has the keyword "oneOf"`},
		{"an enum of numbers", newInput[struct {
			A int `json:"a" jsonschema:"enum=1"`
		}], "A has an enum of values that are not strings"},
		{"an extra keyword", newInput[struct {
			A string `json:"a" jsonschema_extras:"x=y"`
		}], `A has the keyword "-"`},
		{"a default that is never applied", newInput[struct {
			A struct {
				B int `json:"b,omitempty" jsonschema:"default=1"`
			} `json:"a,omitzero"`
		}], ".a.b has a default"},
		{"a bound on a result", newOutput[struct {
			A int `json:"a" jsonschema:"minimum=1"`
		}], `A: "minimum=1" in its jsonschema tag has no effect here`},
		{"an enum in a result", newOutput[struct {
			A string `json:"a" jsonschema:"enum=b"`
		}], `A: "enum=b" in its jsonschema tag has no effect here`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := panicOf(test.derive); !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q in it", got, test.want)
			}
		})
	}
}

func newInput[T any]()  { schemas.NewInput[T]() }
func newOutput[T any]() { schemas.OutputSchema[T]() }

func panicOf(f func()) (message string) {
	defer func() { message = fmt.Sprint(recover()) }()
	f()
	return ""
}

type paging struct {
	Page int `json:"page,omitempty" jsonschema:"minimum=1,default=1"`
}

func TestEmbeddedFieldsReplaceTheirStruct(t *testing.T) {
	t.Parallel()
	type search struct {
		Query string `json:"query,omitempty"`
		*paging
		Hidden string `json:"-"`
		secret string
		Limit  int `json:"limit,omitempty"`
	}
	input := schemas.NewInput[search]()
	if diff := cmp.Diff([]string{"query", "page", "limit"}, input.Names()); diff != "" {
		t.Error(diff)
	}
}

// encoding/json names the embedded struct too where a number does not fit.
func TestErrorsNameEmbeddedFieldsByTheirArgument(t *testing.T) {
	t.Parallel()
	type search struct {
		Query string `json:"query,omitempty"`
		paging
	}
	_, err := schemas.NewInput[search]().Decode(json.RawMessage(`{"page":99999999999999999999}`))
	var invalid *schemas.ArgumentError
	if !errors.As(err, &invalid) || invalid.Arguments[0].Name != "page" || !strings.HasPrefix(invalid.Arguments[0].Message, "page is") {
		t.Errorf("got %v, want an error of page", err)
	}
}

func TestDecodeAppliesTheSchemasDefaults(t *testing.T) {
	t.Parallel()
	type defaults struct {
		Text   string     `json:"text,omitempty" jsonschema:"default=a b"`
		Choice string     `json:"choice,omitempty" jsonschema:"enum=rows,enum=raw,default=rows"`
		Number int64      `json:"number,omitempty" jsonschema:"default=9007199254740993"`
		Zero   *int       `json:"zero,omitempty" jsonschema:"default=0"`
		Yes    bool       `json:"yes,omitempty" jsonschema:"default=true"`
		List   []string   `json:"list,omitempty" jsonschema:"default=a,default=b"`
		ID     schemas.ID `json:"id,omitempty" jsonschema:"default=x"`
	}
	input := schemas.NewInput[defaults]()
	var schema struct {
		Properties map[string]struct{ Default json.RawMessage }
	}
	if err := json.Unmarshal(input.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	args, err := input.Decode(json.RawMessage(`{"text":null,"yes":""}`))
	if err != nil {
		t.Fatal(err)
	}
	var applied map[string]json.RawMessage
	if err := json.Unmarshal([]byte(marshal(t, args)), &applied); err != nil {
		t.Fatal(err)
	}
	for name, property := range schema.Properties {
		if string(applied[name]) != string(property.Default) {
			t.Errorf("%s: got %s, want %s", name, applied[name], property.Default)
		}
	}
	if found := hygiene.Input(input.Schema()); len(found) > 0 {
		t.Errorf("not portable: %q", found)
	}
}

func TestSentArgumentsOverrideDefaults(t *testing.T) {
	t.Parallel()
	type switches struct {
		Live  bool `json:"live" jsonschema_description:"Not omitted when false."`
		Limit int  `json:"limit,omitempty" jsonschema:"minimum=0,default=20"`
		Yes   bool `json:"yes,omitempty" jsonschema:"default=true"`
	}
	args, err := schemas.NewInput[switches]().Decode(json.RawMessage(`{"live":"false","limit":"0","yes":false}`))
	if diff := cmp.Diff(switches{}, args); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

type result struct {
	Task     *nested         `json:"task"`
	Status   string          `json:"status" jsonschema_description:"As list_tasks returns it."`
	Since    time.Time       `json:"since"`
	Credits  *int64          `json:"credits,omitempty"`
	Rows     []nested        `json:"rows"`
	Columns  []string        `json:"columns,omitempty"`
	Args     map[string]any  `json:"args,omitempty"`
	Data     json.RawMessage `json:"data,omitempty"`
	unlisted string
}

type nested struct {
	ID string `json:"id"`
}

func TestOutputSchemasAcceptNewFieldsAndValues(t *testing.T) {
	t.Parallel()
	want := strings.Join([]string{
		`{"type":"object","properties":{`,
		`"task":{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]},`,
		`"status":{"type":"string","description":"As list_tasks returns it."},`,
		`"since":{"type":"string"},`,
		`"credits":{"type":"integer"},`,
		`"rows":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"}},"required":["id"]}},`,
		`"columns":{"type":"array","items":{"type":"string"}},`,
		`"args":{"type":"object","properties":{},"additionalProperties":true},`,
		`"data":{"type":"object","properties":{},"additionalProperties":true}`,
		`},"required":["task","status","since","rows"]}`,
	}, "")
	got := schemas.OutputSchema[result]()
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	if found := hygiene.Output(got); len(found) > 0 {
		t.Errorf("not portable: %q", found)
	}
}

func TestSharedResultsHavePortableSchemas(t *testing.T) {
	t.Parallel()
	for name, schema := range map[string]json.RawMessage{
		"Task":     schemas.OutputSchema[schemas.Task](),
		"Workflow": schemas.OutputSchema[schemas.Workflow](),
		"Template": schemas.OutputSchema[schemas.Template](),
	} {
		if found := hygiene.Output(schema); len(found) > 0 {
			t.Errorf("%s: %q", name, found)
		}
	}
}
