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
	MaxLength  int
}

// The description lacks three parameters, which the test adds.
func TestEndpointsTakeWhatTheDescriptionSays(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.FromSlash("../../../shared/reference/openapi-v2.json"))
	if err != nil {
		t.Skip("the API's description is not here")
	}
	var d description
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	want := d.endpoints()
	want["list-tasks"] = append(want["list-tasks"], "created_at_from string", "created_at_to string", "workflow_name string")
	slices.Sort(want["list-tasks"])
	got := map[string][]string{}
	for name, e := range endpointTable() {
		got[name] = e.facts()
	}
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
				facts = append(facts, d.fact(p.Name, p.Schema, p.Required))
			}
			if op.RequestBody != nil {
				body := d.resolve(op.RequestBody.Content["application/json"].Schema)
				for name, s := range body.Properties {
					facts = append(facts, "body "+d.fact(name, s, slices.Contains(body.Required, name)))
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

func (d *description) fact(name string, s schema, required bool) string {
	s = d.resolve(s)
	low, high := int64(math.MinInt32), int64(math.MaxInt32)
	if s.Minimum != nil {
		low = *s.Minimum
	}
	if s.Maximum != nil {
		high = *s.Maximum
	}
	return fact(name, s.Type, required, low, high, s.MaxLength, s.Enum)
}

// facts are those of one of our endpoints, in the same words.
func (e endpoint) facts() []string {
	facts := []string{e.method}
	for _, p := range e.query {
		facts = append(facts, p.fact())
	}
	for _, p := range e.body {
		facts = append(facts, "body "+p.fact())
	}
	slices.Sort(facts)
	return facts
}

func (p param) fact() string {
	var enum []string
	kind := string(p.form)
	switch p.form {
	case formStatus:
		kind, enum = "string", statuses()
	case formTime, formCallback:
		kind = "string"
	}
	return fact(p.name, kind, p.required, p.min, p.max, p.maxLen, enum)
}

func fact(name, kind string, required bool, low, high int64, maxLen int, enum []string) string {
	f := name + " " + kind
	if required {
		f += " required"
	}
	if kind == "integer" {
		f += fmt.Sprintf(" %d..%d", low, high)
	}
	if maxLen > 0 {
		f += fmt.Sprintf(" up to %d", maxLen)
	}
	if len(enum) > 0 {
		f += " of " + strings.Join(slices.Sorted(slices.Values(enum)), " ")
	}
	return f
}
