package simulator

import (
	"slices"
	"strings"
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
		bare, required := strings.CutSuffix(name, "!")
		list[i] = Input{bare, required}
	}
	return list
}

// steps returns steps with these goals, each with an evaluation of the step before.
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

// scenario is a run of so many seconds that finishes with an output.
func scenario(created, running float64, credits int64, output Output, goals ...string) Scenario {
	return Scenario{Created: seconds(created), Running: seconds(running), Credits: credits, Steps: steps(goals...), Output: output}
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

func fromFile(name string) Output { return Output{Text: string(readData(name))} }

// table is an output of n rows.
func table(n int, columns ...string) Output { return Output{Generate: rowsOf(n, columns...)} }

func goodWorkflows() []Workflow {
	queued := scenario(2, 40, 30, table(3, "title", "url"), "Open the browser with the saved profile", "Open {page_url}", "Read the page")
	queued.OneAtATime = true
	return []Workflow{
		{
			Name: "Price Monitor", Description: "Reads the current prices on a product page. Does everything right.",
			Inputs: declare("product_url!", "max_items"),
			Scenario: scenario(3, 60, 30, table(8, "product", "seller", "price", "currency", "in_stock", "url"),
				"Open {product_url}", "Close the cookie banner", "Read the offers", "Write the rows"),
		},
		{
			Name: "Seven Hours", Description: "Takes as long as a run may take.", Inputs: declare("site!"),
			Scenario: scenario(5, 7*60*60, 900, table(1000, "product", "category", "price"),
				"Open {site}", "Walk through the categories", "Read every product", "Write the rows"),
		},
		{
			Name: "One At A Time", Description: "Runs in Standard Browser mode, one task at a time; the others wait in created.",
			Inputs: declare("page_url!"), Scenario: queued,
		},
		{
			Name: "Free Text Inputs", Description: "Has input names with spaces and in other scripts.",
			Inputs: declare("check in date!", "城市!", "Número de huéspedes", "max price ($)"),
			Scenario: scenario(2, 30, 31, table(6, "hotel", "price", "rating"),
				"Open the hotel search", "Search for 城市 = {城市}", "Read the hotels"),
		},
	}
}

// humanWorkflows wait for a person, in their second step first.
func humanWorkflows() []Workflow {
	pausing := func(name, description string, live Live, humans ...Human) Workflow {
		sc := scenario(2, 40, 32, table(5, "order", "date", "total"), "Open the shop", "Log in", "Open the orders", "Write the rows")
		sc.Live = live
		for i, h := range humans {
			sc.Steps[1+i].Human = &h
		}
		return Workflow{Name: name, Description: description, Scenario: sc}
	}
	const limit = 10 * time.Minute
	return []Workflow{
		pausing("Needs A Human", "Pauses for a login; the live view stays open meanwhile.",
			LiveInfo, Human{Pausing: 2 * time.Second, Limit: limit, Live: true}),
		pausing("Needs A Human Without Live View", "Pauses for a login and never shows a live view.",
			LiveNone, Human{Pausing: 2 * time.Second, Limit: limit}),
		pausing("Live View Goes Away", "Shows a live view while it runs, but not once it has paused.",
			LiveInfo, Human{Pausing: 5 * time.Second, Limit: limit}),
		pausing("Slow Resume", "Still reads paused for 12 seconds after it was resumed.",
			LiveInfo, Human{Limit: limit, ResumeLag: 12 * time.Second, Live: true}),
		pausing("Asks Twice", "Pauses for a login and again for a decision; a resume too many skips the second.",
			LiveInfo, Human{ResumeLag: 5 * time.Second, Live: true}, Human{Live: true}),
		pausing("Human Comes Too Late", "Pauses for a captcha and fails if no person acts within a minute.",
			LiveInfo, Human{Limit: time.Minute, Live: true}),
	}
}

func badEndings() []Workflow {
	checkout := func(name, description string, end Ending, failure *Failure, credits int64) Workflow {
		sc := scenario(2, 45, credits, Output{}, "Open the shop", "Put {product} into the basket", "Fill in the address", "Confirm the order")
		sc.Ending, sc.Failure = end, failure
		return Workflow{Name: name, Description: description, Inputs: declare("product!"), Scenario: sc}
	}
	return []Workflow{
		checkout("Flaky Checkout", "Fails at a captcha after several steps, and is billed.", EndFailed, &Failure{1011, captchaText}, 70),
		checkout("Navigation Timeout", "Fails because a page does not load.", EndFailed, &Failure{10001, "Navigation timeout"}, 12),
		checkout("Fails Without A Word", "Fails and does not say why.", EndFailed, nil, 70),
		checkout("Injected Failure", "Fails with a message that tries to give orders.", EndFailed, &Failure{1011, injection}, 70),
		checkout("Canceled From Outside", "Is canceled by another user while it runs.", EndCanceled, nil, 15),
		checkout("Never Ends", "Stays in its last step.", EndNever, nil, 0),
		{
			Name: "Stuck In Queue", Description: "Never leaves created.",
			Inputs: declare("product!"), Scenario: Scenario{Stuck: true},
		},
		checkout("Empty Handed", "Finishes with an empty output, and is billed.", EndFinished, nil, 70),
		{
			Name: "Not Published", Description: "Was never published, so a run is refused.",
			Inputs: declare("product!"), Unpublished: true,
		},
		{
			Name: "Out Of Credits", Description: "Refuses to run for lack of credits.",
			Inputs: declare("product!"), Scenario: Scenario{Refuse: &Failure{codeNoCredits, "Insufficient credits."}},
		},
	}
}
