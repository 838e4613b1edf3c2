package simulator

// formats are workflows that differ in what they write.
func formats() []Workflow {
	writes := func(name, description string, out Output) Workflow {
		return Workflow{
			Name: name, Description: description, Inputs: declare("source_url!", "max_items"),
			Scenario: scenario(2, 30, 31, out, "Open the source", "Read the page", "Write the output"),
		}
	}
	big := writes("Twenty Megabytes", "Writes a JSON array of 50,000 rows, more than 20 MB.", Output{Generate: twentyMegabytes})
	big.Inputs = nil // one output for all its tasks
	return []Workflow{
		writes("Thousand Rows", "Writes a JSON array of 1,000 rows.", table(1000, "title", "category", "price", "rating", "reviews", "url")),
		big,
		writes("Single Key Rows", "Writes a JSON array of objects with one key each.", Output{Generate: singleKeyRows}),
		writes("Single Object", "Writes one JSON object with objects and arrays in it.", fromFile("company.json")),
		writes("Broken JSON", "Writes JSON with unquoted keys.", Output{Text: brokenText}),
		writes("JSON In Strings", "Writes JSON whose strings hold JSON with bare quotes.", Output{Text: nestedText}),
		writes("Cut Off JSON", "Writes a JSON array that ends in the middle of a row.", Output{Generate: cutOff}),
		writes("CSV Export", "Writes CSV with a byte-order mark, quotes and newlines in cells.", Output{Text: csvText}),
		writes("NDJSON Log", "Writes one JSON object a line.", fromFile("log.ndjson")),
		writes("XML Feed", "Writes an XML feed.", fromFile("feed.xml")),
		writes("Markdown Article", "Writes an article in Markdown.", fromFile("article.md.txt")),
		writes("Plain Text", "Writes a paragraph.", Output{Text: plainText}),
		writes("Blank Text", "Writes nothing but white space.", Output{Text: " \n\t\n"}),
		writes("File Report", "Writes files and leaves the text of its output empty.", Output{Files: []File{
			{Name: "report 2025-10.xlsx", Bytes: 48_211},
			{Name: "screenshots.zip", Bytes: 7_340_032},
			{Name: "receipt.pdf", Bytes: 90_112, State: FileUploading},
			{Name: "appendix.csv", State: FileFailed},
		}}),
	}
}

// oddWorkflows have answers with shapes that are not in the API's description.
func oddWorkflows() []Workflow {
	shaped := func(name, description string, quirks Quirks) Workflow {
		sc := scenario(2, 30, 30, table(4, "title", "price"), "Open the page", "Search for {keyword}", "Write the rows")
		sc.Quirks = quirks
		return Workflow{Name: name, Description: description, Inputs: declare("keyword!", "filter"), Scenario: sc}
	}
	old := shaped("Old Live View", "Has its live view in the deprecated member only.", Quirks{})
	old.Scenario.Live = LiveDeprecated
	unknown := shaped("Unknown In Between", "Reads unknown for a while.", Quirks{})
	unknown.Scenario.Steps[1].Unknown = true
	injected := shaped("Injected Page", "Reads a page that tries to give orders. "+injection, Quirks{})
	injected.Scenario.Output = Output{Text: injectedRows()}
	injected.Scenario.Steps = steps("Open the page", injection, "Write the rows")
	return []Workflow{
		shaped("Odd Shapes", "Answers in every shape that was seen and is not documented.", Quirks{
			NumericIDs: true, CamelProfile: true, NullCreatedAt: true, EarlyFinishedAt: true, LiveAfterEnd: true,
			InputsAsArray: true, NullSteps: true, ContentType: "text/plain;charset=UTF-8",
		}),
		shaped("Odd Ids", "Has tasks whose ids are not numbers.", Quirks{WordID: true, ContentType: "*/*"}),
		old,
		shaped("Wrapped Answers", "Wraps what it answers in an envelope.", Quirks{Wrapped: true}),
		unknown,
		injected,
	}
}
