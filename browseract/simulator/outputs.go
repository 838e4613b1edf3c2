package simulator

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxOutputs is how many outputs are kept. At that number all are dropped, and made
// again when they are needed.
const maxOutputs = 1000

// outputs keeps outputs as JSON strings, one for each blueprint and set of declared
// inputs.
type outputs struct {
	mu   sync.Mutex
	made map[outputKey]func() []byte
}

type outputKey struct {
	output *Output
	inputs string
}

// encoded returns the output of a finished task as a JSON string.
func (o *outputs) encoded(t *task, out *Output) []byte {
	var declared Inputs
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
	if out.Generate != nil {
		return encode(out.Generate(in))
	}
	return encode(out.Text)
}

// Populate adds n finished tasks to the first key, a minute apart and older than the
// others, each with the same output of outputBytes bytes: rows of JSON. They belong to
// the key's workflows in turn and cost 30 credits each.
func (a *Account) Populate(n, outputBytes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ws, created := a.workspaces[a.keys[0]], a.clock.now()
	if len(ws.tasks) > 0 {
		created = ws.tasks[0].created
	}
	output := &Output{Text: filledRows(outputBytes)}
	for i := range n {
		b := ws.workflows[i%len(ws.workflows)]
		created = created.Add(-time.Minute)
		t := a.newTask(ws, b, runRequest{Inputs: Inputs{{"keyword", "laptops"}}})
		t.created, t.before = created, nil
		t.final = &state{
			status: statusFinished, started: created, ended: created.Add(40 * time.Second),
			steps: len(b.Scenario.Steps), output: output, credits: 30,
		}
	}
	slices.SortStableFunc(ws.tasks, byCreation)
}

// filledRows returns a JSON array of n bytes, or the smallest one that has rows.
func filledRows(n int) string {
	const row = `{"title":"Quiet Lantern","price":12.5,"url":"https://shop.example/p/000123"}`
	const first, last = `[{"title":"`, `"}`
	rows := max(0, (n-len(first)-len(last)-1)/(len(row)+1))
	filler := max(0, n-len(first)-len(last)-1-rows*(len(row)+1))
	return first + strings.Repeat("x", filler) + last + strings.Repeat(","+row, rows) + "]"
}

// rowsOf generates a JSON array of n flat objects with these columns, or fewer if the
// input max_items is smaller. Values follow from the column's name and the inputs.
func rowsOf(n int, columns ...string) func(Inputs) string {
	return func(in Inputs) string {
		rows, random, count := new(jsonRows), seeded(in), n
		if maxItems, err := strconv.Atoi(in.Get("max_items", "")); err == nil && maxItems > 0 {
			count = min(n, maxItems)
		}
		for i := range count {
			var o object
			for _, column := range columns {
				o.set(column, cell(column, i, random))
			}
			rows.add(o)
		}
		return rows.text()
	}
}

// seeded returns random numbers that are the same for the same inputs.
func seeded(in Inputs) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write(encode(in))
	return rand.New(rand.NewPCG(h.Sum64(), 1))
}

// jsonRows is a JSON array that is being written, one row a line.
type jsonRows struct{ bytes.Buffer }

func (r *jsonRows) add(o object) {
	r.WriteString(",\n  ")
	r.Write(o.json())
}

// text closes the array.
func (r *jsonRows) text() string {
	return "[" + r.String()[1:] + "\n]"
}

// cell returns a value that suits a column's name.
func cell(column string, i int, random *rand.Rand) any {
	switch column {
	case "price", "total", "amount", "salary":
		return float64(random.IntN(40_000)+199) / 100
	case "rating", "score":
		return float64(random.IntN(21)+30) / 10
	case "reviews", "likes", "views", "comments", "stars", "followers", "contributions":
		return random.IntN(25_000)
	case "rank", "position", "order":
		return i + 1
	case "in_stock", "verified", "remote":
		return random.IntN(4) > 0
	case "currency":
		return "USD"
	case "url", "website", "profile_url", "image_url":
		return fmt.Sprintf("https://shop.example/p/%06d", random.IntN(1_000_000))
	case "date", "published", "posted":
		return time.Date(2025, 10, 8, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -random.IntN(300)).Format(time.DateOnly)
	case "author", "contributor", "seller", "company", "agent":
		return pick(random, people) + " " + pick(random, surnames)
	case "phone":
		return fmt.Sprintf("+1 555-01%02d", random.IntN(100))
	}
	return pick(random, adjectives) + " " + pick(random, nouns)
}

func pick(random *rand.Rand, words string) string {
	from := strings.Fields(words)
	return from[random.IntN(len(from))]
}

const (
	adjectives = "Quiet Northern Golden Little Old Bright Copper Green Harbor Silver Corner Wild"
	nouns      = "Lantern Kettle Bicycle Notebook Compass Teapot Garden Anchor Mill Sparrow Orchard Bridge"
	people     = "Ana Bruno Chiara Daniel Elif Farid Grete Hiro Ines Jonas Kwame Lucía"
	surnames   = "Almeida Berg Costa Dupont Eriksen Fischer Gómez Hansen Ito Jansen Kaya Lindqvist"
)

// businesses is the result of a search for keywords on a map.
func businesses(in Inputs) string {
	country, towns := in.Get("country", "United States"), "Portland Austin Denver Madison"
	if country != "United States" {
		towns = "Oldtown Harbor Riverside Hillside"
	}
	rows, random := new(jsonRows), seeded(in)
	for i, name := range names(20, random) {
		var o object
		o.set("name", name)
		o.set("category", in.Get("keywords", "coffee roasters"))
		o.set("rating", cell("rating", i, random))
		o.set("reviews", 12+random.IntN(900))
		o.set("address", fmt.Sprintf("%d %s Street, %s, %s", 1+random.IntN(180), pick(random, nouns), pick(random, towns), country))
		o.set("phone", cell("phone", i, random))
		o.set("website", "https://"+strings.ToLower(strings.ReplaceAll(name, " ", "-"))+".example")
		rows.add(o)
	}
	return rows.text()
}

// names returns n different names.
func names(n int, random *rand.Rand) []string {
	first, second := strings.Fields(adjectives), strings.Fields(nouns)
	list := make([]string, 0, n)
	for _, k := range random.Perm(len(first) * len(second))[:n] {
		list = append(list, first[k/len(second)]+" "+second[k%len(second)])
	}
	return list
}

// singleKeyRows is a table with an object for each cell.
func singleKeyRows(in Inputs) string {
	rows, random := new(jsonRows), seeded(in)
	for i := range 12 {
		for _, column := range []string{"title", "price", "url"} {
			var o object
			o.set(column, cell(column, i, random))
			rows.add(o)
		}
	}
	return rows.text()
}

// cutOff is rows without the last 40 bytes.
func cutOff(in Inputs) string {
	s := rowsOf(30, "title", "price", "url")(in)
	return s[:max(0, len(s)-40)]
}

// twentyMegabytes is 50,000 rows of more than 400 bytes.
func twentyMegabytes(Inputs) string {
	filler := strings.Repeat("All work and no play makes a long description. ", 7)
	buf := make([]byte, 0, 22<<20)
	for i := range 50_000 {
		buf = fmt.Appendf(buf, `,{"row":%d,"sku":"%d","price":%d.5,"url":"https://shop.example/p/%d","text":"%s"}`,
			i+1, i*7919%1_000_003+1_000_000, i*31%900+10, i, filler)
	}
	buf[0] = '['
	return string(append(buf, ']'))
}
