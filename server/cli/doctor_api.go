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

func (c *checker) address(context.Context) []result {
	if c.flags.Simulator {
		return ok("api", "the built-in simulator")
	}
	return ok("api", c.flags.APIURL)
}

func (c *checker) key(context.Context) []result {
	const next = "Set BROWSERACT_API_KEY, or BROWSERACT_API_KEY_FILE, to a key from the BrowserAct dashboard."
	switch a := c.account; {
	case a.keyProblem != "":
		return failed("key", a.keyProblem, next)
	case a.key == "":
		return failed("key", "none", next)
	case !strings.HasPrefix(a.key, "app-"):
		return warn("key", "set; it does not begin with app- as keys do", "If calls fail, copy the key from the BrowserAct dashboard again.")
	}
	return ok("key", "set")
}

// call makes a real call, which changes and costs nothing. It shows whether the key is
// valid, and without a key whether the API answers.
func (c *checker) call(ctx context.Context) []result {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	began := time.Now()
	found, err := c.account.call(ctx)
	took := time.Since(began).Round(time.Millisecond)
	switch {
	case err != nil:
		timeout := fmt.Sprintf("no answer in %s", callTimeout)
		return failed("call", strings.ReplaceAll(err.Error(), context.DeadlineExceeded.Error(), timeout), remedy(err))
	case took > slowCall:
		return timed(took, warn("call", fmt.Sprintf("answered after %s; %s", took, found), "That is slow: check the network and the proxy, or try again later."))
	}
	return timed(took, ok("call", fmt.Sprintf("answered in %s; %s", took, found)))
}

// call calls the API, and says what the answer shows.
func (a *account) call(ctx context.Context) (string, error) {
	if a.key == "" {
		return "without a key nothing more can be checked", a.client.Ping(ctx)
	}
	page, err := a.client.Workflows(ctx, 1, 1)
	return fmt.Sprintf("the key is valid, the account has %d workflows", page.TotalCount), err
}

// clock compares this machine's clock with the API's, as its answer to call had it.
func (c *checker) clock(context.Context) []result {
	ahead, known := c.account.client.ClockOffset()
	switch {
	case !known:
		return ok("clock", "not compared: the API sent no time")
	case ahead.Abs() <= maxSkew:
		return ok("clock", fmt.Sprintf("within %s of the API's", maxSkew))
	}
	direction := "behind"
	if ahead < 0 {
		direction = "ahead of"
	}
	return warn("clock", fmt.Sprintf("%s %s the API's", ahead.Abs().Round(time.Second), direction), "Set this machine's clock: times of runs are wrong here, and certificates may be refused.")
}

const checkAddress = "Check --api-url."

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
		return "This machine does not trust the server's certificate. If a proxy opens TLS here, add its certificate to the system's; else check --api-url and the clock."
	case browseract.IsTransport(err), errors.Is(err, context.DeadlineExceeded):
		return "Check the network, the name server, and HTTPS_PROXY if there is a proxy."
	}
	return checkAddress
}

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
