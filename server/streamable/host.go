package streamable

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// hostSet holds allowed names in lower case, without port and brackets.
type hostSet map[string]bool

// parseHosts refuses what no Host header can match, such as a URL.
func parseHosts(names []string) (hostSet, error) {
	hosts := make(hostSet, len(names))
	for _, name := range names {
		host := strings.ToLower(strings.Trim(name, "[]"))
		_, err := netip.ParseAddr(host)
		if host == "" || (err != nil && strings.ContainsAny(host, ":/@*? ")) {
			return nil, fmt.Errorf("allowed host %q: give a name without scheme, port and path", name)
		}
		hosts[host] = true
	}
	return hosts, nil
}

// checkHost keeps out pages that point a name of theirs at this machine (DNS
// rebinding): to the browser they are same-origin, only Host gives them away.
func checkHost(hosts hostSet) middleware {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		host := hostname(r.Host)
		allowed := hosts[host] || len(hosts) == 0
		if overLoopback(r) {
			allowed = hosts[host] || isLoopbackName(host)
		}
		if !allowed {
			refuse(w, nil, http.StatusForbidden, errHost)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// hostname is the lower-case host of "host:port", "[::1]:port" or "host".
func hostname(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	return strings.ToLower(host)
}

func isLoopbackName(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// overLoopback says whether the request reached this machine from itself. What
// is no TCP connection is local too; forwarding headers are not believed.
func overLoopback(r *http.Request) bool {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return !ok || addr.IP.IsLoopback()
}
