package download_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/browseract/browseract-mcp/tools/download"
)

// A store serves files over https and counts requests.
type store struct {
	*httptest.Server

	requests atomic.Int64
	last     atomic.Pointer[http.Request]
}

func newStore(t *testing.T, handle http.HandlerFunc) *store {
	t.Helper()
	s := &store{}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		s.last.Store(r)
		handle(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// client reaches the store, which is on loopback: every rule but that for addresses.
func (s *store) client() *download.Client { return download.NewWithTransport(s.Client().Transport) }

const secret = "X-Amz-Signature=canary"

func fetch(c *download.Client, link string, limit int64) ([]byte, error) {
	body, err := c.Open(context.Background(), link, limit)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

func TestFileIsFetchedAsItIs(t *testing.T) {
	t.Parallel()
	want := bytes.Repeat([]byte{0, 1, 2, 0xff}, 10_000)
	s := newStore(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(want) })
	got, err := fetch(s.client(), s.URL+"/a?"+secret, download.MaxBytes)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %d bytes and %v", len(got), err)
	}
}

func TestNothingOfTheCallerIsSent(t *testing.T) {
	t.Parallel()
	s := newStore(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("x")) })
	if _, err := fetch(s.client(), s.URL+"/a", 10); err != nil {
		t.Fatal(err)
	}
	sent := s.last.Load().Header
	for _, header := range []string{"Authorization", "Cookie", "Referer", "Proxy-Authorization"} {
		if sent.Get(header) != "" {
			t.Errorf("%s was sent", header)
		}
	}
	if got := sent.Get("Accept-Encoding"); got != "identity" {
		t.Errorf("asked for the encoding %q", got)
	}
}

func TestOnlyHTTPSIsFetched(t *testing.T) {
	t.Parallel()
	s := newStore(t, func(http.ResponseWriter, *http.Request) {})
	host := strings.TrimPrefix(s.URL, "https://")
	for _, link := range []string{
		"", "a", "/etc/passwd", "file:///etc/passwd", "http://" + host, "ftp://" + host, "https:///a", "https:a",
		"https://user:password@" + host, "HTTPS\n://" + host, "javascript:alert(1)", "data:text/plain,x",
	} {
		if _, err := fetch(s.client(), link, 10); !errors.Is(err, download.ErrNotHTTPS) {
			t.Errorf("%q: got %v", link, err)
		}
	}
	if n := s.requests.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 304, 307, 308} {
		s := newStore(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})
		if _, err := fetch(s.client(), s.URL, 10); !errors.Is(err, download.ErrRedirect) {
			t.Errorf("%d: got %v", status, err)
		}
		if n := s.requests.Load(); n != 1 {
			t.Errorf("%d: %d requests", status, n)
		}
	}
}

func TestOtherStatusesAreErrors(t *testing.T) {
	t.Parallel()
	for _, status := range []int{201, 204, 206, 403, 404, 500} {
		s := newStore(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		_, err := fetch(s.client(), s.URL, 10)
		if got, ok := errors.AsType[*download.StatusError](err); !ok || got.Code != status {
			t.Errorf("%d: got %v", status, err)
		}
	}
}

func TestNoMoreThanTheLimitIsFetched(t *testing.T) {
	t.Parallel()
	for name, announced := range map[string]bool{"announced": true, "in chunks": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t, func(w http.ResponseWriter, _ *http.Request) {
				if announced {
					w.Header().Set("Content-Length", "11")
				}
				_, _ = w.Write([]byte("0123456789"))
				if !announced {
					w.(http.Flusher).Flush()
				}
				_, _ = w.Write([]byte("a"))
			})
			if _, err := fetch(s.client(), s.URL, 10); !errors.Is(err, download.ErrTooLarge) {
				t.Errorf("11 bytes with a limit of 10: %v", err)
			}
			if got, err := fetch(s.client(), s.URL, 11); err != nil || len(got) != 11 {
				t.Errorf("11 bytes with a limit of 11: %q, %v", got, err)
			}
		})
	}
}

