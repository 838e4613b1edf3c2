package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// reserved are the characters that RFC 6570 encodes in a value. encodeURIComponent
// leaves some of them as they are, and a URI written by hand all of them.
const reserved = "!$&'()*+,;=:@"

// encodeURI makes mcp-go, which matches only what is encoded as in RFC 6570, find a
// resource however the client encodes its URI.
func (cfg Config) encodeURI(_ context.Context, _ any, request *mcp.ReadResourceRequest) {
	if encoded := encodeReserved(request.Params.URI); !cfg.matches(request.Params.URI) && cfg.matches(encoded) {
		request.Params.URI = encoded
	}
}

func (cfg Config) matches(uri string) bool {
	for _, r := range cfg.Resources {
		if r.Template.URITemplate.Regexp().MatchString(uri) {
			return true
		}
	}
	return false
}

// encodeReserved encodes the reserved characters behind the scheme.
func encodeReserved(uri string) string {
	scheme, rest, _ := strings.Cut(uri, "://")
	encoded := []byte(scheme + "://")
	for _, b := range []byte(rest) {
		if strings.IndexByte(reserved, b) >= 0 {
			encoded = fmt.Appendf(encoded, "%%%02X", b)
		} else {
			encoded = append(encoded, b)
		}
	}
	return string(encoded)
}
