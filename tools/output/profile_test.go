package output_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/tools/output"
)

func TestProfileDescribesColumns(t *testing.T) {
	t.Parallel()
	for _, fact := range []struct {
		text string
		want []output.Column
	}{
		{`[{"a":1,"b":"x"},{"a":2.5,"b":"x"},{"a":null},{"a":3,"b":"y"}]`, []output.Column{
			{Name: "a", Type: "number", NullShare: 0.25, Distinct: 3, Example: "1"},
			{Name: "b", Type: "string", NullShare: 0.25, Distinct: 2, Example: "x"},
		}},
		{`[{"a":true,"b":[1],"c":{"d":1},"e":null,"f":1},{"a":false,"f":"x"}]`, []output.Column{
			{Name: "a", Type: "boolean", Distinct: 2, Example: "true"},
			{Name: "b", Type: "array", NullShare: 0.5, Distinct: 1, Example: "[1]"},
			{Name: "c", Type: "object", NullShare: 0.5, Distinct: 1, Example: `{"d":1}`},
			{Name: "e", Type: "null", NullShare: 1},
			{Name: "f", Type: "mixed", Distinct: 2, Example: "1"},
		}},
		{`[1,2,2]`, []output.Column{{Name: "value", Type: "integer", Distinct: 2, Example: "1"}}},
		{`[{"a":"line one\n\u202eline two"},{"a":""},{}]`, []output.Column{
			{Name: "a", Type: "string", NullShare: 0.333, Distinct: 2, Example: "line one line two"},
		}},
		{"int,num,zip,flag,mix,none\n1,1.5,01234,true,1,\n-2,3,10115,FALSE,x, \n", []output.Column{
			{Name: "int", Type: "integer", Distinct: 2, Example: "1"},
			{Name: "num", Type: "number", Distinct: 2, Example: "1.5"},
			{Name: "zip", Type: "string", Distinct: 2, Example: "01234"},
			{Name: "flag", Type: "boolean", Distinct: 2, Example: "true"},
			{Name: "mix", Type: "string", Distinct: 2, Example: "1"},
			{Name: "none", Type: "null", NullShare: 1},
		}},
	} {
		if diff := cmp.Diff(fact.want, output.Parse(fact.text).Profile().Columns); diff != "" {
			t.Errorf("Parse(%q).Profile().Columns: -want +got\n%s", fact.text, diff)
		}
	}
}

func TestProfileDescribesTheOutput(t *testing.T) {
	t.Parallel()
	for _, fact := range []struct {
		text string
		want string
	}{
		{`[{"a":1}]`, `{"kind":"json","bytes":9,"approx_tokens":7,"rows":1,"columns":[` +
			`{"name":"a","type":"integer","null_share":0,"distinct":1,"example":"1"}]}`},
		{`[]`, `{"kind":"json","bytes":2,"approx_tokens":2,"rows":0,"columns":[]}`},
		{"one\ntwo\n", `{"kind":"text","bytes":8,"approx_tokens":5,"rows":0,"lines":2,"columns":[]}`},
		{"", `{"kind":"empty","bytes":0,"approx_tokens":0,"rows":0,"columns":[]}`},
	} {
		page := mustPage(t, output.Parse(fact.text), output.PageRequest{View: output.ViewProfile})
		if diff := cmp.Diff(fact.want, page.Text); diff != "" {
			t.Errorf("profile of %q: -want +got\n%s", fact.text, diff)
		}
	}
}

func TestProfileCountsDistinctValuesUpToAThousand(t *testing.T) {
	t.Parallel()
	for _, values := range []int{1000, 1001} {
		rows := make([]string, 3000)
		for i := range rows {
			rows[i] = fmt.Sprintf(`{"id":%d}`, i%values)
		}
		column := output.Parse("[" + strings.Join(rows, ",") + "]").Profile().Columns[0]
		if column.Distinct != 1000 || column.DistinctMore != (values > 1000) {
			t.Errorf("of %d values: Distinct = %d, DistinctMore = %t", values, column.Distinct, column.DistinctMore)
		}
	}
}

func TestProfilePagesThroughItsColumns(t *testing.T) {
	t.Parallel()
	d := output.Parse(manyKeys(300))
	request := output.PageRequest{View: output.ViewProfile}
	var names []string
	for page := range pages(t, d, request) {
		var profile output.Profile
		if err := json.Unmarshal([]byte(page.Text), &profile); err != nil {
			t.Fatal(err)
		}
		for _, column := range profile.Columns {
			names = append(names, column.Name)
		}
	}
	if diff := cmp.Diff(d.Columns(), names); diff != "" {
		t.Errorf("columns of all pages: -want +got\n%s", diff)
	}
	request.Fields, request.Offset, request.Limit = []string{"key 7", "id", "key 9"}, 1, 1
	page := mustPage(t, d, request)
	if !strings.Contains(page.Text, `"columns":[{"name":"id"`) || page.Returned != 1 || page.NextOffset != 2 {
		t.Errorf("second of three fields: returned %d, next %d: %s", page.Returned, page.NextOffset, page.Text)
	}
}
