package simulator

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
)

// fileLife is how long the files of a task are kept.
const fileLife = 7 * 24 * time.Hour

// object is a JSON object that is being written. Tasks come in too many odd
// shapes for a struct, and with outputs too large to be encoded twice.
type object struct{ buf []byte }

// set adds a member.
func (o *object) set(name string, v any) { o.raw(name, encode(v)) }

// raw adds a member whose value is JSON already.
func (o *object) raw(name string, value []byte) {
	sep := byte(',')
	if len(o.buf) == 0 {
		sep = '{'
	}
	o.buf = append(o.buf, sep, '"')
	o.buf = append(o.buf, name...)
	o.buf = append(o.buf, '"', ':')
	o.buf = append(o.buf, value...)
}

func (o object) json() []byte {
	if len(o.buf) == 0 {
		return []byte("{}")
	}
	return append(o.buf, '}')
}

// array is a JSON array of values that are JSON already.
func array(values [][]byte) []byte {
	return slices.Concat([]byte("["), bytes.Join(values, []byte(",")), []byte("]"))
}

// taskAnswer sends something of a task, as oddly as its scenario wants it.
func (a *Account) taskAnswer(t *task, o object) answer {
	odd := t.blueprint.scenario.Quirks
	ans := answer{status: 200, contentType: odd.ContentType, body: o.json()}
	if odd.Wrapped {
		a.mu.Lock()
		n := a.ids.next(kindTrace)
		a.mu.Unlock()
		ans.body = a.envelope(n, n%2*200, "success", ans.body)
	}
	return ans
}

// startedObject answers a run.
func (t *task) startedObject() object {
	var o object
	t.setID(&o)
	if t.request.SaveBrowserData {
		o.set(t.profileName(), t.profile)
	}
	return o
}

func (t *task) setID(o *object) {
	if t.blueprint.scenario.Quirks.NumericIDs {
		o.raw("id", []byte(t.id))
		return
	}
	o.set("id", t.id)
}

func (t *task) profileName() string {
	if t.blueprint.scenario.Quirks.CamelProfile {
		return "profileId"
	}
	return "profile_id"
}

// detailObject answers get-task.
func (t *task) detailObject(s state) object {
	o := t.itemObject(s)
	o.set("log_detail_url", "https://www.browseract.example/log/"+t.id)
	t.setSteps(&o, s)
	if s.output != nil && len(s.output.Files) > 0 {
		o.set("download_files", t.downloads(s))
		o.set("files_expires_at", t.expiry(s))
	}
	return o
}

// itemObject is a task in list-tasks: with its output, without steps and files.
func (t *task) itemObject(s state) object {
	odd := t.blueprint.scenario.Quirks
	var o object
	t.setID(&o)
	o.set("status", s.status)
	o.set("workflow_id", t.blueprint.workflowID)
	t.setTimes(&o, s)
	t.setLive(&o, s)
	if t.profile != "" {
		o.set(t.profileName(), t.profile)
	}
	if odd.InputsAsArray {
		o.set("input_parameters", append(Inputs{}, t.request.Inputs...))
	} else {
		o.set("input_parameters", t.request.Inputs.joined())
	}
	o.set("credit", t.credit(s))
	o.set("task_failure_info", s.failure)
	o.raw("output", t.output(s))
	return o
}

// joined is the form k=v;k=v, which cannot be split safely.
func (in Inputs) joined() string {
	pairs := make([]string, len(in))
	for i, nv := range in {
		pairs[i] = nv.Name + "=" + nv.Value
	}
	return strings.Join(pairs, ";")
}

// fill puts the inputs where a text names them in braces.
func (in Inputs) fill(s string) string {
	for _, nv := range in {
		s = strings.ReplaceAll(s, "{"+nv.Name+"}", nv.Value)
	}
	return s
}

// credit is null while nothing was billed yet.
func (t *task) credit(s state) *int64 {
	if s.open() {
		return nil
	}
	return &s.credits
}

func (t *task) setTimes(o *object, s state) {
	odd := t.blueprint.scenario.Quirks
	if odd.NullCreatedAt && s.open() {
		o.set("created_at", nil)
	} else {
		o.set("created_at", t.account.stamp(t.created))
	}
	switch {
	case !s.open():
		o.set("finished_at", t.account.stamp(s.ended))
	case odd.EarlyFinishedAt:
		o.set("finished_at", t.account.stamp(t.created))
	default:
		o.set("finished_at", nil)
	}
}

// stamp is a time as the API writes it, in whole seconds.
func (a *Account) stamp(at time.Time) string {
	return a.apiTime(at).Format(time.RFC3339)
}

type liveURLInfo struct {
	Width   int     `json:"width"`
	Height  int     `json:"height"`
	LiveURL *string `json:"live_url"`
}

// setLive adds the live URL where it shows.
func (t *task) setLive(o *object, s state) {
	sc := &t.blueprint.scenario
	shows := s.status == statusRunning || s.status == statusPausing ||
		s.status == statusPaused && s.human.Live ||
		!s.open() && !s.started.IsZero() && sc.Quirks.LiveAfterEnd
	url := fmt.Sprintf("https://live.browseract.example/task/%s?token=%s", t.id, traceID(t.number))
	switch {
	case !shows || sc.Live == LiveNone:
		o.set("live_url_info", nil)
	case sc.Live == LiveDeprecated:
		o.set("live_url", url)
	default:
		o.set("live_url_info", liveURLInfo{1280, 720, &url})
	}
}

// output is null inside until the task has finished.
func (t *task) output(s state) []byte {
	var o object
	if s.output == nil {
		o.set("string", nil)
		o.set("files", nil)
		return o.json()
	}
	o.raw("string", t.account.outputs.encoded(t, s.output))
	files := []string{}
	for i, f := range s.output.Files {
		if f.State == FileUploaded {
			files = append(files, t.fileURL(i, f))
		}
	}
	o.set("files", files)
	return o.json()
}

// stepItem is a step in get-task.
type stepItem struct {
	ID         string `json:"id"`
	Step       int    `json:"step"`
	Status     string `json:"status"`
	Evaluation string `json:"evaluation_previous_goal,omitempty"`
	Goal       string `json:"step_goal"`
	Screenshot string `json:"screenshots_url"`
}

// setSteps adds the steps that have begun.
func (t *task) setSteps(o *object, s state) {
	if s.steps == 0 && t.blueprint.scenario.Quirks.NullSteps {
		o.set("steps", nil)
		return
	}
	steps := make([]stepItem, s.steps)
	for i := range steps {
		from := &t.blueprint.scenario.Steps[i]
		id := fmt.Sprintf("%s%02d", t.id, i+1)
		steps[i] = stepItem{
			ID: id, Step: i + 1, Status: s.stepStatus(i), Evaluation: from.Evaluation, Goal: t.request.Inputs.fill(from.Goal),
			Screenshot: "https://" + filesHost + screenshotsPath + id + ".png",
		}
	}
	o.set("steps", steps)
}

// stepStatus is that of the step with an index, among those that have begun.
func (s state) stepStatus(i int) string {
	switch {
	case i < s.steps-1 || s.status == statusFinished:
		return "succeed"
	case s.open():
		return "running"
	}
	return "failed"
}
