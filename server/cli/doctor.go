package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
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
func (doctorCommand) Run(ctx context.Context, sys *system, flags *accountFlags) error {
	a, err := flags.open(sys, own)
	if err != nil {
		return err
	}
	defer func() { a.close() }()
	findings := []finding{
		{what: "version", found: sys.program.Version},
		{what: "api", found: flags.address()},
		a.findKey(),
	}
	if a.key != "" {
		ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
		defer cancel()
		findings = append(findings, a.findAnswer(ctx))
	}
	findings = append(findings, flags.Policy.findLedger(ctx, sys, flags.Simulator), flags.Policy.findBudgets(), flags.Policy.findClient())
	findings = append(findings, flags.Policy.findDownloads()...)
	return report(transcript{sys.stdout}, findings)
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
		return finding{"call", redact(err.Error()), remedy(err)}
	}
	return finding{what: "call", found: fmt.Sprintf("answered in %s; the account has %d workflows", took, page.TotalCount)}
}

// remedy is what to do about a call that failed.
func remedy(err error) string {
	var (
		api         *browseract.Error
		certificate *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &api):
		return apiRemedy(api)
	case errors.Is(err, browseract.ErrUnreadable):
		return "Something answered that is not BrowserAct's API. Check --api-url, and whether a proxy or a login page is in between."
	case errors.As(err, &certificate):
		return "This machine does not trust who answered. If a proxy opens TLS here, add its certificate to the system's; else check --api-url and the clock."
	case browseract.IsTransport(err), errors.Is(err, context.DeadlineExceeded):
		return "Check the network, the name server, and HTTPS_PROXY if there is a proxy."
	}
	return checkAddress
}

const checkAddress = "Check --api-url."

func apiRemedy(e *browseract.Error) string {
	switch {
	case e.Unauthorized() && e.Code == 0:
		return "The key was refused, by BrowserAct or by a proxy before it. Check the key and --api-url."
	case e.Unauthorized():
		return "BrowserAct does not know this key. Make a new one in the dashboard and set it."
	case e.RateLimited():
		return "Wait a minute and try again."
	case e.Temporary():
		return "BrowserAct has a problem of its own. Try again later."
	}
	return checkAddress
}

func report(t transcript, findings []finding) error {
	wrong := 0
	for _, f := range findings {
		if f.todo == "" {
			t.put(fmt.Sprintf("ok     %-8s ", f.what), f.found, " ")
			continue
		}
		wrong++
		t.put(fmt.Sprintf("WRONG  %-8s ", f.what), f.found+"\n"+f.todo, " ")
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d checks found something to do", wrong, len(findings))
	}
	t.put("", "All is well.", " ")
	return nil
}
