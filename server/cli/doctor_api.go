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

func (x *examination) address(context.Context) []finding {
	if x.flags.Simulator {
		return ok("api", "the built-in simulator")
	}
	return ok("api", x.flags.APIURL)
}

func (x *examination) key(context.Context) []finding {
	const todo = "Set BROWSERACT_API_KEY, or BROWSERACT_API_KEY_FILE, to a key from the BrowserAct dashboard."
	switch a := x.account; {
	case a.keyProblem != "":
		return failed("key", a.keyProblem, todo)
	case a.key == "":
		return failed("key", "none", todo)
	case !strings.HasPrefix(a.key, "app-"):
		return warn("key", "set; it does not begin with app- as keys do", "If calls fail, copy the key from the BrowserAct dashboard again.")
	}
	return ok("key", "set")
}

// slow is how long an answer takes that other calls will not get in time.
const slow = 5 * time.Second

// call makes a real call, one that changes and costs nothing: with the key it
// tells whether that is valid, and without one whether the API is there at all.
func (x *examination) call(ctx context.Context) []finding {
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	began := time.Now()
	found, err := x.account.answer(ctx)
	took := time.Since(began).Round(time.Millisecond)
	switch {
	case err != nil:
		silence := fmt.Sprintf("no answer in %s", doctorTimeout)
		return failed("call", strings.ReplaceAll(err.Error(), context.DeadlineExceeded.Error(), silence), remedy(err))
	case took > slow:
		return after(took, warn("call", fmt.Sprintf("answered after %s; %s", took, found), "That is slow: check the network and the proxy, or try again later."))
	}
	return after(took, ok("call", fmt.Sprintf("answered in %s; %s", took, found)))
}

// answer is what the API says, in a few words.
func (a *account) answer(ctx context.Context) (string, error) {
	if a.key == "" {
		return "without a key nothing else can be asked", a.client.Ping(ctx)
	}
	page, err := a.client.Workflows(ctx, 1, 1)
	return fmt.Sprintf("the key is valid, the account has %d workflows", page.TotalCount), err
}

// mostAhead is how far clocks may differ before people wonder about times.
const mostAhead = 30 * time.Second

// clock compares this machine's with that of the call's answer.
func (x *examination) clock(context.Context) []finding {
	ahead, known := x.account.client.ClockOffset()
	switch {
	case !known:
		return ok("clock", "not compared: the API has told no time")
	case ahead.Abs() <= mostAhead:
		return ok("clock", fmt.Sprintf("within %s of the API's", mostAhead))
	}
	direction := "behind"
	if ahead < 0 {
		direction = "ahead of"
	}
	return warn("clock", fmt.Sprintf("%s %s the API's", ahead.Abs().Round(time.Second), direction), "Set this machine's clock: times of runs are wrong here, and certificates may be refused.")
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
