package cli

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// version says which program this is, and where it is.
func (c *checker) version(context.Context) []result {
	found := fmt.Sprintf("%s for %s/%s", c.sys.program.Version, runtime.GOOS, runtime.GOARCH)
	path, err := c.sys.executable()
	switch {
	case err != nil:
		return warn("version", found, "The program's path is unknown: "+err.Error())
	case isTemporary(path):
		return ok("version", found+", a temporary program of Go: build a permanent one before you install it for a client")
	}
	return ok("version", found+", "+path)
}

// isTemporary reports whether Go will delete the program at path.
func isTemporary(path string) bool { return strings.Contains(path, "go-build") }

// proxies shows which proxies the environment names, without user and password.
func (c *checker) proxies(context.Context) []result {
	var set []string
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"} {
		if c.sys.getenv(name) == "" {
			name = strings.ToLower(name)
		}
		value := c.sys.getenv(name)
		if value == "" {
			continue
		}
		if !strings.EqualFold(name, "NO_PROXY") {
			if value = proxyHost(value); value == "" {
				return failed("proxy", name+" is set, and is no address of a proxy", "Set it to an address such as http://proxy.example.com:3128, or unset it.")
			}
		}
		set = append(set, name+"="+value)
	}
	return ok("proxy", cmp.Or(strings.Join(set, ", "), "none"))
}

// proxyHost is the address of a proxy without user and password, "" if it is none. As
// in net/http, an address without a scheme is one of HTTP.
func proxyHost(value string) string {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return u.Scheme + "://" + u.Host
	}
	return ""
}

// certificates shows which certificates this machine trusts, if the environment
// changes that.
func (c *checker) certificates(context.Context) []result {
	file, folders := c.sys.getenv("SSL_CERT_FILE"), c.sys.getenv("SSL_CERT_DIR")
	switch {
	case file == "" && folders == "":
		return ok("trust", "the system's certificates")
	case runtime.GOOS == "windows" || runtime.GOOS == "darwin":
		return warn("trust", "the system's certificates: SSL_CERT_FILE and SSL_CERT_DIR change nothing on this system", "Add the certificate to the system's.")
	}
	inFolders := 0
	for _, folder := range filepath.SplitList(folders) {
		entries, _ := os.ReadDir(folder)
		for _, entry := range entries {
			inFolders += certificatesIn(filepath.Join(folder, entry.Name()))
		}
	}
	values, counts := []string{file, folders}, []int{certificatesIn(file), inFolders}
	var set []string
	for n, name := range []string{"SSL_CERT_FILE", "SSL_CERT_DIR"} {
		switch {
		case values[n] == "":
		case counts[n] == 0:
			return warn("trust", name+" names "+values[n]+", which holds no certificate", "Correct the variable, or unset it to trust the system's certificates.")
		default:
			set = append(set, fmt.Sprintf("%s=%s with %d certificates", name, values[n], counts[n]))
		}
	}
	return ok("trust", strings.Join(set, ", "))
}

// certificatesIn counts the certificates of a PEM file; 0 if it cannot be read.
func certificatesIn(path string) (n int) {
	text, _ := os.ReadFile(path)
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if _, err := x509.ParseCertificate(block.Bytes); block.Type == "CERTIFICATE" && err == nil {
			n++
		}
	}
	return n
}
