package simulator

import "time"

// Scenario is what a run does. Its durations are in simulated time. The zero value
// finishes at once with an empty output.
type Scenario struct {
	Created time.Duration // spent in "created"
	Running time.Duration // spent in "running" in all, in equal parts by the steps; without the waits for a person
	Stuck   bool          // the created phase never ends
	Steps   []Step
	Live    Live
	Ending  Ending
	Failure *Failure // of a run that fails; nil answers task_failure_info null
	Output  Output
	Credits int64 // billed at the end, with any ending
	Quirks  Quirks

	// OneAtATime is the Standard Browser mode: a task waits in "created" until the
	// earlier tasks of the same workflow have ended.
	OneAtATime bool
	// Refuse, if set, is how a run is refused.
	Refuse *Failure
}

// Step is a step of a run.
type Step struct {
	Goal       string // {name} in it stands for the value of that input
	Evaluation string // of the step before; empty leaves the member out
	Human      *Human // waits for a person before it continues
	Unknown    bool   // while it lasts the task's status reads "unknown"
}

// Human is a step that waits for a person, in "paused".
type Human struct {
	Pausing   time.Duration // spent in "pausing" before
	Limit     time.Duration // after which the run fails; 0: never
	ResumeLag time.Duration // from an accepted resume until it takes effect
	Live      bool          // the live URL can still be read while it waits
}

// Live is how a run shows its live URL while it is running.
type Live string

// Members that have the live URL.
const (
	LiveInfo       Live = ""           // live_url_info
	LiveDeprecated Live = "deprecated" // only the deprecated live_url
	LiveNone       Live = "none"
)

// Ending is how a run ends without interruption.
type Ending string

// The ends of a run.
const (
	EndFinished Ending = "" // the default
	EndFailed   Ending = "failed"
	EndCanceled Ending = "canceled" // as if by another user
	EndNever    Ending = "stuck"    // keeps running after its last step
)

// Failure is a code of the API with its message.
type Failure struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// Output is the result of a finished run.
type Output struct {
	Text     string
	Generate func(Inputs) string // instead of Text; must depend on nothing but the declared inputs
	Files    []File
}

// File is a file in the result of a run.
type File struct {
	Name  string
	Bytes int64
	State FileState
}

// FileState is the state of a file after its task has ended.
type FileState string

// The states of a file.
const (
	FileUploaded  FileState = ""          // the default: it can be downloaded
	FileUploading FileState = "uploading" // it has no URL yet
	FileFailed    FileState = "failed"    // it has an error message instead
)

// Quirks selects shapes of answers that were seen and differ from the API's description.
type Quirks struct {
	NumericIDs      bool   // the task's id is a JSON number
	WordID          bool   // the task's id is not a number, as in task_00000a
	CamelProfile    bool   // profileId instead of profile_id
	NullCreatedAt   bool   // created_at is null until the task has ended
	EarlyFinishedAt bool   // finished_at equals created_at while the task is open
	LiveAfterEnd    bool   // live_url_info stays on the ended task
	InputsAsArray   bool   // input_parameters is an array of name and value
	NullSteps       bool   // steps is null until the first has begun
	Wrapped         bool   // success comes as {code, msg, data}
	ContentType     string // instead of application/json
}
