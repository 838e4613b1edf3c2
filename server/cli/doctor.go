package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/browseract/browseract-mcp/browseract"
)

// doctorCommand checks the set-up from the key to an answer of the API.
type doctorCommand struct{}

const doctorTimeout = 20 * time.Second

// A finding is one line of the report: what was looked at, what was found, and
// what to do if that is wrong.
type finding struct {
	what, found, todo string
}

// Run prints the findings, and fails if something has to be done.
func (doctorCommand) Run(sys *system, flags *accountFlags) error {
	a, err := flags.open(sys, own)
	if err != nil {
		return err
	}
	defer a.close()
	findings := []finding{
		{what: "version", found: sys.version},
		{what: "api", found: flags.address()},
		a.findKey(),
	}
	if a.key != "" {
		ctx, cancel := context.WithTimeout(sys.ctx, doctorTimeout)
		defer cancel()
		findings = append(findings, a.findAnswer(ctx))
	}
	return report(sys.stdout, findings)
}

func (f *accountFlags) address() string {
	if f.Simulator {
		return "the built-in simulator"
	}
	return f.APIURL
}

func (a *account) findKey() finding {
	const todo = "Set BROWSERACT_API_KEY, or BROWSERACT_API_KEY_FILE, to a key from the BrowserAct dashboard."
	switch {
	case a.keyProblem != "":
		return finding{"key", a.keyProblem, todo}
	case a.key == "":
		return finding{"key", "none", todo}
	case !strings.HasPrefix(a.key, "app-"):
		return finding{what: "key", found: "set; it does not begin with app- as keys do"}
	}
	return finding{what: "key", found: "set"}
}

// findAnswer makes a real call, one that changes and costs nothing.
func (a *account) findAnswer(ctx context.Context) finding {
	began := time.Now()
	page, err := a.client.Workflows(ctx, 1, 1)
	took := time.Since(began).Round(time.Millisecond)
	if err != nil {
		return finding{"call", err.Error(), remedy(err)}
	}
	return finding{what: "call", found: fmt.Sprintf("answered in %s; the account has %d workflows", took, page.TotalCount)}
}

func remedy(err error) string {
	var api *browseract.Error
	switch {
	case errors.As(err, &api) && api.Unauthorized():
		return "BrowserAct does not know this key. Make a new one in the dashboard and set it."
	case errors.As(err, &api) && api.RateLimited():
		return "Wait a minute and try again."
	case errors.As(err, &api) && api.Temporary():
		return "BrowserAct has a problem of its own. Try again later."
	case errors.Is(err, browseract.ErrUnreadable):
		return "Something answered that is not BrowserAct's API. Check --api-url, and whether a proxy or a login page is in between."
	case browseract.IsTransport(err):
		return "Check the network, the name server, and HTTPS_PROXY if there is a proxy."
	}
	return "Check --api-url."
}

func report(w io.Writer, findings []finding) error {
	wrong := 0
	for _, f := range findings {
		mark := "ok   "
		if f.todo != "" {
			mark = "WRONG"
			wrong++
		}
		fmt.Fprintf(w, "%s  %-8s %s\n", mark, f.what, f.found)
		if f.todo != "" {
			fmt.Fprintf(w, "       %-8s %s\n", "", f.todo)
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d checks found something to do", wrong, len(findings))
	}
	fmt.Fprintln(w, "All is well.")
	return nil
}
