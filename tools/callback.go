package tools

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/browseract/browseract-mcp/tools/download"
	"github.com/browseract/browseract-mcp/tools/problem"
)

const maxCallbackURL = 2048

// callbackHosts are the hosts that the operator lets runs report to. Text from a
// page must not be able to send a run's output anywhere: without any host, runs
// take no callback at all.
type callbackHosts []string

// A callbackInput is the arguments of a run that exist only where the operator
// allows callbacks.
type callbackInput struct {
	CallbackURL             string `json:"callback_url,omitempty" jsonschema:"maxLength=2048" jsonschema_description:"Gets a POST when the task ends"`
	StatusChangeCallbackURL string `json:"status_change_callback_url,omitempty" jsonschema:"maxLength=2048" jsonschema_description:"Gets a POST at each change of status"`
}

// checkCallbackHosts refuses what is no public host, no *.example.com and not *.
func checkCallbackHosts(hosts []string) error {
	for _, h := range hosts {
		name := strings.TrimPrefix(h, "*.")
		if h != "*" && (name == "" || strings.ContainsAny(name, "*/:@? ") || isInternal(name)) {
			return fmt.Errorf("tools: %q is no callback host: use a public name, *.example.com, or *", h)
		}
	}
	return nil
}

// check refuses callback URLs that the operator has not allowed, without asking
// any name server.
func (hosts callbackHosts) check(in callbackInput) error {
	for name, link := range map[string]string{"callback_url": in.CallbackURL, "status_change_callback_url": in.StatusChangeCallbackURL} {
		if link == "" {
			continue
		}
		if why := hosts.refuse(link); why != "" {
			return &problem.Error{Code: "callback_refused", Message: fmt.Sprintf("Nothing was started: %s %s. Leave it out, or use an address that the operator of this server has allowed.", name, why)}
		}
	}
	return nil
}

// refuse says why a link is no callback; empty: it is one.
func (hosts callbackHosts) refuse(link string) string {
	u, err := url.Parse(link)
	switch {
	case len(link) > maxCallbackURL:
		return fmt.Sprintf("is longer than %d characters", maxCallbackURL)
	case err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return "is not an http or https address"
	case u.User != nil:
		return "must not hold a user or password"
	case isInternal(u.Hostname()):
		return "points to a private or local address"
	case !hosts.allow(u.Hostname()):
		return "points to a host that is not allowed"
	}
	return ""
}

func (hosts callbackHosts) allow(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, h := range hosts {
		h = strings.ToLower(h)
		suffix, wild := strings.CutPrefix(h, "*")
		if h == host || h == "*" || (wild && strings.HasPrefix(suffix, ".") && strings.HasSuffix(host, suffix)) {
			return true
		}
	}
	return false
}

// isInternal reports whether a host is an address or a name that no public
// service has: loopback, private, link-local (the cloud's metadata service is),
// multicast, and the names of local networks. Numbers in other notations than
// the usual one are refused too.
func isInternal(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ip, err := netip.ParseAddr(host); err == nil {
		return !download.IsPublic(ip)
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	switch last {
	case "localhost", "local", "internal", "localdomain", "lan", "home", "":
		return true
	}
	return !strings.Contains(host, ".") || last[0] >= '0' && last[0] <= '9'
}
