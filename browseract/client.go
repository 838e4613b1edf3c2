// Package browseract is a typed client of the BrowserAct API, version 2.
//
// Begin with [New] and [Client], which has one method an endpoint. Reads are
// retried; a start is never repeated once it may have been received, because a
// repeat would bill a second run (start.go). [Client.Wait] polls tasks for all of
// its callers together (watcher.go). Errors of the API are an [*Error]; a start
// without a clear answer is a [*StartUnknownError].
//
// The package knows HTTP and BrowserAct. It does not know MCP, tools or the words
// for a model.
package browseract

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultBaseURL is where BrowserAct's API is served.
const DefaultBaseURL = "https://api.browseract.com"

const (
	maxReply                 = 64 << 20 // bytes of a reply, after decompression
	maxIdleConns             = 256
	minPollRate, maxPollRate = 1e-6, 1e6
)

// ErrNoAPIKey means that the caller has no API key that can be sent, so that
// nothing was sent.
var ErrNoAPIKey = errors.New("no API key")

// A KeyFunc returns the API key of the caller that ctx belongs to, empty if it has
// none.
type KeyFunc func(ctx context.Context) string

// A Client calls BrowserAct. Make one with [New]; it is safe for concurrent use.
type Client struct {
	key       KeyFunc
	base      *url.URL
	transport http.RoundTripper
	userAgent string
	maxReply  int64
	pollRate  float64
	starts    inFlight
	buffers   sync.Pool                     // of *bytes.Buffer
	offset    atomic.Pointer[time.Duration] // of the API's clock; nil: unknown
	watchers  watchers
	cache     cache
}

// An Option changes what [New] makes.
type Option func(*Client) error

// WithBaseURL sets the URL below which the endpoints are, [DefaultBaseURL] by
// default. It has to be https, or http to a loopback address, because every request
// carries the API key.
func WithBaseURL(raw string) Option {
	return func(c *Client) error {
		base, err := url.Parse(raw)
		if err != nil {
			return errors.New("browseract: the API address is not a URL")
		}
		c.base = base
		return checkBase(base)
	}
}

// WithTransport sets the transport, by default a copy of [http.DefaultTransport]
// without HTTP/2. It has to speak HTTP/1 only: over HTTP/2 net/http repeats requests,
// starts included, after resets that do not prove that nothing has happened.
func WithTransport(rt http.RoundTripper) Option {
	return func(c *Client) error {
		c.transport = rt
		return nil
	}
}

// WithUserAgent sets the User-Agent header; the empty string leaves Go's.
func WithUserAgent(ua string) Option {
	return func(c *Client) error {
		if !validHeader(ua) {
			return errors.New("browseract: the user agent does not fit into a header")
		}
		c.userAgent = ua
		return nil
	}
}

// WithPollRate makes [Client.Wait] poll tasks x times as often, for an account whose
// tasks run x times faster than real ones. It is above 1e-6 and at most 1e6; the
// default is 1.
func WithPollRate(x float64) Option {
	return func(c *Client) error {
		if !(x > minPollRate && x <= maxPollRate) {
			return fmt.Errorf("browseract: a poll rate of %v", x)
		}
		c.pollRate = x
		return nil
	}
}

// New returns a client that sends each request with the key that key returns for
// its context.
func New(key KeyFunc, opts ...Option) (*Client, error) {
	c := &Client{key: key, transport: newTransport(), maxReply: maxReply, pollRate: 1, watchers: watchers{byKey: map[string]*watcher{}}}
	for _, opt := range append([]Option{WithBaseURL(DefaultBaseURL)}, opts...) {
		if err := opt(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.MaxIdleConns = maxIdleConns
	t.MaxIdleConnsPerHost = maxIdleConns
	return t
}

func checkBase(base *url.URL) error {
	switch {
	case base.Hostname() == "" || (base.Scheme != "https" && base.Scheme != "http"):
		return errors.New("browseract: the API address has to start with https://")
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return errors.New("browseract: the API address has to be a plain https://host/path, without user, query or fragment")
	case base.Scheme == "http" && !isLoopback(base.Hostname()):
		return fmt.Errorf("browseract: http to %s would send the API key in the clear; use https", base.Hostname())
	}
	return nil
}

// isLoopback reports whether host is this machine.
func isLoopback(host string) bool {
	return strings.EqualFold(host, "localhost") || net.ParseIP(host).IsLoopback()
}
