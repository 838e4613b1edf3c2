package simulator

import (
	"bytes"
	"embed"
	"encoding/csv"
	"io"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// data holds the workflows, the templates and the API's description.
//
//go:embed data
var data embed.FS

func open(name string) io.Reader {
	content, err := data.ReadFile("data/" + name)
	if err != nil {
		panic("simulator: " + err.Error())
	}
	return bytes.NewReader(content)
}

// decode reads a file of YAML.
func decode(name string, into any) {
	decoder := yaml.NewDecoder(open(name))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		panic("simulator: " + name + ": " + err.Error())
	}
}

// builtIns are what data/workflows.yaml holds.
type builtIns struct {
	Workflows []builtIn
	Template  builtIn // the runs of templates; their columns are in data/templates.csv
	Maps      builtIn // the run of the first template
}

// A builtIn is a workflow of every account.
type builtIn struct {
	Name        string
	Description string
	Inputs      []string // as declare takes them
	Unpublished bool
	Scenario    `yaml:",inline"`
	Goals       []string // of the steps, if Steps is empty
	Humans      []Human  // of the second step and the next ones
	Rows        int      // of JSON with these columns, if not 0
	Columns     []string
	Generator   string // of the output, by name
}

// readBuiltIns decodes data/workflows.yaml.
//
//nolint:gochecknoglobals // read once, and changed by no account
var readBuiltIns = sync.OnceValue(func() (all builtIns) {
	decode("workflows.yaml", &all)
	return all
})

func (b builtIn) workflow() Workflow {
	return Workflow{Name: b.Name, Description: b.Description, Inputs: declare(b.Inputs...), Unpublished: b.Unpublished, Scenario: b.scenario()}
}

func (b builtIn) scenario() Scenario {
	sc := b.Scenario
	if len(sc.Steps) == 0 {
		sc.Steps = steps(b.Goals)
	}
	for i, human := range b.Humans {
		sc.Steps[1+i].Human = &human
	}
	switch b.Generator {
	case "businesses":
		sc.Output.Generate = businesses
	case "single keys":
		sc.Output.Generate = singleKeyRows
	case "cut off":
		sc.Output.Generate = cutOff
	case "twenty megabytes":
		sc.Output.Generate = twentyMegabytes
	}
	if b.Rows > 0 {
		sc.Output.Generate = rowsOf(b.Rows, b.Columns...)
	}
	return sc
}

// steps returns steps with these goals, each with an evaluation of the step before.
func steps(goals []string) []Step {
	list := make([]Step, len(goals))
	for i, goal := range goals {
		list[i].Goal = goal
		if i > 0 {
			list[i].Evaluation = "Success - The page shows what the previous step was to reach."
		}
	}
	return list
}

// templates are the official ones: six that exist, with their real ids and inputs, and
// invented ones without an id.
func (all builtIns) templates() []Template {
	rows, err := csv.NewReader(open("templates.csv")).ReadAll()
	if err != nil {
		panic("simulator: templates.csv: " + err.Error())
	}
	list := make([]Template, 0, len(rows))
	for _, row := range rows[1:] { // id, name, description, inputs, columns
		all.Template.Columns = strings.Fields(row[4])
		list = append(list, Template{
			ID: row[0], Name: row[1], Description: row[2], Inputs: declare(strings.Fields(row[3])...),
			Scenario: all.Template.scenario(),
		})
	}
	list[0].Scenario = all.Maps.scenario()
	return list
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
