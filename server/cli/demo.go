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
	demoWish  = "Find coffee shops in Lisbon, with their ratings."
	demoQuery = "google maps"
	demoRows  = 5
)

// Run plays the session: on the simulated account, or on the user's after asking.
func (c demoCommand) Run(ctx context.Context, sys *system, flags *accountFlags) error {
	settings := *flags
	settings.Simulator = !c.Live
	a, err := settings.open(sys, own)
	if err != nil {
		return err
	}
	defer func() { a.close() }()
	if c.Live {
		if err := agree(ctx, sys, a); err != nil {
			return err
		}
	}
	sys.logger = slog.New(slog.DiscardHandler) // the session is told on stdout
	r, err := assembleWith(ctx, sys, a, &exposure{}, a.keyHelp(), &settings)
	if err != nil {
		return err
	}
	defer r.stopWaits()
	s, err := connect(ctx, r)
	if err != nil {
		return err
	}
	defer s.Close()
	d := &demo{transcript: transcript{sys.stdout}, session: s, live: c.Live}
	s.OnNotification(d.progress)
	return d.play(ctx)
}

// agree asks the user whether a run may spend credits.
func agree(ctx context.Context, sys *system, a *account) error {
	if a.key == "" {
		return errors.New("demo --live needs an API key. " + a.keyHelp())
	}
	fmt.Fprint(sys.stdout, "This starts one run of an official template on your BrowserAct account.\nIt costs credits, typically about 30. Type yes to go on: ")
	answered := make(chan string, 1)
	go func() { // ends with stdin, which nothing here can interrupt: hence not awaited
		answer, _ := bufio.NewReader(sys.stdin).ReadString('\n')
		answered <- answer
	}()
	select {
	case answer := <-answered:
		if strings.EqualFold(strings.TrimSpace(answer), "yes") {
			return nil
		}
	case <-ctx.Done():
		fmt.Fprintln(sys.stdout)
	}
	return errors.New("nothing was started")
}

// A demo plays one session and shows it.
type demo struct {
	transcript

	session *session
	// live says that runs are real ones.
	live bool
	// started is the task of the session, "" before it has one.
	started string
}

func (d *demo) play(ctx context.Context) error {
	began := time.Now()
	d.put("", "An agent's session with browseract-mcp, on "+d.where()+".\n\n", " ")
	d.put("user    ", demoWish+"\n\n", " ")
	err := d.act(ctx)
	switch {
	case ctx.Err() != nil:
		return d.interrupted()
	case err != nil:
		return err
	}
	d.put("", fmt.Sprintf("Done in %.0f s. Now plug it into your agent: %s install names the clients that it knows.", time.Since(began).Seconds(), program), " ")
	return nil
}

func (d *demo) where() string {
	if d.live {
		return "your BrowserAct account"
	}
	return "a simulated BrowserAct account: no key, no cost, no network"
}

// interrupted tells what is left behind.
func (d *demo) interrupted() error {
	if d.live && d.started != "" {
		return fmt.Errorf("interrupted; task %s goes on until it is stopped in the dashboard", d.started)
	}
	return errors.New("interrupted")
}

// act does what an agent does to fulfil the wish.
func (d *demo) act(ctx context.Context) error {
	template, err := d.find(ctx)
	if err != nil {
		return err
	}
	task, err := d.run(ctx, template)
	if err != nil {
		return err
	}
	return d.read(ctx, task)
}

// find searches for a template and reads which inputs it takes.
func (d *demo) find(ctx context.Context) (schemas.Template, error) {
	type listing struct {
		Templates []schemas.Template `json:"templates"`
	}
	found, err := say[listing](ctx, d, "list_templates", map[string]any{"query": demoQuery, "limit": 5})
	if err != nil {
		return schemas.Template{}, err
	}
	if len(found.Templates) == 0 {
		return schemas.Template{}, fmt.Errorf("no template matches %q", demoQuery)
	}
	d.show("%d found, the first is %q", len(found.Templates), found.Templates[0].Name)
	template, err := say[schemas.Template](ctx, d, "get_template", map[string]any{"template_id": found.Templates[0].TemplateID})
	if err != nil {
		return schemas.Template{}, err
	}
	d.show("it takes %s", inputNames(template.Inputs))
	return template, nil
}

// run starts the template, once, and follows it to its end.
func (d *demo) run(ctx context.Context, template schemas.Template) (schemas.Task, error) {
	task, err := say[schemas.Task](ctx, d, "run_template", map[string]any{
		"template_id": template.TemplateID,
		"inputs":      demoInputs(template.Inputs),
	})
	d.started = task.TaskID
	for err == nil && !task.Done && !task.NeedsHuman && ctx.Err() == nil {
		d.show("%s", task.Summary)
		task, err = say[schemas.Task](ctx, d, "get_task", map[string]any{"task_id": task.TaskID})
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

// read shows the first rows of the output.
func (d *demo) read(ctx context.Context, task schemas.Task) error {
	if task.Output == nil {
		return nil
	}
	arguments := map[string]any{"task_id": task.TaskID, "format": "markdown", "limit": demoRows}
	if columns := task.Output.Columns; len(columns) > 3 {
		arguments["fields"] = columns[:3]
	}
	d.announce("get_task_output", arguments)
	text, err := d.session.call(ctx, "get_task_output", arguments)
	if err != nil {
		return err
	}
	_, page, _ := strings.Cut(text, "\n")
	d.show("%s", page)
	return nil
}

// demoInputs fills in the inputs that the template takes, as far as the wish of
// the demo tells them.
func demoInputs(params []schemas.Parameter) map[string]any {
	wish := map[string]string{"keywords": "coffee shops in Lisbon", "language": "en", "country": "Portugal"}
	inputs := map[string]any{}
	for _, p := range params {
		if value, ok := wish[strings.ToLower(p.Name)]; ok {
			inputs[p.Name] = value
		}
	}
	return inputs
}

func inputNames(params []schemas.Parameter) string {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
		if p.Required {
			names[i] += " (required)"
		}
	}
	return strings.Join(names, ", ")
}

// say announces a call, makes it and decodes its result.
func say[Out any](ctx context.Context, d *demo, tool string, arguments map[string]any) (Out, error) {
	d.announce(tool, arguments)
	return ask[Out](ctx, d.session, tool, arguments)
}

func (d *demo) announce(tool string, arguments map[string]any) {
	raw, _ := json.Marshal(arguments) // strings and numbers
	d.put("agent   ", tool+" "+string(raw), ",")
}

// show prints what came back, indented below the call.
func (d *demo) show(format string, args ...any) {
	d.put("        ", strings.TrimSpace(fmt.Sprintf(format, args...))+"\n\n", " ")
}

// progress draws what the server tells while a call waits.
func (d *demo) progress(n mcp.JSONRPCNotification) {
	if n.Method != "notifications/progress" {
		return
	}
	seconds, _ := n.Params.AdditionalFields["progress"].(float64)
	message, _ := n.Params.AdditionalFields["message"].(string)
	d.put(fmt.Sprintf("        %4.1f s  ", seconds), message, " ")
}
