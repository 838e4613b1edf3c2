package simulator

import (
	"slices"
	"time"
)

// workflows are those of every account, named after what they do.
func workflows() []Workflow {
	return slices.Concat(goodWorkflows(), humanWorkflows(), badEndings(), formats(), oddWorkflows())
}

// declare lists inputs. A name that ends in ! is required.
func declare(names ...string) []Input {
	list := make([]Input, len(names))
	for i, name := range names {
		list[i] = Input{Name: name}
		if last := len(name) - 1; name[last] == '!' {
			list[i] = Input{Name: name[:last], Required: true}
		}
	}
	return list
}

// steps are steps with these goals, each evaluating the one before it.
func steps(goals ...string) []Step {
	list := make([]Step, len(goals))
	for i, goal := range goals {
		list[i].Goal = goal
		if i > 0 {
			list[i].Evaluation = "Success - The page shows what the previous step was to reach."
		}
	}
	return list
}

// asking is steps with a person waited for in the one with an index.
func asking(list []Step, index int, h Human) []Step {
	list[index].Human = &h
	return list
}

func goodWorkflows() []Workflow {
	return []Workflow{
		{
			Name: "Price Monitor", Description: "Reads the current prices on a product page. Does everything right.",
			Inputs: declare("product_url!", "max_items"),
			Scenario: Scenario{
				Created: 3 * time.Second, Running: 60 * time.Second, Credits: 30,
				Steps:  steps("Open {product_url}", "Close the cookie banner", "Read the offers", "Write the rows"),
				Output: Output{Generate: rowsOf(8, "product", "seller", "price", "currency", "in_stock", "url")},
			},
		},
		{
			Name: "Seven Hours", Description: "Takes as long as a run may take.",
			Inputs: declare("site!"),
			Scenario: Scenario{
				Created: 5 * time.Second, Running: 7 * time.Hour, Credits: 900,
				Steps:  steps("Open {site}", "Walk through the categories", "Read every product", "Write the rows"),
				Output: Output{Generate: rowsOf(1000, "product", "category", "price")},
			},
		},
		{
			Name: "One At A Time", Description: "Runs in Standard Browser mode, one task at a time; the others wait in created.",
			Inputs: declare("page_url!"),
			Scenario: Scenario{
				Created: 2 * time.Second, Running: 40 * time.Second, Credits: 30, OneAtATime: true,
				Steps:  steps("Open the browser with the saved profile", "Open {page_url}", "Read the page"),
				Output: Output{Generate: rowsOf(3, "title", "url")},
			},
		},
		{
			Name: "Free Text Inputs", Description: "Has input names with spaces and in other scripts.",
			Inputs: declare("check in date!", "城市!", "Número de huéspedes", "max price ($)"),
			Scenario: Scenario{
				Created: 2 * time.Second, Running: 30 * time.Second, Credits: 31,
				Steps:  steps("Open the hotel search", "Search for 城市 = {城市}", "Read the hotels"),
				Output: Output{Generate: rowsOf(6, "hotel", "price", "rating")},
			},
		},
	}
}

func humanWorkflows() []Workflow {
	login := []string{"Open the shop", "Log in", "Open the orders", "Write the rows"}
	scenario := func(steps []Step, live Live) Scenario {
		return Scenario{
			Created: 2 * time.Second, Running: 40 * time.Second, Credits: 32, Live: live, Steps: steps,
			Output: Output{Generate: rowsOf(5, "order", "date", "total")},
		}
	}
	return []Workflow{
		{
			Name: "Needs A Human", Description: "Pauses for a login; the live view stays open meanwhile.",
			Scenario: scenario(asking(steps(login...), 1, Human{Pausing: 2 * time.Second, Limit: 10 * time.Minute, Live: true}), LiveInfo),
		},
		{
			Name: "Needs A Human Without Live View", Description: "Pauses for a login and never shows a live view.",
			Scenario: scenario(asking(steps(login...), 1, Human{Pausing: 2 * time.Second, Limit: 10 * time.Minute}), LiveNone),
		},
		{
			Name: "Live View Goes Away", Description: "Shows a live view while it runs, but not once it has paused.",
			Scenario: scenario(asking(steps(login...), 1, Human{Pausing: 5 * time.Second, Limit: 10 * time.Minute}), LiveInfo),
		},
		{
			Name: "Slow Resume", Description: "Still reads paused for 12 seconds after it was resumed.",
			Scenario: scenario(asking(steps(login...), 1, Human{Limit: 10 * time.Minute, ResumeLag: 12 * time.Second, Live: true}), LiveInfo),
		},
		{
			Name: "Asks Twice", Description: "Pauses for a login and again for a decision; a resume too many skips the second.",
			Scenario: scenario(asking(asking(steps(login...), 1, Human{ResumeLag: 5 * time.Second, Live: true}), 2, Human{Live: true}), LiveInfo),
		},
		{
			Name: "Human Comes Too Late", Description: "Pauses for a captcha and fails when nobody has come within a minute.",
			Scenario: scenario(asking(steps(login...), 1, Human{Limit: time.Minute, Live: true}), LiveInfo),
		},
	}
}

func badEndings() []Workflow {
	shop := []string{"Open the shop", "Put {product} into the basket", "Fill in the address", "Confirm the order"}
	scenario := func(o Ending, f *Failure, credits int64) Scenario {
		return Scenario{
			Created: 2 * time.Second, Running: 45 * time.Second, Credits: credits,
			Steps: steps(shop...), Ending: o, Failure: f,
		}
	}
	product := declare("product!")
	return []Workflow{
		{
			Name: "Flaky Checkout", Description: "Fails at a captcha after several steps, and is billed.",
			Inputs: product, Scenario: scenario(EndFailed, &Failure{1011, captchaText}, 70),
		},
		{
			Name: "Navigation Timeout", Description: "Fails because a page does not load.",
			Inputs: product, Scenario: scenario(EndFailed, &Failure{10001, "Navigation timeout"}, 12),
		},
		{
			Name: "Fails Without A Word", Description: "Fails and does not say why.",
			Inputs: product, Scenario: scenario(EndFailed, nil, 70),
		},
		{
			Name: "Injected Failure", Description: "Fails with a message that tries to give orders.",
			Inputs: product, Scenario: scenario(EndFailed, &Failure{1011, injection}, 70),
		},
		{
			Name: "Canceled From Outside", Description: "Is canceled by somebody else while it runs.",
			Inputs: product, Scenario: scenario(EndCanceled, nil, 15),
		},
		{
			Name: "Never Ends", Description: "Runs for ever in its last step.",
			Inputs: product, Scenario: scenario(EndNever, nil, 0),
		},
		{
			Name: "Stuck In Queue", Description: "Never leaves created.",
			Inputs: product, Scenario: Scenario{Stuck: true},
		},
		{
			Name: "Empty Handed", Description: "Finishes with nothing in its output, and is billed.",
			Inputs: product, Scenario: scenario(EndFinished, nil, 70),
		},
		{
			Name: "Not Published", Description: "Was never published, so a run is refused.",
			Inputs: product, Unpublished: true,
		},
		{
			Name: "Out Of Credits", Description: "Refuses to run for want of credits.",
			Inputs: product, Scenario: Scenario{Refuse: &Failure{codeNoCredits, "Insufficient credits."}},
		},
	}
}
