// Package download fetches the files that the links of a task point to, and saves
// them. Begin with [Client] and [Folder].
//
// The links, the names and the bytes come from web pages, so all three may be
// hostile. Client fetches over https only, sends nothing of the caller's, follows no
// redirect, connects to public addresses only, and bounds the bytes. Folder writes
// nothing outside itself, overwrites nothing, and leaves no part of a file. Each rule
// has a test of its own.
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
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

// MaxBytes is the size limit of a file: 50 MB.
const MaxBytes = 50 << 20

const (
	connectTimeout  = 10 * time.Second // of TCP, and then of TLS
	responseTimeout = 15 * time.Second // until the headers arrive
	maxHeaderBytes  = 64 << 10
)

// The errors of a link that is refused.
var (
	ErrNotHTTPS = errors.New("the link is not https")
	ErrAddress  = errors.New("the link leads to an address that is not on the internet")
	ErrRedirect = errors.New("the link redirects")
	ErrTooLarge = errors.New("the file is too large")
)

// A StatusError is an HTTP status other than 200: mostly 403, of a pre-signed link
// that has expired.
type StatusError struct{ Code int }

func (e *StatusError) Error() string { return fmt.Sprintf("HTTP status %d", e.Code) }

// A Client fetches links. Make one with [New]; it is safe for concurrent use.
type Client struct{ http *http.Client }

// New returns a client that connects to public addresses only, checked after names
// are resolved. It uses no proxy, which would hide where it connects.
func New() *Client { return resolving(net.DefaultResolver) }

func resolving(names *net.Resolver) *Client {
	dialer := &net.Dialer{Timeout: connectTimeout, Control: refuseInternal, Resolver: names}
	return NewWithTransport(&http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    connectTimeout,
		ResponseHeaderTimeout:  responseTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
		DisableKeepAlives:      true, // links are fetched once
	})
}

// NewWithTransport returns a client over another transport, which decides itself
// where it connects: that of a simulated account, for one. All other rules hold.
func NewWithTransport(transport http.RoundTripper) *Client {
	return &Client{&http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Open returns the file that link points to. Reading more than limit bytes of it
// fails with [ErrTooLarge], so that a part is never taken for the whole. Errors do not
// hold the link, which is a secret. The caller closes what is returned.
func (c *Client) Open(ctx context.Context, link string, limit int64) (io.ReadCloser, error) {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, ErrNotHTTPS
	}
	req := (&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{
		// As it is stored: a few compressed bytes can expand to very many.
		"Accept-Encoding": {"identity"},
	}}).WithContext(ctx)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, withoutLink(err)
	}
	if err := checkResponse(resp, limit); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return &limitedReader{resp.Body, limit}, nil
}

func checkResponse(resp *http.Response, limit int64) error {
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return ErrRedirect
	case resp.StatusCode != http.StatusOK:
		return &StatusError{resp.StatusCode}
	case resp.ContentLength > limit:
		return ErrTooLarge
	}
	return nil
}

// withoutLink removes the address from an error of net/http.
func withoutLink(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// limitedReader fails with ErrTooLarge when it has read more than left bytes.
type limitedReader struct {
	io.ReadCloser

	left int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1] // one more shows that there is more
	}
	n, err := l.ReadCloser.Read(p)
	l.left -= int64(n)
	if l.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}

// refuseInternal is called when the address is known and nothing has been sent yet,
// so a name that resolves to another address the second time gains nothing.
func refuseInternal(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !IsPublic(to.Addr()) {
		return ErrAddress
	}
	return nil
}

// IsPublic reports whether a service on the internet can have the address: it is not
// loopback, private, link-local (clouds serve secrets to their machines there),
// shared, multicast or reserved, and embeds no IPv4 address that may be.
func IsPublic(ip netip.Addr) bool {
	ip = ip.WithZone("").Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	// The only part of IPv6 that is assigned.
	if ip.Is6() && !netip.MustParsePrefix("2000::/3").Contains(ip) {
		return false
	}
	return !slices.ContainsFunc(reserved(), func(block string) bool { return netip.MustParsePrefix(block).Contains(ip) })
}

// reserved are the blocks that netip counts as public, but no service has.
func reserved() []string {
	return []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", // tunnels into IPv4 among them
	}
}
