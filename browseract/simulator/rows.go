package simulator

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// rowsOf generates a JSON array of n flat objects with these columns, or fewer
// if the run asks for fewer by max_items. Values follow from the column's name
// and the inputs.
func rowsOf(n int, columns ...string) func(Inputs) string {
	return func(in Inputs) string {
		rows, random := newRows(), seeded(in)
		for i := range min(n, in.count("max_items", n)) {
			var o object
			for _, column := range columns {
				o.set(column, cell(column, i, random))
			}
			rows.add(o.json())
		}
		return rows.String()
	}
}

// count is a positive number among the inputs, or the fallback.
func (in Inputs) count(name string, fallback int) int {
	if n, err := strconv.Atoi(in.Get(name, "")); err == nil && n > 0 {
		return n
	}
	return fallback
}

// seeded makes random numbers that are the same for the same inputs.
func seeded(in Inputs) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write(encode(in))
	return rand.New(rand.NewPCG(h.Sum64(), 1))
}

// jsonRows is a JSON array that is being written, a row a line.
type jsonRows struct{ strings.Builder }

func newRows() *jsonRows { return &jsonRows{} }

func (r *jsonRows) add(row []byte) {
	if r.Len() == 0 {
		r.WriteString("[\n  ")
	} else {
		r.WriteString(",\n  ")
	}
	r.Write(row)
}

// String closes the array.
func (r *jsonRows) String() string {
	if r.Len() == 0 {
		return "[]"
	}
	return r.Builder.String() + "\n]"
}

// cell makes up a value that suits a column's name.
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
		return pick(random, people()) + " " + pick(random, surnames())
	case "phone":
		return fmt.Sprintf("+1 555-01%02d", random.IntN(100))
	}
	return pick(random, adjectives()) + " " + pick(random, nouns())
}

func pick(random *rand.Rand, from []string) string {
	return from[random.IntN(len(from))]
}

func adjectives() []string {
	return strings.Fields("Quiet Northern Golden Little Old Bright Copper Green Harbor Silver Corner Wild")
}

func nouns() []string {
	return strings.Fields("Lantern Kettle Bicycle Notebook Compass Teapot Garden Anchor Mill Sparrow Orchard Bridge")
}

func people() []string {
	return strings.Fields("Ana Bruno Chiara Daniel Elif Farid Grete Hiro Ines Jonas Kwame Lucía")
}

func surnames() []string {
	return strings.Fields("Almeida Berg Costa Dupont Eriksen Fischer Gómez Hansen Ito Jansen Kaya Lindqvist")
}

// businesses is what a search for keywords on a map finds.
func businesses(in Inputs) string {
	kind, country := in.Get("keywords", "coffee roasters"), in.Get("country", "United States")
	rows, random := newRows(), seeded(in)
	towns := townsOf(country)
	for i, name := range names(20, random) {
		var o object
		o.set("name", name)
		o.set("category", kind)
		o.set("rating", cell("rating", i, random))
		o.set("reviews", 12+random.IntN(900))
		o.set("address", fmt.Sprintf("%d %s Street, %s, %s", 1+random.IntN(180), pick(random, nouns()), pick(random, towns), country))
		o.set("phone", cell("phone", i, random))
		o.set("website", "https://"+strings.ToLower(strings.ReplaceAll(name, " ", "-"))+".example")
		rows.add(o.json())
	}
	return rows.String()
}

// names are n different names.
func names(n int, random *rand.Rand) []string {
	first, second := adjectives(), nouns()
	list := make([]string, 0, n)
	for _, k := range random.Perm(len(first) * len(second))[:n] {
		list = append(list, first[k/len(second)]+" "+second[k%len(second)])
	}
	return list
}

// townsOf are towns of a country, under its English name or the API's code.
func townsOf(country string) []string {
	switch strings.ToLower(country) {
	case "us", "usa", "united states":
		return []string{"Portland", "Austin", "Denver", "Madison"}
	case "uk", "united kingdom":
		return []string{"Leeds", "Bristol", "Norwich", "York"}
	case "de", "germany":
		return []string{"Leipzig", "Bremen", "Freiburg", "Kassel"}
	case "fr", "france":
		return []string{"Lyon", "Nantes", "Lille", "Dijon"}
	case "jp", "japan":
		return []string{"Sapporo", "Kobe", "Sendai", "Nagoya"}
	}
	return []string{"Old Town", "Harbor Quarter", "Riverside", "Hillside"}
}

// singleKeyRows is a table whose cells became objects of their own.
func singleKeyRows(in Inputs) string {
	rows, random := newRows(), seeded(in)
	for i := range 12 {
		for _, column := range []string{"title", "price", "url"} {
			var o object
			o.set(column, cell(column, i, random))
			rows.add(o.json())
		}
	}
	return rows.String()
}

// cutOff is rows without the last 40 bytes.
func cutOff(in Inputs) string {
	s := rowsOf(30, "title", "price", "url")(in)
	return s[:max(0, len(s)-40)]
}

// twentyMegabytes is 50,000 rows of more than 400 bytes.
func twentyMegabytes(Inputs) string {
	const rows = 50_000
	filler := strings.Repeat("All work and no play makes a long description. ", 7)
	buf := make([]byte, 0, 22<<20)
	for i := range rows {
		sep := byte(',')
		if i == 0 {
			sep = '['
		}
		buf = append(buf, sep)
		buf = append(buf, `{"row":`...)
		buf = strconv.AppendInt(buf, int64(i+1), 10)
		buf = append(buf, `,"sku":"`...)
		buf = strconv.AppendInt(buf, int64(i)*7919%1_000_003+1_000_000, 10)
		buf = append(buf, `","price":`...)
		buf = strconv.AppendInt(buf, int64(i)*31%900+10, 10)
		buf = append(buf, `.5,"url":"https://shop.example/p/`...)
		buf = strconv.AppendInt(buf, int64(i), 10)
		buf = append(buf, `","text":"`...)
		buf = append(buf, filler...)
		buf = append(buf, `"}`...)
	}
	return string(append(buf, ']'))
}
