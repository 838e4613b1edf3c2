// Package download brings what a link of a task points to onto this machine.
//
// The links, the names and the bytes come from web pages, so all three are hostile
// until proven otherwise. [Client] holds the rules for fetching: https only, nothing
// of the caller's sent along, no redirect followed, public addresses only, a bound
// on the bytes. [Folder] holds those for writing: nothing outside the folder,
// nothing overwritten, nothing half. Each rule has a test of its own.
//
// The package knows nothing of tasks, of BrowserAct's key or of MCP.
package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// MaxBytes is the most that is fetched or written: 50 MB.
const MaxBytes = 50 << 20

// What a link can be refused for.
var (
	ErrNotHTTPS = errors.New("the link is not https")
	ErrAddress  = errors.New("the link leads to an address that is not on the internet")
	ErrRedirect = errors.New("the link redirects")
	ErrTooLarge = errors.New("there is more than may be fetched")
)

// A StatusError is an HTTP status other than 200: of a pre-signed link mostly 403,
// once it has expired.
type StatusError struct{ Code int }

func (e *StatusError) Error() string { return fmt.Sprintf("HTTP status %d", e.Code) }

// A Client fetches links. Make one with [New]; it is safe for concurrent use.
type Client struct{ http *http.Client }

// New returns a client that connects to public addresses only, whatever a name
// resolves to by then. It uses no proxy: behind one nobody sees where it connects.
func New() *Client { return resolving(net.DefaultResolver) }

func resolving(names *net.Resolver) *Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: refuseInternal, Resolver: names}
	return NewWithTransport(&http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  15 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableKeepAlives:      true, // links are fetched once
	})
}

// NewWithTransport returns a client over another transport, which then answers for where it
// connects: that of a simulated account, whose files are not on the internet. The
// other rules hold.
func NewWithTransport(transport http.RoundTripper) *Client {
	return &Client{&http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Open returns what link points to. Reading more than most bytes of it fails with
// [ErrTooLarge], so that a part is never taken for the whole. Errors do not hold
// the link, which is a secret. The caller closes what is returned.
func (c *Client) Open(ctx context.Context, link string, most int64) (io.ReadCloser, error) {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, ErrNotHTTPS
	}
	req := (&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{
		// As it is stored: a few compressed bytes can stand for very many.
		"Accept-Encoding": {"identity"},
	}}).WithContext(ctx)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, withoutLink(err)
	}
	if err := acceptable(resp, most); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return &limited{resp.Body, most}, nil
}

func acceptable(resp *http.Response, most int64) error {
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return ErrRedirect
	case resp.StatusCode != http.StatusOK:
		return &StatusError{resp.StatusCode}
	case resp.ContentLength > most:
		return ErrTooLarge
	}
	return nil
}

// withoutLink takes the address out of an error of net/http.
func withoutLink(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// limited fails where more than left bytes come.
type limited struct {
	io.ReadCloser

	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1] // one more tells that there is more
	}
	n, err := l.ReadCloser.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}
