package output_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/output"
)

func mustCompare(t testing.TB, before, after, key string) *output.Comparison {
	t.Helper()
	c, err := output.Compare(output.Parse(before), output.Parse(after), key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCompareMatchesRows(t *testing.T) {
	t.Parallel()
	for _, fact := range []struct {
		name, before, after, key string
		changes                  string
	}{
		{"by an id", `[{"id":1,"p":1},{"id":2,"p":2},{"id":3,"p":3}]`, `[{"id":3,"p":3},{"id":2,"p":20},{"id":4,"p":4}]`, "", `{"change":"changed","key":2,"before":{"p":2},"after":{"p":20}}
{"change":"added","key":4,"after":{"id":4,"p":4}}
{"change":"removed","key":1,"before":{"id":1,"p":1}}`},
		{"by a column that is named", `[{"id":1,"p":1},{"id":2,"p":2}]`, `[{"id":8,"p":1},{"id":9,"p":2}]`, "p", `{"change":"changed","key":1,"before":{"id":1},"after":{"id":8}}
{"change":"changed","key":2,"before":{"id":2},"after":{"id":9}}`},
		{"CSV and JSON that say the same", "id,name,n\n1,\"A \"\"B\"\"\",\n", `[{"id":1,"name":"A \"B\"","n":null}]`, "id", ``},
		{"JSON written another way", `[{"id":1,"x":{"a":[1, 2],"b":"é"}},{"id":2}]`, `[{"x":{"b":"\u00e9","a":[1,2]},"id":1},{"id":2}]`, "", ``},
		{"keys that repeat, in their order", `[{"id":1,"p":1},{"id":1,"p":2},{"id":1,"p":3}]`, `[{"id":1,"p":1},{"id":1,"p":5}]`, "id", `{"change":"changed","key":1,"before":{"p":2},"after":{"p":5}}
{"change":"removed","key":1,"before":{"id":1,"p":3}}`},
		{"rows without a key as a whole", `[{"id":1},{"p":1},{"p":2}]`, `[{"id":1},{"p":2},{"p":3}]`, "id", `{"change":"added","after":{"p":3}}
{"change":"removed","before":{"p":1}}`},
		{"without any key as a whole", `[{"p":1,"q":2},{"p":1,"q":3},{"p":2,"q":2}]`, `[{"p":1,"q":3},{"p":1,"q":4},{"p":2,"q":2}]`, "", `{"change":"added","after":{"p":1,"q":4}}
{"change":"removed","before":{"p":1,"q":2}}`},
		{"columns that one lacks do not count", `[{"id":1,"a":1},{"id":2,"a":2}]`, `[{"id":1,"b":9},{"id":2,"b":9}]`, "", ``},
		{"columns that have nothing in common", `[{"a":1},{"a":2}]`, `[{"b":1}]`, "", `{"change":"added","after":{"b":1}}
{"change":"removed","before":{"a":1}}
{"change":"removed","before":{"a":2}}`},
		{"one row each", `{"title":"x","price":1}`, `{"title":"y","price":1}`, "", `{"change":"changed","before":{"title":"x"},"after":{"title":"y"}}`},
		{"plain values", `["x","y","z"]`, `["y","z","w"]`, "", `{"change":"added","key":"w","after":{"value":"w"}}
{"change":"removed","key":"x","before":{"value":"x"}}`},
		{"from nothing", `[]`, `[{"id":1}]`, "", `{"change":"added","after":{"id":1}}`},
		{"from nothing, by a key", `[]`, `[{"id":1}]`, "id", `{"change":"added","key":1,"after":{"id":1}}`},
		{"to nothing", `[{"id":1},{"id":2}]`, `[]`, "", `{"change":"removed","before":{"id":1}}
{"change":"removed","before":{"id":2}}`},
		{"what would load is inert", `[{"id":1,"a":"x"}]`, `[{"id":1,"a":"![x](https://evil.example)"}]`, "id", `{"change":"changed","key":1,"before":{"a":"x"},"after":{"a":"! [x] (https://evil.example)"}}`},
	} {
		c := mustCompare(t, fact.before, fact.after, fact.key)
		page := mustPage(t, c.Changes, output.PageRequest{})
		checkPage(t, output.PageRequest{}, page)
		got := strings.ReplaceAll(strings.Trim(page.Text, "[]"), "},\n{", "}\n{")
		if diff := cmp.Diff(fact.changes, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", fact.name, diff)
		}
		if c.Changed+c.Unchanged+c.Added != c.RowsAfter || c.Changed+c.Unchanged+c.Removed != c.RowsBefore {
			t.Errorf("%s: the counts do not add up: %+v", fact.name, c)
		}
	}
}

func TestCompareGuessesTheKey(t *testing.T) {
	t.Parallel()
	rows := func(columns string, offset int) string {
		list := make([]string, 20)
		for i := range list {
			list[i] = strings.NewReplacer("#", fmt.Sprint(i+offset), "%", fmt.Sprint(i%3), "~", fmt.Sprintf("%x", (i+1+offset)*7919)).Replace(columns)
		}
		return "[" + strings.Join(list, ",") + "]"
	}
	for _, fact := range []struct{ columns, key string }{
		{`{"name":"n#","url":"https://a/#","id":#}`, "id"},
		{`{"name":"n#","product_id":"p#","url":"https://a/#"}`, "product_id"},
		{`{"name":"n#","productId":"p#"}`, "productId"},
		{`{"name":"n#","url":"https://a/#"}`, "url"},
		{`{"price":#,"title":"n#"}`, "title"},
		{`{"rank":#,"text":"n#"}`, "text"},
		{`{"id":%,"name":"n#"}`, "name"},
		{`{"position":#,"price":#.5,"scraped_at":"#"}`, ""},
		{`{"kind":"%"}`, ""},
		{`{"n":#}`, "n"},
	} {
		c := mustCompare(t, rows(fact.columns, 0), rows(fact.columns, 1), "")
		if c.Key != fact.key || !c.KeyGuessed {
			t.Errorf("key of %s is %q (guessed: %t), want %q", fact.columns, c.Key, c.KeyGuessed, fact.key)
		}
	}
	c := mustCompare(t, rows(`{"id":"~","name":"n"}`, 0), rows(`{"id":"~","name":"n"}`, 500), "")
	if c.Key != "id" {
		t.Errorf("key is %q, want id: there is no other", c.Key)
	}
	before, after := rows(`{"id":"~","name":"n"}`, 0), rows(`{"id":"~","name":"n"}`, 500)
	before, after = strings.ReplaceAll(before, `"n"`, `"n`), strings.ReplaceAll(after, `"n"`, `"n`)
	for i := range 20 {
		before = strings.Replace(before, `"n}`, fmt.Sprintf(`"n%d"}`, i), 1)
		after = strings.Replace(after, `"n}`, fmt.Sprintf(`"n%d"}`, i), 1)
	}
	if c := mustCompare(t, before, after, ""); c.Key != "name" {
		t.Errorf("key is %q, want name: each run makes its own ids", c.Key)
	}
}

func TestCompareListsChangedColumns(t *testing.T) {
	t.Parallel()
	c := mustCompare(t, `[{"id":1,"price":"1 €","old":1,"none":null}]`, `[{"id":1,"new":1,"price":1.5,"none":"x"}]`, "id")
	want := schemas.ColumnChanges{Added: []string{"new"}, Removed: []string{"old"}, Retyped: []schemas.RetypedColumn{{Name: "price", Before: "string", After: "number"}}}
	if diff := cmp.Diff(want, c.Columns); diff != "" {
		t.Errorf("Columns: -want +got\n%s", diff)
	}
}

func TestCompareFindsWhatWasEdited(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 9))
		var before, after []any
		var added, removed, changed int
		for i := range 2 + random.IntN(60) {
			row := map[string]any{"id": i, "name": anyText(random), "n": anyValue(random, 1)}
			switch random.IntN(6) {
			case 0:
				added++
				after = append(after, row)
			case 1:
				removed++
				before = append(before, row)
			case 2:
				changed++
				before = append(before, row)
				after = append(after, map[string]any{"id": i, "name": row["name"].(string) + "!", "n": row["n"]})
			default:
				before, after = append(before, row), append(after, row)
			}
		}
		random.Shuffle(len(after), func(i, j int) { after[i], after[j] = after[j], after[i] })
		c := mustCompare(t, asJSON(t, before), asJSON(t, after), "id")
		if c.Added != added || c.Removed != removed || c.Changed != changed {
			t.Fatalf("seed %d: added %d, removed %d, changed %d; want %d, %d, %d", seed, c.Added, c.Removed, c.Changed, added, removed, changed)
		}
		if rows, _ := c.Changes.Rows(); rows != added+removed+changed {
			t.Fatalf("seed %d: %d changes listed, want %d", seed, rows, added+removed+changed)
		}
	}
}

func asJSON(t testing.TB, rows []any) string {
	t.Helper()
	if rows == nil {
		rows = []any{}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func BenchmarkCompareLarge(b *testing.B) {
	before := output.Parse(bigJSON())
	after := output.Parse(strings.ReplaceAll(bigJSON(), `"in_stock": true`, `"in_stock": false`))
	for b.Loop() {
		if _, err := output.Compare(before, after, ""); err != nil {
			b.Fatal(err)
		}
	}
}
