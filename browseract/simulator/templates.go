package simulator

import "time"

func templates() []Template {
	return []Template{
		{
			ID: "77577579210625331", Name: "Google Maps Businesses",
			Description: "Finds businesses on Google Maps by keywords.",
			Inputs:      []Input{{"keywords", true}, {"language", false}, {"country", false}},
			Scenario: Scenario{
				Created: 6 * time.Second, Running: 84 * time.Second, Credits: 31,
				Steps:  []Step{{Goal: "Open Google Maps"}, {Goal: "Search"}},
				Output: Output{Text: `[{"name":"x"}]`},
			},
		},
	}
}
