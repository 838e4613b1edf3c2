package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"github.com/browseract/browseract-mcp/schemas"
)

// demoCommand plays an agent's session against the real server.
type demoCommand struct {
	Live bool `help:"Play it on your own account. Asks first, since a run costs credits."`
}

const (
	demoRequest = "Find coffee shops in Lisbon, with their ratings."
	demoQuery   = "google maps"
	demoRows    = 5
)

// Run plays the session: on the simulated account, or on the user's after asking.
func (c demoCommand) Run(ctx context.Context, sys *system, flags *accountFlags) error {
	settings := *flags
	settings.Simulator = !c.Live
	a, err := settings.open(sys, staticKey)
	if err != nil {
		return err
	}
	defer a.close()
	if c.Live {
		if err := confirmRun(ctx, sys, a); err != nil {
			return err
		}
	}
	sys.logger = slog.New(slog.DiscardHandler) // the demo prints the session
	app, err := newAppWith(ctx, sys, a, &customTools{}, a.keyHelp(), &settings)
	if err != nil {
		return err
	}
	s, err := connect(ctx, app)
	if err != nil {
		return err
	}
	defer s.Close()
	d := &demo{textWriter: textWriter{sys.stdout}, session: s, live: c.Live}
	s.OnNotification(d.progress)
	return d.play(ctx)
}

func confirmRun(ctx context.Context, sys *system, a *account) error {
	if a.key == "" {
		return errors.New("demo --live needs an API key. " + a.keyHelp())
	}
	const question = "This starts one run of an official template on your BrowserAct account.\nIt costs credits, typically about 30. Type yes to go on: "
	if ask(ctx, sys, question) != "yes" {
		return errors.New("nothing was started")
	}
	return nil
}

// ask prints a question and returns the answer, trimmed and in lower case; "" at the
// end of stdin or of ctx.
func ask(ctx context.Context, sys *system, question string) string {
	fmt.Fprint(sys.stdout, question)
	answers := make(chan string, 1)
	go func() { // ends with stdin, which nothing here can interrupt: hence not awaited
		answer, _ := bufio.NewReader(sys.stdin).ReadString('\n')
		answers <- strings.ToLower(strings.TrimSpace(answer))
	}()
	select {
	case answer := <-answers:
		return answer
	case <-ctx.Done():
		fmt.Fprintln(sys.stdout)
		return ""
	}
}

type demo struct {
	textWriter

	session *session
	live    bool   // runs are real ones
	taskID  string // of the run, "" before it starts
}

func (d *demo) play(ctx context.Context) error {
	began := time.Now()
	account := "a simulated BrowserAct account: no key, no cost, no network"
	if d.live {
		account = "your BrowserAct account"
	}
	d.say("An agent's session with browseract-mcp, on " + account + ".\n\n")
	d.put("user    ", demoRequest+"\n\n", " ")
	err := d.act(ctx)
	switch {
	case ctx.Err() != nil && d.live && d.taskID != "":
		return fmt.Errorf("interrupted; task %s goes on until it is stopped in the dashboard", d.taskID)
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case err != nil:
		return err
	}
	d.say(fmt.Sprintf("Done in %.0f s. Now plug it into your agent: %s install lists the known clients.", time.Since(began).Seconds(), program))
	return nil
}

func (d *demo) act(ctx context.Context) error {
	template, err := d.find(ctx)
	if err != nil {
		return err
	}
	task, err := d.run(ctx, template)
	if err != nil || task.Output == nil {
		return err
	}
	return d.read(ctx, task)
}

func (d *demo) find(ctx context.Context) (template schemas.Template, err error) {
	found, err := demoCall[struct{ Templates []schemas.Template }](ctx, d, "list_templates", map[string]any{"query": demoQuery, "limit": 5})
	if err != nil {
		return template, err
	}
	if len(found.Templates) == 0 {
		return template, fmt.Errorf("no template matches %q", demoQuery)
	}
	d.show("%d found, the first is %q", len(found.Templates), found.Templates[0].Name)
	template, err = demoCall[schemas.Template](ctx, d, "get_template", map[string]any{"template_id": found.Templates[0].TemplateID})
	if err == nil {
		d.show("it takes %s", inputNames(template.Inputs))
	}
	return template, err
}

// run starts the template, once, and follows it to its end.
func (d *demo) run(ctx context.Context, template schemas.Template) (schemas.Task, error) {
	task, err := demoCall[schemas.Task](ctx, d, "run_template", map[string]any{
		"template_id": template.TemplateID,
		"inputs":      demoInputs(template.Inputs),
	})
	d.taskID = task.TaskID
	for err == nil && !task.Done && !task.NeedsHuman && ctx.Err() == nil {
		d.show("%s", task.Summary)
		task, err = demoCall[schemas.Task](ctx, d, "get_task", map[string]any{"task_id": task.TaskID})
	}
	if err != nil {
		return task, err
	}
	d.show("%s", task.Summary)
	if task.NeedsHuman && task.LiveURL != "" {
		d.show("%s", task.LiveURL)
	}
	return task, nil
}

func (d *demo) read(ctx context.Context, task schemas.Task) error {
	arguments := map[string]any{"task_id": task.TaskID, "format": "markdown", "limit": demoRows}
	if columns := task.Output.Columns; len(columns) > 3 {
		arguments["fields"] = columns[:3]
	}
	text, err := d.call(ctx, "get_task_output", arguments)
	if err != nil {
		return err
	}
	_, page, _ := strings.Cut(text, "\n")
	d.show("%s", page)
	return nil
}

// demoInputs are the inputs of the template that the user's request answers.
func demoInputs(params []schemas.Parameter) map[string]any {
	answers := map[string]string{"keywords": "coffee shops in Lisbon", "language": "en", "country": "Portugal"}
	inputs := map[string]any{}
	for _, p := range params {
		if value, ok := answers[strings.ToLower(p.Name)]; ok {
			inputs[p.Name] = value
		}
	}
	return inputs
}

func inputNames(params []schemas.Parameter) string {
	var names []string
	for _, p := range params {
		name := p.Name
		if p.Required {
			name += " (required)"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// demoCall is call with the result decoded.
func demoCall[Out any](ctx context.Context, d *demo, tool string, arguments map[string]any) (Out, error) {
	var out Out
	text, err := d.call(ctx, tool, arguments)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal([]byte(text), &out)
}

// call shows a call, makes it and returns the text of its result.
func (d *demo) call(ctx context.Context, tool string, arguments map[string]any) (string, error) {
	raw, _ := json.Marshal(arguments) // strings and numbers
	d.put("agent   ", tool+" "+string(raw), ",")
	return d.session.call(ctx, tool, arguments)
}

// show prints a result, indented below its call.
func (d *demo) show(format string, args ...any) {
	d.put("        ", strings.TrimSpace(fmt.Sprintf(format, args...))+"\n\n", " ")
}

func (d *demo) progress(n mcp.JSONRPCNotification) {
	if n.Method != "notifications/progress" {
		return
	}
	seconds, _ := n.Params.AdditionalFields["progress"].(float64)
	message, _ := n.Params.AdditionalFields["message"].(string)
	d.put(fmt.Sprintf("        %4.1f s  ", seconds), message, " ")
}
