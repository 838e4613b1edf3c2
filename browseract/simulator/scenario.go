package simulator

import "time"

// Scenario is what a run does, as data. Its durations are in simulated time.
// The zero value finishes at once with nothing in its output.
type Scenario struct {
	Created time.Duration // spent in "created"
	Running time.Duration // spent in "running" in all, shared equally by the steps; waiting for a person comes on top
	Stuck   bool          // the created phase never ends
	Steps   []Step
	Live    Live
	Ending Ending
	Failure *Failure // of a run that fails; nil answers task_failure_info null
	Output  Output
	Credits int64 // billed at the end, whatever the outcome
	Quirks     Quirks

	// OneAtATime is the Standard Browser mode: a task waits in "created" until
	// those of the same workflow that were started before it have ended.
	OneAtATime bool
	// Refuse, if set, is how a run is refused.
	Refuse *Failure
}

// Step is a step of a run.
type Step struct {
	Goal       string // {name} in it stands for the value of that input
	Evaluation string // of the step before; empty leaves the member out
	Human      *Human // waits for a person before it goes on
	Unknown    bool   // while it lasts the task's status reads "unknown"
}

// Human is a step that waits for a person, in "paused".
type Human struct {
	Pausing   time.Duration // spent in "pausing" before
	Limit     time.Duration // after which the run fails; 0 waits for ever
	ResumeLag time.Duration // from an accepted resume until it takes effect
	Live      bool          // the live URL can still be read while it waits
}

// Live tells which live URL a run shows while it is running.
type Live string

// Where the live URL is told.
const (
	LiveInfo       Live = ""           // live_url_info
	LiveDeprecated Live = "deprecated" // only the deprecated live_url
	LiveNone       Live = "none"
)

// Ending is how a run ends when nobody interferes.
type Ending string

// The ends of a run.
const (
	EndFinished     Ending = "" // the default
	EndFailed        Ending = "failed"
	EndCanceled Ending = "canceled" // by somebody else
	EndNever       Ending = "stuck"    // runs on for ever after its last step
)

// Failure is a code of the API and its message.
type Failure struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Output is what a run that finished leaves behind.
type Output struct {
	Text     string
	Generate func(Inputs) string // instead of Text; must depend on nothing but the declared inputs
	Files    []File
}

// File is a file that a run wrote.
type File struct {
	Name  string
	Bytes int64
	State FileState
}

// FileState is how far a file has come when its task has ended.
type FileState string

// The states of a file.
const (
	FileUploaded  FileState = ""          // the default: it can be downloaded
	FileUploading FileState = "uploading" // it has no URL yet
	FileFailed    FileState = "failed"    // it has an error message instead
)

// Quirks picks shapes that differ from the API's description and were seen.
type Quirks struct {
	NumericIDs      bool   // the task's id is a JSON number
	WordID          bool   // the task's id is no number, as in task_00000a
	CamelProfile    bool   // profileId instead of profile_id
	NullCreatedAt   bool   // created_at is null until the task has ended
	EarlyFinishedAt bool   // finished_at equals created_at while the task is open
	LiveAfterEnd    bool   // live_url_info stays on the ended task
	InputsAsArray   bool   // input_parameters is an array of name and value
	NullSteps       bool   // steps is null until the first has begun
	Wrapped         bool   // success comes as {code, msg, data}
	ContentType     string // instead of application/json
}

// wait is the duration d of simulated time in time of the clock.
func (a *Account) wait(d time.Duration) time.Duration {
	return time.Duration(float64(d) / a.speed)
}
