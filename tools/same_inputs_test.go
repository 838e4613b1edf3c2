package tools

import (
	"encoding/json"
	"testing"

	"github.com/browseract/browseract-mcp/browseract"
)

func TestInputsAreOthersOnlyWhereThatIsProven(t *testing.T) {
	t.Parallel()
	two := []browseract.Input{{Name: "Search_Keywords", Value: "Laptops; 15=inch"}, {Name: "pages", Value: "10"}}
	for told, want := range map[string]likeness{
		`null`: unclearInputs, `""`: unclearInputs, `[]`: unclearInputs, `{}`: unclearInputs, `"***"`: unclearInputs, `7`: unclearInputs, `true`: unclearInputs,

		`"Search_Keywords=Laptops; 15=inch;pages=10"`:                                                                sameInputs,
		`"pages=10; Search_Keywords=Laptops; 15=inch;"`:                                                              sameInputs,
		`"search_keywords=laptops; 15=inch;pages=10"`:                                                                sameInputs,
		`"search_keywords: \"laptops; 15=inch\", pages: \"10\""`:                                                     sameInputs,
		`"lang=en;Search_Keywords=Laptops; 15=inch;pages=10;depth=2"`:                                                sameInputs,
		`{"Search_Keywords":"Laptops; 15=inch","pages":10}`:                                                          sameInputs,
		`{"searchKeywords":"Laptops; 15=inch","pages":"10","lang":"en"}`:                                             sameInputs,
		`"{\"pages\":\"10\",\"Search_Keywords\":\"Laptops; 15=inch\"}"`:                                              sameInputs,
		`[{"name":"pages","value":10.0},{"name":"Search_Keywords","value":"laptops; 15=inch"}]`:                      sameInputs,
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
		if err := json.Unmarshal([]byte(told), &in); err != nil {
			t.Fatal(err)
		}
		if got := likenessOf(two, in); got != want {
			t.Errorf("%s: got %d, want %d", told, got, want)
		}
	}
}

func TestLongNumbersAreComparedExactly(t *testing.T) {
	t.Parallel()
	for told, want := range map[string]likeness{"85175930462817393": sameInputs, "85175930462817394": otherInputs} {
		if got := likenessOfValues("85175930462817393", told); got != want {
			t.Errorf("%s: got %d, want %d", told, got, want)
		}
	}
}
