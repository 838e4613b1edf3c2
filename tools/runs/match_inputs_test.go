package runs

import (
	"encoding/json"
	"testing"

	"github.com/browseract/browseract-mcp/browseract"
)

func TestInputsAreOthersOnlyWhereThatIsProven(t *testing.T) {
	t.Parallel()
	two := []browseract.Input{{Name: "Search_Keywords", Value: "Laptops; 15=inch"}, {Name: "pages", Value: "10"}}
	for shown, want := range map[string]inputMatch{
		`null`: unclearInputs, `""`: unclearInputs, `[]`: unclearInputs, `{}`: unclearInputs, `"***"`: unclearInputs, `7`: unclearInputs, `true`: unclearInputs,

		`"Search_Keywords=Laptops; 15=inch;pages=10"`:                                                                sameInputs,
		`"pages=10; Search_Keywords=Laptops; 15=inch;"`:                                                              sameInputs,
		`"search_keywords=laptops; 15=inch;pages=10"`:                                                                sameInputs,
		`"search_keywords: \"laptops; 15=inch\", pages: \"10\""`:                                                     sameInputs,
		`"lang=en;Search_Keywords=Laptops; 15=inch;pages=10;depth=2"`:                                                sameInputs,
		`{"Search_Keywords":"Laptops; 15=inch","pages":10}`:                                                          sameInputs,
		`{"searchKeywords":"Laptops; 15=inch","pages":"10","lang":"en"}`:                                             sameInputs,
		`"{\"pages\":\"10\",\"Search_Keywords\":\"Laptops; 15=inch\"}"`:                                              sameInputs,
		`[{"name":"pages","value":10},{"name":"Search_Keywords","value":"laptops; 15=inch"}]`:                        sameInputs,
		`"[{\"name\":\"pages\",\"value\":\"10\"},{\"name\":\"Search_Keywords\",\"value\":\" Laptops;  15=inch \"}]"`: sameInputs,
		`{"Search_Keywords":"Laptops%3B+15%3Dinch","pages":"10"}`:                                                    sameInputs,
		`{"Search_Keywords":"Laptops; 15&#61;inch","pages":"10"}`:                                                    sameInputs,

		`{"Search_Keywords":"Laptops; 15=inch"}`:         unclearInputs, // incomplete
		`{"Search_Keywords":"Tablets"}`:                  unclearInputs,
		`"Search_Keywords=Tablets"`:                      unclearInputs,
		`{"Search_Keywords":"Lap","pages":"10"}`:         unclearInputs, // cut
		`{"Search_Keywords":"Lap…","pages":"10"}`:        unclearInputs,
		`{"Search_Keywords":"Lap...inch","pages":"10"}`:  unclearInputs,
		`{"Search_Keywords":"La******","pages":"10"}`:    unclearInputs, // masked
		`{"Search_Keywords":"[REDACTED]","pages":"10"}`:  unclearInputs,
		`{"Search_Keywords":null,"pages":"10"}`:          unclearInputs,
		`{"Search_Keywords":"","pages":"10"}`:            unclearInputs,
		`"Search_Keywords=a;Search_Keywords=b;pages=10"`: unclearInputs, // read in two ways
		`["Laptops; 15=inch","10"]`:                      unclearInputs,

		`"Search_Keywords=Tablets;pages=10"`:                                        otherInputs,
		`"search_keywords=Laptops; 15=inch;pages=20"`:                               otherInputs,
		`{"Search_Keywords":"Tablets","pages":10,"lang":"en"}`:                      otherInputs,
		`"{\"Search_Keywords\":\"Laptops; 15=inch\",\"pages\":2}"`:                  otherInputs,
		`[{"name":"Search_Keywords","value":"Tab…"},{"name":"pages","value":"10"}]`: otherInputs,
	} {
		var in *browseract.TaskInputs
		if err := json.Unmarshal([]byte(shown), &in); err != nil {
			t.Fatal(err)
		}
		if got := matchInputs(two, in); got != want {
			t.Errorf("%s: got %d, want %d", shown, got, want)
		}
	}
}