func TestCompressedAnswerIsNotUnpacked(t *testing.T) {
	t.Parallel()
	s := newStore(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte("\x1f\x8b not unpacked"))
	})
	if got, err := fetch(s.client(), s.URL, 100); err != nil || !strings.HasPrefix(string(got), "\x1f\x8b") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestErrorsDoNotHoldTheLink(t *testing.T) {
	t.Parallel()
	s := newStore(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	for _, c := range []*download.Client{s.client(), download.New()} {
		_, err := fetch(c, s.URL+"/a?"+secret, 10)
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("got %v", err)
		}
	}
}

// TestAddressIsCheckedWhenItIsConnectedTo has a real listener behind each name, which
// must never receive a request.
func TestAddressIsCheckedWhenItIsConnectedTo(t *testing.T) {
	t.Parallel()
	s := newStore(t, func(http.ResponseWriter, *http.Request) {})
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "10.0.0.1", "[fe80::1%25lo]"} {
		if _, err := fetch(download.New(), "https://"+host+":"+port, 10); !errors.Is(err, download.ErrAddress) {
			t.Errorf("%s: got %v", host, err)
		}
	}
	if n := s.requests.Load(); n != 0 {
		t.Errorf("%d requests came through", n)
	}
}

// TestNameThatChangesItsAddressGainsNothing is DNS rebinding: the first look-up returns
// a public address, the second one would connect to this machine.
func TestNameThatChangesItsAddressGainsNothing(t *testing.T) {
	t.Parallel()
	s := newStore(t, func(http.ResponseWriter, *http.Request) {})
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	names := &nameServer{answers: []netip.Addr{netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("127.0.0.1")}}
	first, err := names.resolver().LookupNetIP(t.Context(), "ip4", "rebind.test.")
	if err != nil || len(first) != 1 || !download.IsPublic(first[0]) {
		t.Fatalf("the first look-up returns %v, %v", first, err)
	}
	_, err = fetch(download.Resolving(names.resolver()), "https://rebind.test.:"+port, 10)
	if !errors.Is(err, download.ErrAddress) {
		t.Errorf("got %v", err)
	}
	if n := s.requests.Load(); n != 0 {
		t.Errorf("%d requests came through", n)
	}
}

// A nameServer answers questions for an IPv4 address in turn, the last for ever.
type nameServer struct {
	answers []netip.Addr
	asked   atomic.Int64
}

func (n *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go n.serve(server) // ends with the connection
		return client, nil
	}}
}

// serve answers one question in the form that DNS has over TCP.
func (n *nameServer) serve(conn net.Conn) {
	defer conn.Close()
	head := make([]byte, 2)
	if _, err := io.ReadFull(conn, head); err != nil {
		return
	}
	query := make([]byte, int(head[0])<<8|int(head[1]))
	if _, err := io.ReadFull(conn, query); err != nil {
		return
	}
	end := 12 + bytes.IndexByte(query[12:], 0) + 5 // of the question
	reply := append([]byte{}, query[:end]...)
	copy(reply[2:12], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
	if query[end-3] == 1 { // asks for an IPv4 address
		reply[7] = 1
		at := min(int(n.asked.Add(1)), len(n.answers)) - 1
		reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
		reply = append(reply, n.answers[at].AsSlice()...)
	}
	_, _ = conn.Write(append([]byte{byte(len(reply) >> 8), byte(len(reply))}, reply...))
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "172.32.0.1": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true,

		"127.0.0.1": false, "127.255.255.254": false, "::1": false, "::ffff:127.0.0.1": false, "::127.0.0.1": false,
		"10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "fc00::1": false, "fd12::1": false, "::ffff:10.0.0.1": false,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fec0::1": false,
		"0.0.0.0": false, "0.1.2.3": false, "::": false, "255.255.255.255": false, "224.0.0.1": false, "ff02::1": false, "240.0.0.1": false,
		"100.64.0.1": false, "192.0.0.1": false, "198.18.0.1": false, "192.0.2.1": false, "198.51.100.1": false, "203.0.113.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b:1::1": false, "2002:7f00:1::": false, "2001:0:7f00:1::": false, "2001:db8::1": false, "3fff::1": false,
	} {
		if got := download.IsPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %t", address, got)
		}
	}
}
