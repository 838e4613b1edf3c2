package cli

import (
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

// version tells which program this is, and where it is.
func (x *examination) version(context.Context) []finding {
	found := fmt.Sprintf("%s for %s/%s", x.sys.program.Version, runtime.GOOS, runtime.GOARCH)
	path, err := x.sys.executable()
	switch {
	case err != nil:
		return warn("version", found, "Where the program is cannot be told: "+err.Error())
	case isTemporary(path):
		return ok("version", found+", a temporary program of Go: build one to stay before you install it for a client")
	}
	return ok("version", found+", "+path)
}

// isTemporary reports whether Go will delete the program at path.
func isTemporary(path string) bool { return strings.Contains(path, "go-build") }

// proxies tells which the environment names, without what may stand before an @.
func (x *examination) proxies(context.Context) []finding {
	var set []string
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"} {
		variable, value := name, x.sys.getenv(name)
		if value == "" {
			variable = strings.ToLower(name)
			value = x.sys.getenv(variable)
		}
		if value == "" {
			continue
		}
		shown, good := value, true
		if name != "NO_PROXY" {
			shown, good = proxyHost(value)
		}
		if !good {
			return failed("proxy", variable+" is set, and is no address of a proxy", "Set it to an address such as http://proxy.example.com:3128, or take it away.")
		}
		set = append(set, variable+"="+shown)
	}
	if len(set) == 0 {
		return ok("proxy", "none")
	}
	return ok("proxy", strings.Join(set, ", "))
}

// proxyHost is the address of a proxy without user and password. As net/http
// does, it takes an address without a scheme for one of HTTP.
func proxyHost(value string) (string, bool) {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" {
		return "", false
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return u.Scheme + "://" + u.Host, true
	}
	return "", false
}

// certificates tells whom this machine trusts, where the environment says so.
func (x *examination) certificates(context.Context) []finding {
	const todo = "Correct the variable, or take it away: then the system's certificates are trusted."
	file, folders := x.sys.getenv("SSL_CERT_FILE"), x.sys.getenv("SSL_CERT_DIR")
	switch {
	case file == "" && folders == "":
		return ok("trust", "the system's certificates")
	case runtime.GOOS == "windows" || runtime.GOOS == "darwin":
		return warn("trust", "the system's certificates: SSL_CERT_FILE and SSL_CERT_DIR change nothing on this system", "Add the certificate to the system's.")
	}
	var set []string
	if file != "" {
		n, err := certificatesIn(file)
		if err != nil || n == 0 {
			return warn("trust", "SSL_CERT_FILE names "+file+", in which there is no certificate", todo)
		}
		set = append(set, fmt.Sprintf("SSL_CERT_FILE=%s with %d certificates", file, n))
	}
	if folders != "" {
		n := 0
		for _, folder := range filepath.SplitList(folders) {
			n += certificatesBelow(folder)
		}
		if n == 0 {
			return warn("trust", "SSL_CERT_DIR names "+folders+", in which there is no certificate", todo)
		}
		set = append(set, fmt.Sprintf("SSL_CERT_DIR=%s with %d certificates", folders, n))
	}
	return ok("trust", strings.Join(set, ", "))
}

// certificatesIn counts the certificates of a PEM file.
func certificatesIn(path string) (n int, err error) {
	rest, err := os.ReadFile(path)
	for block, rest := pem.Decode(rest); block != nil; block, rest = pem.Decode(rest) {
		if _, err := x509.ParseCertificate(block.Bytes); block.Type == "CERTIFICATE" && err == nil {
			n++
		}
	}
	return n, err
}

// certificatesBelow counts the certificates of the files in a folder.
func certificatesBelow(folder string) (n int) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		if found, err := certificatesIn(filepath.Join(folder, entry.Name())); err == nil {
			n += found
		}
	}
	return n
}
