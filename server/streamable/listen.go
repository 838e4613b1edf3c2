package streamable

import (
	"errors"
	"fmt"
	"net"
)

// CheckListen refuses an address beyond loopback unless TLS is on, by files or
// by a proxy in front: keys would travel in the clear. A host name other than
// localhost counts as beyond loopback, and so does none (every interface).
func CheckListen(addr string, cfg Config) error {
	if (cfg.CertFile == "") != (cfg.KeyFile == "") {
		return errors.New("TLS needs a certificate file and a key file: give both")
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("listen address: %w", err)
	}
	if isLoopbackName(host) || cfg.CertFile != "" || cfg.BehindTLSProxy {
		return nil
	}
	return fmt.Errorf("listening on %s would send API keys unencrypted: give a TLS certificate and key, "+
		"or say that a TLS proxy is in front, or listen on 127.0.0.1", addr)
}
