package simulator

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// object is a JSON object that is being written. Tasks have too many odd shapes for a
// struct, and outputs too large to encode twice.
type object struct{ buf []byte }

// set adds a member.
func (o *object) set(name string, v any) { o.raw(name, encode(v)) }

// raw adds a member whose value is JSON already.
func (o *object) raw(name string, value []byte) {
	sep := byte(',')
	if len(o.buf) == 0 {
		sep = '{'
	}
	o.buf = append(append(append(o.buf, sep, '"'), name...), '"', ':')
	o.buf = append(o.buf, value...)
}

// json ends the object, which has members.
func (o object) json() []byte { return append(o.buf, '}') }

// array returns a JSON array of values that are JSON already.
func array(values [][]byte) []byte {
	return slices.Concat([]byte("["), bytes.Join(values, []byte(",")), []byte("]"))
}

// answer sends something of a task, with the quirks of its scenario.
func (t *task) answer(o object) answer {
	q, body := t.quirks(), o.json()
	if q.Wrapped {
		n := t.account.traces.Add(1)
		body = t.account.clock.envelope(n, int(n%2)*200, "success", body)
	}
	return answer{contentType: q.ContentType, body: body}
}

func (t *task) quirks() *Quirks { return &t.blueprint.Scenario.Quirks }

// startedObject answers a run.
func (t *task) startedObject() object {
	var o object
	t.setID(&o)
	if t.request.SaveBrowserData {
		t.setProfile(&o)
	}
	return o
}

func (t *task) setID(o *object) {
	id := encode(t.id)
	if t.quirks().NumericIDs {
		id = []byte(t.id)
	}
	o.raw("id", id)
}

func (t *task) setProfile(o *object) {
	name := "profile_id"
	if t.quirks().CamelProfile {
		name = "profileId"
	}
	o.set(name, t.profile)
}

// detailObject answers get-task.
func (t *task) detailObject(s state) object {
	o := t.itemObject(s)
	o.set("log_detail_url", "https://www.browseract.example/log/"+t.id)
	t.setSteps(&o, s)
	if s.output != nil && len(s.output.Files) > 0 {
		o.raw("download_files", t.downloads(s))
		o.set("files_expires_at", t.expiry(s))
	}
	return o
}

// itemObject is a task in list-tasks: with its output, without steps and files.
func (t *task) itemObject(s state) object {
	var o object
	t.setID(&o)
	o.set("status", s.status)
	o.set("workflow_id", t.blueprint.ID)
	t.setTimes(&o, s)
	t.setLive(&o, s)
	if t.profile != "" {
		t.setProfile(&o)
	}
	var inputs, credit any = t.request.Inputs.joined(), s.credits
	if t.quirks().InputsAsArray {
		inputs = append(Inputs{}, t.request.Inputs...)
	}
	if s.open() {
		credit = nil
	}
	o.set("input_parameters", inputs)
	o.set("credit", credit)
	o.set("task_failure_info", s.failure)
	t.setOutput(&o, s)
	return o
}

// joined returns the form k=v;k=v, which cannot be split safely.
func (in Inputs) joined() string {
	pairs := make([]string, len(in))
	for i, nv := range in {
		pairs[i] = nv.Name + "=" + nv.Value
	}
	return strings.Join(pairs, ";")
}

// fill replaces the names of inputs in braces by their values.
func (in Inputs) fill(s string) string {
	for _, nv := range in {
		s = strings.ReplaceAll(s, "{"+nv.Name+"}", nv.Value)
	}
	return s
}

func (t *task) setTimes(o *object, s state) {
	var created, finished any = t.account.clock.stamp(t.created), nil
	switch {
	case !s.open():
		finished = t.account.clock.stamp(s.ended)
	case t.quirks().EarlyFinishedAt:
		finished = created
	}
	if t.quirks().NullCreatedAt && s.open() {
		created = nil
	}
	o.set("created_at", created)
	o.set("finished_at", finished)
}

// setLive adds the live URL while it is shown.
func (t *task) setLive(o *object, s state) {
	sc := &t.blueprint.Scenario
	shown := s.status == statusRunning || s.status == statusPausing ||
		s.status == statusPaused && s.human.Live ||
		!s.open() && !s.started.IsZero() && sc.Quirks.LiveAfterEnd
	url := fmt.Sprintf("https://live.browseract.example/task/%s?token=%s", t.id, traceID(int64(t.number)))
	switch {
	case !shown || sc.Live == LiveNone:
		o.set("live_url_info", nil)
	case sc.Live == LiveDeprecated:
		o.set("live_url", url)
	default:
		o.set("live_url_info", map[string]any{"width": 1280, "height": 720, "live_url": url})
	}
}

// setOutput adds the output, whose members are null until the task has finished.
func (t *task) setOutput(o *object, s state) {
	if s.output == nil {
		o.raw("output", []byte(`{"string":null,"files":null}`))
		return
	}
	files := []string{}
	for i, f := range s.output.Files {
		if f.State == FileUploaded {
			files = append(files, t.fileURL(i, f))
		}
	}
	var out object
	out.raw("string", t.account.outputs.encoded(t, s.output))
	out.set("files", files)
	o.raw("output", out.json())
}

// setSteps adds the steps that have begun.
func (t *task) setSteps(o *object, s state) {
	if s.steps == 0 && t.quirks().NullSteps {
		o.set("steps", nil)
		return
	}
	steps := make([][]byte, s.steps)
	for i := range steps {
		from, id := &t.blueprint.Scenario.Steps[i], fmt.Sprintf("%s%02d", t.id, i+1)
		var step object
		step.set("id", id)
		step.set("step", i+1)
		step.set("status", s.stepStatus(i))
		if from.Evaluation != "" {
			step.set("evaluation_previous_goal", from.Evaluation)
		}
		step.set("step_goal", t.request.Inputs.fill(from.Goal))
		step.set("screenshots_url", "https://"+filesHost+screenshotsPath+id+".png")
		steps[i] = step.json()
	}
	o.raw("steps", array(steps))
}

// stepStatus returns the status of the step with an index, among those that have begun.
func (s state) stepStatus(i int) string {
	switch {
	case i < s.steps-1 || s.status == statusFinished:
		return "succeed"
	case s.open():
		return "running"
	}
	return "failed"
}
