package simulator

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// description is the part of an OpenAPI document that describes requests.
type description struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name     string
			Required bool
			Schema   schema
		}
		RequestBody *struct {
			Content map[string]struct{ Schema schema }
		}
	}
	Components struct{ Schemas map[string]schema }
}

type schema struct {
	Ref        string `json:"$ref"`
	Type       string
	Properties map[string]schema
	Required   []string
	Enum       []string
	Minimum    *int64
	Maximum    *int64
	MaxLength  int `yaml:"maxLength"`
}

// The description lacks three parameters, which the test adds.
func TestEndpointsTakeWhatTheDescriptionSays(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.FromSlash("../../../shared/reference/openapi-v2.json"))
	if err != nil {
		t.Skip("the API's description is not here")
	}
	var d description
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	want := d.endpoints()
	want["list-tasks"] = append(want["list-tasks"], "created_at_from string", "created_at_to string", "workflow_name string")
	slices.Sort(want["list-tasks"])
	got := ourEndpoints(t)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-description +ours):\n%s", diff)
	}
}

// endpoints are the facts of the description by endpoint.
func (d *description) endpoints() map[string][]string {
	all := map[string][]string{}
	for path, methods := range d.Paths {
		for method, op := range methods {
			facts := []string{strings.ToUpper(method)}
			for _, p := range op.Parameters {
				facts = append(facts, fact(p.Name, d.resolve(p.Schema), p.Required))
			}
			if op.RequestBody != nil {
				body := d.resolve(op.RequestBody.Content["application/json"].Schema)
				for name, s := range body.Properties {
					facts = append(facts, "body "+fact(name, d.resolve(s), slices.Contains(body.Required, name)))
				}
			}
			slices.Sort(facts)
			all[strings.TrimPrefix(path, basePath+"/")] = facts
		}
	}
	return all
}

func (d *description) resolve(s schema) schema {
	if s.Ref != "" {
		return d.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	return s
}

// ourEndpoints are the facts of data/endpoints.yaml, in the same words.
func ourEndpoints(t *testing.T) map[string][]string {
	t.Helper()
	raw, err := data.ReadFile("data/endpoints.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var ours map[string]struct {
		Method      string
		Query, Body schema
	}
	if err := yaml.Unmarshal(raw, &ours); err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for endpoint, e := range ours {
		facts := []string{e.Method}
		for name, s := range e.Query.Properties {
			facts = append(facts, fact(name, s, slices.Contains(e.Query.Required, name)))
		}
		for name, s := range e.Body.Properties {
			facts = append(facts, "body "+fact(name, s, slices.Contains(e.Body.Required, name)))
		}
		slices.Sort(facts)
		all[endpoint] = facts
	}
	return all
}

func fact(name string, s schema, required bool) string {
	f := name + " " + s.Type
	if required {
		f += " required"
	}
	if s.Type == "integer" {
		low, high := int64(math.MinInt32), int64(math.MaxInt32)
		if s.Minimum != nil {
			low = *s.Minimum
		}
		if s.Maximum != nil {
			high = *s.Maximum
		}
		f += fmt.Sprintf(" %d..%d", low, high)
	}
	if s.MaxLength > 0 {
		f += fmt.Sprintf(" up to %d", s.MaxLength)
	}
	if len(s.Enum) > 0 {
		f += " of " + strings.Join(slices.Sorted(slices.Values(s.Enum)), " ")
	}
	return f
}
