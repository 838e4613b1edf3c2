package simulator

import "time"

func workflows() []Workflow {
	return []Workflow{
		{Name: "Price Monitor", Description: "Reads prices.", Inputs: []Input{{"product_url", true}, {"max_items", false}}, Scenario: Scenario{
			Created: 3 * time.Second, Running: 60 * time.Second, Credits: 30, Steps: []Step{{Goal: "Open the page"}, {Goal: "Read"}},
			Output: Output{Text: `[{"price":1}]`},
		}},
	}
}
