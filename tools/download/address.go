package download

import (
	"net/netip"
	"slices"
	"syscall"
)

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
