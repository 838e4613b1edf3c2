// Package browseract is a typed client of the BrowserAct API, version 2.
//
// Begin with [New] and [Client]: one method an endpoint. Reads are retried; a
// run is never repeated, because a repeat would bill a second one (start.go).
// Errors of the API arrive as [*Error]; a start without a clear answer as
// [*StartUnknownError].
//
// The package knows HTTP and BrowserAct. It knows nothing of MCP, of tools or of
// the words that a model needs.
package browseract

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// DefaultBaseURL is where BrowserAct's API is served.
const DefaultBaseURL = "https://api.browseract.com"

const (
	defaultMaxReply = 64 << 20
	maxIdleConns    = 256
)

// ErrNoAPIKey says that the caller of a request has no API key that could be
// sent. Nothing was.
var ErrNoAPIKey = errors.New("no API key")

// A KeyFunc tells the API key of whoever makes the request that ctx belongs to.
// The empty string means that the caller has none.
type KeyFunc func(ctx context.Context) string

// A Client calls BrowserAct. Make one with [New]; it is safe for concurrent use.
type Client struct {
	key       KeyFunc
	base      *url.URL
	transport http.RoundTripper
	userAgent string
	maxReply  int64
	pace      float64
	starts    inFlight
	clock     clock
	bodies    bodies
	watchers  watchers
	cache     cache
}

// An Option changes what [New] makes.
type Option func(*Client) error

// WithBaseURL sets the address that the endpoints are below, [DefaultBaseURL] by
// default. It has to be https, or http on a loopback address, because every
// request carries the API key.
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

// WithTransport sets what carries the requests. It has to speak HTTP/1 only: over
// HTTP/2 net/http repeats requests by itself, runs included, after some resets
// that do not prove that nothing has happened. The default is a copy of
// [http.DefaultTransport] without HTTP/2.
func WithTransport(rt http.RoundTripper) Option {
	return func(c *Client) error {
		c.transport = rt
		return nil
	}
}

// WithUserAgent sets the User-Agent header; the empty string leaves Go's.
func WithUserAgent(ua string) Option {
	return func(c *Client) error {
		if !fitsHeader(ua) {
			return errors.New("browseract: the user agent does not fit into a header")
		}
		c.userAgent = ua
		return nil
	}
}

// WithMaxReply sets how many bytes of a reply are read, after decompression,
// before the call fails with [ErrReplyTooLarge]. The default is 64 MiB.
func WithMaxReply(bytes int64) Option {
	return func(c *Client) error {
		if bytes < 1 || bytes == math.MaxInt64 {
			return fmt.Errorf("browseract: a reply limit of %d bytes", bytes)
		}
		c.maxReply = bytes
		return nil
	}
}

// WithPollRate makes [Client.Wait] look at tasks x times as often, for an account
// whose tasks run x times faster than real ones. It is above 0 and at most a
// million; the default is 1.
func WithPollRate(x float64) Option {
	return func(c *Client) error {
		if !(x > minPace && x <= maxPace) {
			return fmt.Errorf("browseract: a pace of %v", x)
		}
		c.pace = x
		return nil
	}
}

// New returns a client that sends each request with the key that key tells for
// its context.
func New(key KeyFunc, opts ...Option) (*Client, error) {
	c := &Client{key: key, transport: newTransport(), maxReply: defaultMaxReply, pace: 1}
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

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || (ip != nil && ip.IsLoopback())
}