// Forms in which inputs that were sent may be shown: none proves other inputs.
func TestFormsOfTheSameInputsProveNoOthers(t *testing.T) {
	t.Parallel()
	one := []browseract.Input{{Name: "q", Value: "Laptops 15 inch"}}
	accent := []browseract.Input{{Name: "q", Value: "Café Zürich"}}
	lines := []browseract.Input{{Name: "q", Value: "first line\nsecond line"}}
	link := []browseract.Input{{Name: "url", Value: "https://shop.example/a?x=1&y=2"}}
	boolean := []browseract.Input{{Name: "deep", Value: "true"}}
	date := []browseract.Input{{Name: "from", Value: "2025-10-08"}}
	two := []browseract.Input{{Name: "q", Value: "Laptops 15 inch"}, {Name: "pages", Value: "3"}}
	for name, f := range map[string]struct {
		sent  []browseract.Input
		shown string
	}{
		"filled in, ampersand":           {one, `"q=Laptops 15 inch&language=en"`},
		"filled in, comma":               {one, `"q=Laptops 15 inch, language=en"`},
		"filled in, newline":             {one, `"q=Laptops 15 inch\nlanguage=en"`},
		"filled in, pipe":                {one, `"q=Laptops 15 inch|language=en"`},
		"filled in, colon":               {one, `"q: Laptops 15 inch; language: en"`},
		"filled in, quoted":              {one, `"q=\"Laptops 15 inch\";language=\"en\""`},
		"filled in, single quoted":       {one, `"q='Laptops 15 inch';language='en'"`},
		"filled in, lower case":          {one, `"q=laptops 15 inch;language=en"`},
		"filled in, cut":                 {one, `"q=Laptops 15;language=en"`},
		"filled in, cut, two":            {two, `"q=Laptops 15;language=en;pages=3"`},
		"filled in, cut with a mark":     {one, `"q=Laptops 15...;language=en"`},
		"filled in, url-encoded":         {one, `"q=Laptops+15+inch;language=en"`},
		"filled in, url-encoded &":       {one, `"q=Laptops%2015%20inch&language=en"`},
		"filled in, masked":              {one, `"q=***;language=en"`},
		"filled in, masked word":         {one, `"q=[REDACTED];language=en"`},
		"filled in, null":                {one, `"q=null;language=en"`},
		"filled in, empty":               {one, `"q=;language=en"`},
		"map of Java":                    {one, `"{q=Laptops 15 inch, language=en}"`},
		"map of Java, alone":             {one, `"{q=Laptops 15 inch}"`},
		"map of Go":                      {one, `"map[q:Laptops 15 inch]"`},
		"map of Go, filled in":           {one, `"map[language:en q:Laptops 15 inch]"`},
		"map of Go, filled in 2":         {one, `"map[q:Laptops 15 inch zlang:en]"`},
		"python dict":                    {one, `"{'q': 'Laptops 15 inch'}"`},
		"python dict, filled in":         {one, `"{'q': 'Laptops 15 inch', 'language': 'en'}"`},
		"cut JSON":                       {one, `"{\"q\":\"Laptops 15"`},
		"cut JSON with a mark":           {one, `"{\"q\":\"Laptops 15..."`},
		"cut JSON list":                  {one, `"[{\"name\":\"q\",\"value\":\"Lapt"`},
		"masked first letter":            {one, `"q=L*"`},
		"masked one star":                {one, `"q=*"`},
		"masked, both ends":              {one, `"q=L*h"`},
		"masked bullets":                 {one, `"q=L•h"`},
		"masked word 2":                  {one, `"q=<redacted value>"`},
		"masked word 3":                  {one, `"q=[value hidden]"`},
		"masked word 4":                  {one, `"q=**hidden**"`},
		"masked word 5":                  {one, `"q=REDACTED_BY_POLICY"`},
		"masked type":                    {one, `"q=string"`},
		"masked length":                  {one, `"q=<15 chars>"`},
		"hash":                           {one, `"q=sha256:0c5a1f0de4d0ec3f1ea6d1d9d6e3f1f2"`},
		"bare hash":                      {one, `"q=0c5a1f0de4d0ec3f1ea6d1d9d6e3f1f2"`},
		"base64":                         {one, `"q=TGFwdG9wcyAxNSBpbmNo"`},
		"encrypted":                      {one, `"q=enc:v1:AAECAwQFBgc="`},
		"cut, in words":                  {one, `"q=Laptops 15 (truncated)"`},
		"cut, in words 2":                {one, `"q=Laptops 15 [truncated]"`},
		"cut, with count":                {one, `"q=Laptops 15 (+5)"`},
		"cut, tilde":                     {one, `"q=Laptops 15~"`},
		"cut, dash":                      {one, `"q=Laptops 1-"`},
		"cut, more":                      {one, `"q=Laptops 15 <more>"`},
		"spaces out":                     {one, `"q=Laptops15inch"`},
		"NFD":                            {accent, `"q=Cafe\u0301 Zu\u0308rich"`},
		"no accents":                     {accent, `"q=Cafe Zurich"`},
		"mojibake":                       {accent, `"q=CafÃ© ZÃ¼rich"`},
		"ascii":                          {accent, `"q=Caf? Z?rich"`},
		"escaped":                        {accent, `"q=Caf\\u00e9 Z\\u00fcrich"`},
		"html entities":                  {accent, `"q=Caf&eacute; Z&uuml;rich"`},
		"xml entities":                   {accent, `"q=Caf&#233; Z&#252;rich"`},
		"url-encoded accents":            {accent, `"q=Caf%C3%A9%20Z%C3%BCrich"`},
		"latin1 url-encoded":             {accent, `"q=Caf%E9%20Z%FCrich"`},
		"upper case sharp":               {[]browseract.Input{{Name: "q", Value: "Straße"}}, `"q=STRASSE"`},
		"turkish":                        {[]browseract.Input{{Name: "q", Value: "İstanbul"}}, `"q=istanbul"`},
		"lines":                          {lines, `"q=first line\nsecond line"`},
		"lines, escaped":                 {lines, `"q=first line\\nsecond line"`},
		"lines, quoted and escaped":      {lines, `"q=\"first line\\nsecond line\""`},
		"lines, first only":              {lines, `"q=first line"`},
		"url-encoded twice":              {link, `"url=https%253A%252F%252Fshop.example%252Fa%253Fx%253D1%2526y%253D2"`},
		"url-encoded":                    {link, `"url=https%3A%2F%2Fshop.example%2Fa%3Fx%3D1%26y%3D2"`},
		"html":                           {link, `"url=https://shop.example/a?x=1&amp;y=2"`},
		"html twice":                     {link, `"url=https://shop.example/a?x=1&amp;amp;y=2"`},
		"js":                             {link, `"url=https://shop.example/a?x=1\\u0026y=2"`},
		"js slashes":                     {link, `"url=https:\\/\\/shop.example\\/a?x=1&y=2"`},
		"query dropped":                  {link, `"url=https://shop.example/a"`},
		"query masked":                   {link, `"url=https://shop.example/a?x=***&y=***"`},
		"query masked by words":          {link, `"url=https://shop.example/a?[redacted]"`},
		"sorted query":                   {link, `"url=https://shop.example/a?y=2&x=1"`},
		"slash added":                    {[]browseract.Input{{Name: "url", Value: "https://shop.example"}}, `"url=https://shop.example/"`},
		"host only":                      {link, `"url=shop.example"`},
		"true as 1":                      {boolean, `"deep=1"`},
		"true as yes":                    {boolean, `"deep=yes"`},
		"true as JSON":                   {boolean, `{"deep":true}`},
		"date in words":                  {date, `"from=08.10.2025"`},
		"date with time":                 {date, `"from=2025-10-08T00:00:00Z"`},
		"number with comma":              {[]browseract.Input{{Name: "n", Value: "1000"}}, `"n=1,000"`},
		"number scientific":              {[]browseract.Input{{Name: "n", Value: "1000"}}, `{"n":1e3}`},
		"number as float":                {[]browseract.Input{{Name: "n", Value: "1000"}}, `{"n":1000.0}`},
		"big number, rounded":            {[]browseract.Input{{Name: "n", Value: "77577579210625331"}}, `{"n":77577579210625330}`},
		"object of value objects":        {one, `{"q":{"value":"Laptops 15 inch"}}`},
		"object of value objects, typed": {one, `{"q":{"type":"text","value":"Laptops 15 inch"}}`},
		"object of lists":                {one, `{"q":["Laptops 15 inch"]}`},
		"list of key":                    {one, `[{"key":"q","value":"Laptops 15 inch"}]`},
		"list of label":                  {one, `[{"name":"q","label":"Query","default":"x","val":"Laptops 15 inch"}]`},
		"list of value objects":          {one, `[{"name":"q","value":{"text":"Laptops 15 inch"}}]`},
		"list of values lists":           {one, `[{"name":"q","value":["Laptops 15 inch"]}]`},
		"list, value missing":            {one, `[{"name":"q"}]`},
		"list, value null":               {one, `[{"name":"q","value":null}]`},
		"list, JSON value":               {one, `[{"name":"q","value":"\"Laptops 15 inch\""}]`},
		"list, Name":                     {one, `[{"Name":"q","Value":"Laptops 15 inch"}]`},
		"list of lists":                  {one, `[["q","Laptops 15 inch"]]`},
		"object, default and value":      {one, `{"q":"Laptops 15 inch (default: x)"}`},
		"object, name as label":          {one, `{"Search Query":"Laptops 15 inch"}`},
		"double JSON string":             {one, `"\"{\\\"q\\\":\\\"Laptops 15 inch\\\"}\""`},
		"XML":                            {one, `"<q>Laptops 15 inch</q>"`},
		"arrow":                          {one, `"q => Laptops 15 inch"`},
		"number":                         {one, `42`},
		"false":                          {one, `false`},
		"text of values":                 {one, `"Laptops 15 inch"`},
		"csv":                            {two, `"Laptops 15 inch,3"`},
		"[object Object]":                {two, `"[object Object]"`},
		"comma":                          {two, `"q=Laptops 15 inch,pages=3"`},
		"comma blank":                    {two, `"q=Laptops 15 inch, pages=3"`},
		"and":                            {two, `"q=Laptops 15 inch and pages=3"`},
		"slash":                          {two, `"q=Laptops 15 inch / pages=3"`},
		"dash":                           {two, `"q=Laptops 15 inch - pages=3"`},
		"no separator":                   {two, `"q=Laptops 15 inchpages=3"`},
		"double pipe":                    {two, `"q=Laptops 15 inch||pages=3"`},
		"brackets":                       {two, `"(q=Laptops 15 inch) (pages=3)"`},
		"square brackets":                {two, `"[q=Laptops 15 inch][pages=3]"`},
		"Input(...)":                     {two, `"[Input(name=q, value=Laptops 15 inch), Input(name=pages, value=3)]"`},
		"reordered":                      {two, `"pages=3;q=Laptops 15 inch"`},
		"reordered lower":                {two, `"pages=3; q=laptops 15 inch"`},
		"masked one":                     {two, `"q=***;pages=3"`},
		"one default blank shown":        {two, `"q=Laptops 15 inch;pages="`},
	} {
		shown := new(browseract.TaskInputs)
		if err := json.Unmarshal([]byte(f.shown), shown); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if matchInputs(f.sent, shown) == otherInputs {
			t.Errorf("%s: %s proves other inputs", name, f.shown)
		}
	}
}
