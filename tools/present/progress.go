package present

import (
	"fmt"

	"github.com/browseract/browseract-mcp/browseract"
	"github.com/browseract/browseract-mcp/tools/sanitize"
)

// maxProgressText is how many characters a progress message has.
const maxProgressText = 120

// Progress is what a client is sent of a task while its call waits: its step, or else
// its status.
func (p *Presenter) Progress(task browseract.Task) string {
	if n := len(task.Steps); n > 0 && task.Status == browseract.TaskRunning {
		step := task.Steps[n-1]
		if p.Lockdown {
			return fmt.Sprintf("step %d", step.Number)
		}
		return sanitize.OneLine(fmt.Sprintf("step %d: %s", step.Number, browseract.RedactURLs(step.Goal)), maxProgressText)
	}
	return sanitize.OneLine(string(task.Status), maxProgressText)
}
