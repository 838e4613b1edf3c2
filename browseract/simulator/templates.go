package simulator

import (
	"bytes"
	"embed"
	"encoding/csv"
	"strings"
)

// data holds the templates and the longer outputs.
//
//go:embed data
var data embed.FS

func readData(name string) []byte {
	content, err := data.ReadFile("data/" + name)
	if err != nil {
		panic("simulator: " + err.Error())
	}
	return content
}

// templates are the official ones: six that exist, with their real ids and inputs, and
// invented ones without an id.
func templates() []Template {
	rows, err := csv.NewReader(bytes.NewReader(readData("templates.csv"))).ReadAll()
	if err != nil {
		panic("simulator: templates.csv: " + err.Error())
	}
	var list []Template
	for _, row := range rows[1:] { // id, name, description, inputs, columns
		list = append(list, Template{
			ID: row[0], Name: row[1], Description: row[2], Inputs: declare(strings.Fields(row[3])...),
			Scenario: scenario(5, 75, 33, table(25, strings.Fields(row[4])...),
				"Open the website", "Search", "Read the list of results", "Open each result and read its details", "Write the rows"),
		})
	}
	list[0].Scenario = mapsScenario()
	return list
}

// mapsScenario is the run that the demo shows.
func mapsScenario() Scenario {
	sc := scenario(6, 84, 31, Output{Generate: businesses},
		"Open Google Maps",
		"Search for {keywords}",
		"Scroll the list until no more businesses appear",
		"Open each business and read its details",
		"Visit websites for missing phone numbers",
		"Write the rows as JSON",
	)
	for i, evaluation := range []string{
		"", "Success - Google Maps is open.", "Success - The list of results is shown.", "Success - 20 businesses are listed.",
		"Success - 20 businesses were read, 3 of them without a phone number.", "Success - All phone numbers were found.",
	} {
		sc.Steps[i].Evaluation = evaluation
	}
	return sc
}
